"""How much may be left to the machine: the precision of the surest rows, and how many reach a wanted precision.

Selective classification after El-Yaniv and Wiener 2010: the rows are taken from the surest down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["CoverageScore", "Point", "coverage_at", "curve", "score_coverage"]

WANTED = 0.95


@dataclass(frozen=True, slots=True)
class Point:
    """The rows at or above ``threshold``: their share of all rows, and the share of them that is right."""

    threshold: float
    coverage: float
    precision: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverageScore:
    """How far the category, business and reason both right, may be left to the machine.

    Attributes:
        rule: how the category's confidence follows from the two: ``product``, or ``smaller`` of them.
        rows: how many complaints were scored.
        precision: the share of all of them that is right.
        at_wanted: the largest coverage at 95% precision; 0 where no threshold reaches it.
        threshold: the confidence from which on that holds, or None.
        points: the curve, one point for each confidence that occurs.
    """

    rule: str
    rows: int
    precision: float
    at_wanted: float
    threshold: float | None
    points: tuple[Point, ...]


def curve(confidence: Sequence[float], right: Sequence[bool]) -> tuple[Point, ...]:
    """Return a point for each confidence that occurs, from the surest down.

    Rows of equal confidence cannot be told apart by a threshold: they enter together.
    """
    sure, hit = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    order = np.argsort(-sure, kind="stable")
    sure, hit = sure[order], hit[order]
    last = np.append(np.flatnonzero(np.diff(sure)), len(sure) - 1)
    precision = np.cumsum(hit)[last] / (last + 1)
    return tuple(
        Point(float(sure[place]), float((place + 1) / len(sure)), float(share))
        for place, share in zip(last, precision, strict=True)
    )


def coverage_at(points: Sequence[Point], wanted: float = WANTED) -> Point | None:
    """Return the point of the largest coverage whose precision is at least ``wanted``, in [0, 1]."""
    reached = [point for point in points if point.precision >= wanted]
    return max(reached, key=lambda point: point.coverage, default=None)


def score_coverage(
    business: Sequence[float], reason: Sequence[float], right: Sequence[bool], *, rule: str
) -> CoverageScore:
    """Score the category.

    Args:
        business: its confidences, in [0, 1]; at least one.
        reason: its confidences, as many.
        right: whether both labels are right, as many.
        rule: ``product`` or ``smaller``.
    """
    join = {"product": np.multiply, "smaller": np.minimum}[rule]
    points = curve(join(business, reason).tolist(), right)
    best = coverage_at(points)
    return CoverageScore(
        rule=rule,
        rows=len(right),
        precision=float(np.mean(right)),
        at_wanted=best.coverage if best else 0.0,
        threshold=best.threshold if best else None,
        points=points,
    )
