"""python -m triage.training.build_model ENCODER --public FOLDER --out DIR: the embedded model, from encoder to folder.

Two stages. The first reads public reviews and posts for their sentiment, with the corpus beside them, once; the second
the corpus many times, with a few reviews beside it so that sentiment is not forgotten, and knows that it will run in 8
bits. Then the folder is written, its probabilities are calibrated on the corpus splits `validation` and `calibration`
as the folder itself computes them, and it is written again. --start skips the first stage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from safetensors.torch import load_file, save_file
from transformers import BertModel

from triage.config import Config, load
from triage.model import load as load_model
from triage.model.spec import ModelSpec
from triage.training.corpus_rows import Split, read_corpus
from triage.training.labelled import Labelled
from triage.training.learn.augment import drowned
from triage.training.learn.calibrate import calibrate
from triage.training.learn.examples import Example
from triage.training.learn.export import export
from triage.training.learn.fit import Progress, fit
from triage.training.learn.network import Network
from triage.training.learn.quantised import rounded
from triage.training.learn.recipe import Recipe
from triage.training.learn.rows import Encoded, heads_of
from triage.training.script import run
from triage.training.sentiment_data import SentimentRow, part, read_sentiment

__all__ = ["main"]

WEIGHTS = {"reason": 1.2, "channel": 0.5, "complexity": 0.3, "demands": 0.3, "flags": 0.5, "sentiment": 1.5}
FIRST = Recipe(epochs=1, rate=2e-4, decay_by_layer=0.92, dropout=0.0, weights={**WEIGHTS, "sentiment": 1.0})
SECOND = Recipe(epochs=8, rate=2e-4, decay_by_layer=0.9, dropout=0.1, masking=0.1, smoothing=0.1, weights=WEIGHTS)
REVIEW_TOKENS = 160
REVIEWS_OF_A_SET = 30_000
REVIEWS_BESIDE = 2_000
DROWNED = 0.15
"""Share of the complaints that stand inside other talk."""
CALIBRATION_SPLITS: tuple[Split, ...] = ("validation", "calibration")


def network_of(encoder: Path, config: Config, *, dropout: float) -> Network:
    """Return the network at its start."""
    bert = BertModel.from_pretrained(
        encoder,
        add_pooling_layer=False,
        # Faster than the fused kernel for short texts and small heads on a processor.
        attn_implementation="eager",
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    return Network(bert, heads_of(config), dropout=0.1)


def first_stage(network: Network, reviews: list[Example], corpus: list[Example]) -> None:
    """Learn sentiment from everything, and the other facets a little."""
    fit(network, lambda _: [*reviews, *corpus, *corpus], FIRST, progress=_told)


def second_stage(network: Network, reviews: list[Example], corpus: list[Example], recipe: Recipe) -> None:
    """Learn all facets."""

    def examples(epoch: int) -> list[Example]:
        random = Random(epoch)
        beside = random.sample(reviews, min(REVIEWS_BESIDE, len(reviews)))
        return [*(drowned(own, reviews, random) if random.random() < DROWNED else own for own in corpus), *beside]

    with rounded(network):
        fit(network, examples, recipe, progress=_told)


def write(network: Network, encoder: Path, rows: Sequence[Labelled], config: Config, out: Path) -> None:
    """Write the folder, calibrated on the rows."""
    heads = network.layout.heads
    spec = ModelSpec(
        version=f"{date.today():%Y.%m.%d}",
        heads=heads,
        taxonomy_version=config.taxonomy_version,
        about={"encoder": "multilingual-e5-small, 8 layers, trimmed vocabulary", "script": "training/build_model.py"},
    )
    tokenizer = (encoder / "tokenizer.json").read_text(encoding="utf-8")
    export(network, spec, tokenizer=tokenizer, out=out)
    encoded = Encoded(config, encoder / "tokenizer.json", heads)
    texts = [row.text for row in rows]
    logits = load_model(out).logits(encoded.texts(texts))
    calibration = calibrate(logits, encoded.labelled(rows), network.layout, spoken=encoded.spoken(texts))
    export(network, spec.with_calibration(calibration), tokenizer=tokenizer, out=out)


def _few_of_each(rows: list[SentimentRow], most: int) -> list[SentimentRow]:
    """Return the rows to learn from: no text twice, and at most so many of each set."""
    unique = list({row.text: row for row in rows if part(row.text) == "train"}.values())
    Random(5).shuffle(unique)
    kept: dict[str, list[SentimentRow]] = {}
    for row in unique:
        kept.setdefault(row.set, []).append(row)
    return [row for own in kept.values() for row in own[:most]]


def _told(progress: Progress) -> None:
    if progress.step % 50 == 0:
        print(f"{progress.step}/{progress.total} {progress.loss:.3f} {progress.seconds:.0f} s", flush=True)


def main(argv: list[str] | None = None) -> int:
    """Build the model."""
    parser = argparse.ArgumentParser(prog="python -m triage.training.build_model", description=__doc__.splitlines()[0])
    parser.add_argument("encoder", type=Path, help="what `python -m triage.training.encoder` wrote")
    parser.add_argument("--public", type=Path, required=True, help="folder of sentiment_*.csv.gz")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    parser.add_argument("--start", type=Path, help="weights after the first stage (safetensors); made anew otherwise")
    parser.add_argument("--keep", type=Path, help="folder for the weights after each stage")
    parser.add_argument("--minutes", type=float, help="of the second stage, at most")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    config = load()
    encoded = Encoded(config, asked.encoder / "tokenizer.json", heads_of(config))
    corpus = encoded.labelled(list(read_corpus(splits=("train",))))
    reviews = encoded.moods(_few_of_each(read_sentiment(asked.public), REVIEWS_OF_A_SET), most=REVIEW_TOKENS)
    network = network_of(asked.encoder, config, dropout=SECOND.dropout)
    if asked.start:
        network.load_state_dict(load_file(asked.start))
    else:
        first_stage(network, reviews, corpus)
        _keep(network, asked.keep, "first")
    second_stage(network, reviews, corpus, replace(SECOND, seed=asked.seed, minutes=asked.minutes))
    _keep(network, asked.keep, "second")
    network.eval()
    write(network, asked.encoder, list(read_corpus(splits=CALIBRATION_SPLITS)), config, asked.out)
    print(f"{asked.out}: written")
    return 0


def _keep(network: Network, folder: Path | None, name: str) -> None:
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(
            {key: value.contiguous() for key, value in network.state_dict().items()}, folder / f"{name}.safetensors"
        )


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
