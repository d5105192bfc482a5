"""Single-label facets: accuracy, macro-F1, each class, and which classes are taken for each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from sklearn.metrics import precision_recall_fscore_support

__all__ = ["ClassScore", "Confused", "FacetScore", "score_facet", "weighted_kappa"]

SHOWN = 3
"""Ids that a confused pair shows."""


@dataclass(frozen=True, slots=True)
class ClassScore:
    """How one label does; precision, recall and F1 in [0, 1], 0 where nothing was said or nothing is right."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class Confused:
    """Rows whose right label is ``right`` and that were called ``said``, the first ids among them."""

    right: str
    said: str
    count: int
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetScore:
    """How a single-label facet does.

    Attributes:
        facet: its name.
        rows: how many complaints were scored.
        accuracy: the share that is right.
        macro_f1: the mean F1 of the labels that are right somewhere; a label that never is has no F1 to count.
        classes: one entry for each label that is right or was said somewhere, in the order of the taxonomy.
        labels: the names of the rows and columns of ``confusion``.
        confusion: counts; a row for the right label, a column for the one that was said.
        confused: the pairs of different labels, the most frequent first.
    """

    facet: str
    rows: int
    accuracy: float
    macro_f1: float
    classes: tuple[ClassScore, ...]
    labels: tuple[str, ...]
    confusion: tuple[tuple[int, ...], ...]
    confused: tuple[Confused, ...]


def score_facet(
    facet: str, right: Sequence[str], said: Sequence[str], *, ids: Sequence[str], order: Sequence[str]
) -> FacetScore:
    """Score a single-label facet.

    Args:
        facet: its name.
        right: the right labels, at least one.
        said: the labels that were said, as many.
        ids: the names of the rows, as many.
        order: the labels of the taxonomy; others that occur stand after them.
    """
    occurring = {*right, *said}
    labels = [label for label in order if label in occurring]
    labels += sorted(occurring - set(labels))
    parts = precision_recall_fscore_support(right, said, labels=labels, zero_division=0)
    classes = tuple(
        ClassScore(label, float(p), float(r), float(f), int(n))
        for label, p, r, f, n in zip(labels, *parts, strict=True)
    )
    return FacetScore(
        facet=facet,
        rows=len(right),
        accuracy=float(np.mean([a == b for a, b in zip(right, said, strict=True)])),
        macro_f1=float(np.mean([one.f1 for one in classes if one.support])),
        classes=classes,
        labels=tuple(labels),
        confusion=_confusion(right, said, labels),
        confused=_confused(right, said, ids),
    )


def _confusion(right: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> tuple[tuple[int, ...], ...]:
    # scikit-learn warns where a single label occurs, which is no fault here.
    places = {label: place for place, label in enumerate(labels)}
    counts = np.zeros((len(labels), len(labels)), dtype=int)
    np.add.at(counts, ([places[label] for label in right], [places[label] for label in said]), 1)
    return tuple(tuple(line) for line in counts.tolist())


def _confused(right: Sequence[str], said: Sequence[str], ids: Sequence[str]) -> tuple[Confused, ...]:
    pairs: dict[tuple[str, str], list[str]] = {}
    for one, other, name in zip(right, said, ids, strict=True):
        if one != other:
            pairs.setdefault((one, other), []).append(name)
    found = [Confused(one, other, len(names), tuple(names[:SHOWN])) for (one, other), names in pairs.items()]
    return tuple(sorted(found, key=lambda pair: (-pair.count, pair.right, pair.said)))


def weighted_kappa(right: npt.ArrayLike, said: npt.ArrayLike) -> float | None:
    """Return Cohen's kappa with quadratic weights (Cohen 1968), at most 1; None where both sides never vary.

    Args:
        right: shape (rows,), the places of the right labels in their order.
        said: shape (rows,), the places of those that were said.
    """
    one, other = np.asarray(right, dtype=float), np.asarray(said, dtype=float)
    # The expected squared distance of two independent draws, without a matrix of all pairs.
    chance = one.var() + other.var() + (one.mean() - other.mean()) ** 2
    return float(1 - np.mean((one - other) ** 2) / chance) if chance else None
