"""python -m triage.training.evaluate_evidence FILE …: does what the model shows as evidence carry its labels?

In the manner of ERASER (DeYoung et al., ACL 2020). Comprehensiveness: how far the probability of the label falls when
the evidence is taken out, beside taking out as many characters in as many stretches elsewhere, drawn by chance.
Sufficiency: how far it falls when the evidence alone is left, and how often the label stays.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from triage.config import load as load_config
from triage.model import Model, load
from triage.model.evidence import spans
from triage.model.opinions import Shares
from triage.pipeline import Request
from triage.pipeline.reading import Reader
from triage.training.labelled import read_labelled
from triage.training.script import run

__all__ = ["Faithfulness", "faithfulness", "main"]

FACETS = ("business", "reason", "urgency")
DRAWS = 3

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """Means over the texts that have evidence for the label of a facet.

    Attributes:
        texts: how many.
        share: of a text's characters that is evidence.
        comprehensiveness: fall of the label's probability without the evidence.
        by_chance: the same without as many characters drawn by chance.
        sufficiency: fall of the label's probability with the evidence alone; lower is better.
        kept: share of texts whose label stays with the evidence alone.
    """

    texts: int
    share: float
    comprehensiveness: float
    by_chance: float
    sufficiency: float
    kept: float


def faithfulness(model: Model, texts: Sequence[str], facet: str, *, seed: int = 1) -> Faithfulness:
    """Return how faithful the evidence of a single-label facet is.

    Args:
        model: gives labels and evidence.
        texts: in normal form.
        facet: whose labels.
        seed: of the draws by chance.
    """
    random = Random(seed)
    rows = []
    for text, opinions in zip(texts, model.judge(texts), strict=True):
        label, probability = opinions[facet].ranked[0]
        found = spans(opinions[facet].shares.get(label, Shares()), text)
        if found:
            rows.append((text, label, probability, found))

    def probabilities(changed: Sequence[str]) -> list[float]:
        return [opinions[facet][label] for opinions, (_, label, _, _) in zip(model.judge(changed), rows, strict=True)]

    count = len(rows)
    without = probabilities([_without(text, found) for text, _, _, found in rows])
    chance = [
        probabilities([_without(text, _elsewhere(text, found, random)) for text, _, _, found in rows])
        for _ in range(DRAWS)
    ]
    alone = ["，".join(text[start:end] for start, end in found) for text, _, _, found in rows]
    kept = [opinions[facet].ranked[0][0] for opinions in model.judge(alone)]
    return Faithfulness(
        texts=count,
        share=sum(sum(end - start for start, end in found) / len(text) for text, _, _, found in rows) / count,
        comprehensiveness=sum(row[2] - now for row, now in zip(rows, without, strict=True)) / count,
        by_chance=sum(row[2] - now for draw in chance for row, now in zip(rows, draw, strict=True)) / count / DRAWS,
        sufficiency=sum(row[2] - now for row, now in zip(rows, probabilities(alone), strict=True)) / count,
        kept=sum(row[1] == label for row, label in zip(rows, kept, strict=True)) / count,
    )


def _without(text: str, taken: Sequence[Span]) -> str:
    place, parts = 0, []
    for start, end in sorted(taken):
        parts.append(text[place:start])
        place = max(place, end)
    return "".join((*parts, text[place:]))


def _elsewhere(text: str, found: Sequence[Span], random: Random) -> list[Span]:
    """Return stretches of the same lengths at places drawn by chance; they may touch the evidence."""
    starts = [(random.randint(0, max(0, len(text) - (end - start))), end - start) for start, end in found]
    return [(start, start + length) for start, length in starts]


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m triage.training.evaluate_evidence")
    parser.add_argument("files", type=Path, nargs="+", help="labelled complaints, JSON lines")
    parser.add_argument("--model", type=Path, help="a trained folder; the embedded one otherwise")
    asked = parser.parse_args(argv)
    config, model = load_config(), load(asked.model)
    reader = Reader(config)
    texts = [reader.read(Request(text=row.text)).whole.text for row in read_labelled(asked.files, config)]
    print("| facet | texts | share that is evidence | fall without it | fall without as much elsewhere |", end="")
    print(" fall with it alone | label kept with it alone |\n|---|---|---|---|---|---|---|")
    for facet in FACETS:
        row = faithfulness(model, texts, facet)
        print(
            f"| {facet} | {row.texts} | {row.share:.2f} | {row.comprehensiveness:.3f} | {row.by_chance:.3f} |", end=""
        )
        print(f" {row.sufficiency:.3f} | {row.kept:.3f} |")
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
