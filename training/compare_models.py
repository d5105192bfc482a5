"""python -m triage.training.compare_models DIR … [--files FILE …]: model folders side by side, each model alone.

Prints for each folder, and for the same weights in PyTorch with whole activations, accuracy and negative log-likelihood
of the facets of one label, and micro-F1 of the others, on the corpus splits `validation` and `calibration`, or on FILE.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from triage.config import load as load_config
from triage.model import load
from triage.model.files import TOKENIZER
from triage.training.corpus_rows import read_corpus
from triage.training.labelled import Labelled, read_labelled
from triage.training.learn.examples import Example, collate
from triage.training.learn.losses import head_loss
from triage.training.learn.network import Network
from triage.training.learn.rows import Encoded
from triage.training.learn.thaw import thaw
from triage.training.script import run

__all__ = ["main", "measured", "whole_logits"]

Floats = NDArray[np.float32]


def whole_logits(network: Network, examples: Sequence[Example]) -> Floats:
    """Return the logits of a network in PyTorch, ``[examples, outputs]``."""
    with torch.no_grad():
        rows = [network(collate([example], network.layout.heads))[0].numpy() for example in examples]
    return np.stack(rows)


def measured(network: Network, logits: Floats, examples: Sequence[Example]) -> dict[str, str]:
    """Return what the logits, before calibration, are worth, by facet."""
    batch = collate(examples, network.layout.heads)
    found = {}
    for head in network.layout.heads:
        own, target = torch.from_numpy(logits[:, network.layout[head.facet]]), batch.targets[head.facet]
        if head.kind == "score":
            found[head.facet] = f"{float((torch.tanh(own[:, 0]) - target).abs().mean()):.3f}"
        elif head.kind == "multi":
            said, right = own > 0, target > 0
            found[head.facet] = f"{2 * float((said & right).sum()) / float(said.sum() + right.sum()):.3f}"
        else:
            label = own.argmax(1) if head.kind == "single" else (torch.sigmoid(own).cumprod(1) > 0.5).sum(1)
            accuracy = float((label == target).float().mean())
            found[head.facet] = f"{accuracy:.3f} / {float(head_loss(head, own, target).mean()):.3f}"
    return found


def main(argv: list[str] | None = None) -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m triage.training.compare_models")
    parser.add_argument("folders", type=Path, nargs="+", metavar="DIR", help="model folders")
    parser.add_argument("--files", type=Path, nargs="+", help="labelled complaints, JSON lines")
    asked = parser.parse_args(argv)
    config = load_config()
    rows: list[Labelled] = list(
        read_labelled(asked.files, config) if asked.files else read_corpus(splits=("validation", "calibration"))
    )
    for number, folder in enumerate(asked.folders):
        network, model = thaw(folder), load(folder)
        encoded = Encoded(config, folder / TOKENIZER, network.layout.heads)
        examples = encoded.labelled(rows)
        heads = [head.facet for head in network.layout.heads]
        if not number:
            print(f"{len(rows)} complaints\n\n| model | {' | '.join(heads)} |\n|---|{'---|' * len(heads)}")
        for name, logits in (
            (folder.name, model.logits(encoded.texts(row.text for row in rows))),
            (f"{folder.name}, whole activations", whole_logits(network, examples)),
        ):
            found = measured(network, logits, examples)
            print(f"| {name} | {' | '.join(found[facet] for facet in heads)} |", flush=True)
    return 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
