"""python -m triage.training.agreement: how far a second, blind labelling of the corpus agrees with the first.

A line of ``training/corpus/labels/second.jsonl`` holds the ``id`` of a row and labels of the facets, given by
someone who saw the text alone. Cohen's kappa for single labels (Cohen 1960), quadratically weighted for the ordinal
urgency (Cohen 1968); Krippendorff's alpha over the sets of demands and of flags, with the distance MASI (Passonneau
2006).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import masi_distance
from sklearn.metrics import cohen_kappa_score

from triage.config import load
from triage.errors import InputError
from triage.training.corpus_rows import CORPUS, CorpusRow, labels_of, read_corpus
from triage.training.labelled import label_of
from triage.training.script import run
from triage.training.settle import read_disputes

__all__ = ["agreement", "first_labels", "main", "read_second"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department")
MULTIPLE = ("demands", "flags")
Second = Mapping[str, Any]


def read_second(files: Sequence[Path]) -> dict[str, Second]:
    """Return the second labels by id.

    Raises:
        InputError: an id stands twice.
    """
    found: dict[str, Second] = {}
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            if row["id"] in found:
                raise InputError(f"{file}: {row['id']} was labelled twice already")
            found[row["id"]] = row
    return found


def agreement(rows: Mapping[str, CorpusRow], second: Mapping[str, Second]) -> dict[str, tuple[float, float]]:
    """Return for each facet the share of equal labels, and kappa or alpha."""
    config = load()
    pairs = [(rows[name], rows[name].model_copy(update=_labels(labels))) for name, labels in second.items()]
    found = {}
    for facet in SINGLE:
        one, other = ([label_of(row, facet, config) for row in side] for side in zip(*pairs, strict=True))
        order = labels_of(config, facet)
        weights = "quadratic" if facet == "urgency" else None
        kappa = cohen_kappa_score(one, other, labels=order, weights=weights)
        found[facet] = float(np.mean([a == b for a, b in zip(one, other, strict=True)])), float(kappa)
    for facet in MULTIPLE:
        equal = float(np.mean([set(a.labels(facet)) == set(b.labels(facet)) for a, b in pairs]))
        found[facet] = equal, _alpha(pairs, facet)
    return found


def _labels(second: Second) -> dict[str, Any]:
    single = {name: second[name] for name in SINGLE if name != "department"}
    return single | {name: tuple(second[name]) for name in MULTIPLE}


def _alpha(pairs: Sequence[tuple[CorpusRow, CorpusRow]], facet: str) -> float:
    ratings = [
        (rater, row.id, frozenset(row.labels(facet))) for pair in pairs for rater, row in zip("ab", pair, strict=True)
    ]
    return float(AnnotationTask(ratings, distance=_apart).alpha())


def _apart(one: frozenset[str], other: frozenset[str]) -> float:
    """Return how far two sets of labels are apart, in [0, 1]; two empty sets are the same."""
    return 0.0 if one == other else float(masi_distance(one, other))


def first_labels(folder: Path = CORPUS) -> dict[str, CorpusRow]:
    """Return the rows by id with the labels that they had before disputes were settled."""
    rows = {row.id: row for row in read_corpus(folder)}
    for dispute in read_disputes(folder):
        facet, first = dispute["facet"], tuple(dispute["first"])
        update = {facet: first if facet in MULTIPLE else first[0]}
        rows[dispute["id"]] = rows[dispute["id"]].model_copy(update=update)
    return rows


def main() -> int:
    """Print the table."""
    rows = first_labels()
    second = read_second([CORPUS / "labels" / "second.jsonl"])
    print(f"{len(second)} of {len(rows)} complaints labelled twice ({len(second) / len(rows):.0%})\n")
    print("| facet | equal | kappa / alpha |\n|---|---|---|")
    for facet, (equal, value) in agreement(rows, second).items():
        print(f"| {facet} | {equal:.3f} | {value:.3f} |")
    return 0


if __name__ == "__main__":
    run(main)
