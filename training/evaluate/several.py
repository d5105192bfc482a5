"""Multi-label facets: micro- and macro-F1, and each label."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from triage.training.evaluate.classes import ClassScore

__all__ = ["SeveralScore", "f1", "score_several"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeveralScore:
    """How a multi-label facet does.

    Attributes:
        facet: its name.
        rows: how many complaints were scored.
        micro_f1: F1 over all labels of all rows together; 1 where nothing is right and nothing was said.
        macro_f1: the mean F1 of the labels that are right somewhere, or None where none is.
        exact: the share of rows whose set is right as a whole.
        labels: one entry for each label that is right or was said somewhere, in the order of the taxonomy.
    """

    facet: str
    rows: int
    micro_f1: float
    macro_f1: float | None
    exact: float
    labels: tuple[ClassScore, ...]


def f1(both: float, right: float, said: float) -> float:
    """Return F1 of counts: right ones that were said, right ones, said ones; 1 where there are none at all."""
    return 2 * both / (right + said) if right + said else 1.0


def score_several(
    facet: str, right: Sequence[Set[str]], said: Sequence[Set[str]], *, order: Sequence[str]
) -> SeveralScore:
    """Score a multi-label facet.

    Args:
        facet: its name.
        right: the sets of right labels, at least one set.
        said: the sets that were said, as many.
        order: the labels of the taxonomy.
    """
    pairs = list(zip(right, said, strict=True))
    occurring = set().union(*right, *said)
    names = [name for name in order if name in occurring]
    labels = tuple(_label(name, pairs) for name in names + sorted(occurring - set(names)))
    counts = [(len(one & other), len(one), len(other)) for one, other in pairs]
    known = [label.f1 for label in labels if label.support]
    return SeveralScore(
        facet=facet,
        rows=len(pairs),
        micro_f1=f1(*map(sum, zip(*counts, strict=True))),
        macro_f1=float(np.mean(known)) if known else None,
        exact=float(np.mean([one == other for one, other in pairs])),
        labels=labels,
    )


def _label(name: str, pairs: Sequence[tuple[Set[str], Set[str]]]) -> ClassScore:
    right = sum(name in one for one, _ in pairs)
    said = sum(name in other for _, other in pairs)
    both = sum(name in one and name in other for one, other in pairs)
    precision, recall = both / said if said else 0.0, both / right if right else 0.0
    return ClassScore(name, precision, recall, f1(both, right, said), right)
