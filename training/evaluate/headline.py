"""The figures that are read first, quick enough to be drawn again a thousand times for their intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triage.training.evaluate.answer import MULTIPLE, SINGLE, Case
from triage.training.evaluate.classes import weighted_kappa
from triage.training.evaluate.coverage import coverage_at, curve
from triage.training.evaluate.mood import NEUTRAL
from triage.training.evaluate.several import f1

__all__ = ["TARGETS", "Figures", "Target", "category_confidence"]

Rows = npt.NDArray[np.intp]
Figure = Callable[[Rows], float | None]
CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure should reach: at least ``value``, or at most."""

    value: float
    at_most: bool = False

    def met(self, value: float) -> bool:
        """Return whether ``value`` reaches the target."""
        return value <= self.value if self.at_most else value >= self.value

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.value:.2f}"


TARGETS: Mapping[str, Target] = {
    "business accuracy": Target(0.92),
    "business macro-F1": Target(0.90),
    "reason accuracy": Target(0.85),
    "reason macro-F1": Target(0.82),
    "urgency macro-F1": Target(0.80),
    "critical recall": Target(0.97),
    "lead department accuracy": Target(0.92),
    "sentiment mean absolute error": Target(0.25, at_most=True),
    "sentiment sign accuracy": Target(0.95),
    "flags micro-F1": Target(0.88),
    "demands micro-F1": Target(0.75),
    "category coverage at 95% precision": Target(0.75),
}
"""What the project aims at on complaints that others wrote by the label guide."""


class Figures:
    """The headline figures of some cases, for all of them or for any draw of their rows.

    A figure whose facet nobody judged, or that is not defined for a draw, is left out.

    Args:
        cases: at least one; all with the same facets judged.
        orders: the labels of each facet, as the taxonomy orders them.
    """

    def __init__(self, cases: Sequence[Case], orders: Mapping[str, Sequence[str]]) -> None:
        self._cases, self._orders = cases, orders
        self.rows = len(cases)
        self._figures: dict[str, Figure] = {}
        for facet in SINGLE:
            if all(facet in case.said.single for case in cases):
                self._add_single(facet)
        for facet in MULTIPLE:
            if all(facet in case.said.multiple for case in cases):
                self._add_multiple(facet)
        if all(case.said.sentiment is not None for case in cases):
            self._add_mood()
        if all({"business", "reason"} <= case.said.single.keys() for case in cases):
            self._add_category()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the figures, in the order of the report."""
        return tuple(self._figures)

    def __call__(self, rows: Rows | None = None) -> dict[str, float]:
        """Return the figures by name over ``rows``, places from 0 that may repeat; over all of them by default."""
        drawn = np.arange(self.rows) if rows is None else rows
        found = {name: figure(drawn) for name, figure in self._figures.items()}
        return {name: value for name, value in found.items() if value is not None}

    def _add_single(self, facet: str) -> None:
        right = [case.right.single[facet] for case in self._cases]
        said = [case.said.single[facet] for case in self._cases]
        order = [*self._orders[facet], *sorted({*right, *said} - set(self._orders[facet]))]
        codes = {label: code for code, label in enumerate(order)}
        one, other = (np.array([codes[label] for label in side]) for side in (right, said))
        name = "lead department" if facet == "department" else facet
        self._figures[f"{name} accuracy"] = lambda rows: float(np.mean(one[rows] == other[rows]))
        self._figures[f"{name} macro-F1"] = lambda rows: _macro_f1(one[rows], other[rows], len(order))
        if facet == "urgency":
            place = codes.get(CRITICAL, -1)
            self._figures["critical recall"] = lambda rows: _share(other[rows] == place, of=one[rows] == place)
            self._figures["critical precision"] = lambda rows: _share(one[rows] == place, of=other[rows] == place)
            self._figures["urgency weighted kappa"] = lambda rows: weighted_kappa(one[rows], other[rows])

    def _add_multiple(self, facet: str) -> None:
        pairs = [(case.right.multiple[facet], case.said.multiple[facet]) for case in self._cases]
        counts = np.array([(len(one & other), len(one), len(other)) for one, other in pairs])
        name = "co-departments" if facet == "co" else facet
        self._figures[f"{name} micro-F1"] = lambda rows: float(f1(*counts[rows].sum(0)))

    def _add_mood(self) -> None:
        right = np.array([case.right.sentiment for case in self._cases], dtype=float)
        said = np.array([case.said.sentiment for case in self._cases], dtype=float)
        same, signed = np.sign(right) == np.sign(said), np.abs(right) >= NEUTRAL
        self._figures["sentiment mean absolute error"] = lambda rows: float(np.abs(right - said)[rows].mean())
        self._figures["sentiment sign accuracy"] = lambda rows: _share(same[rows], of=signed[rows])

    def _add_category(self) -> None:
        facets = ("business", "reason")
        hit = np.array([all(c.right.single[f] == c.said.single[f] for f in facets) for c in self._cases])
        self._figures["category accuracy"] = lambda rows: float(hit[rows].mean())
        both = category_confidence(self._cases)
        if both is not None:
            sure = both.prod(axis=1)
            self._figures["category coverage at 95% precision"] = lambda rows: _coverage(sure[rows], hit[rows])
        if all("whole" in case.said.decisions for case in self._cases):
            review = np.array([case.said.decisions["whole"] == "review" for case in self._cases])
            self._figures["review share"] = lambda rows: float(review[rows].mean())


def category_confidence(cases: Sequence[Case]) -> npt.NDArray[np.float64] | None:
    """Return the confidences of business and reason, shape (rows, 2); None where no row carries both.

    A row that lacks one, because it fell back on rules say, counts as not sure at all.
    """
    facets = ("business", "reason")
    if not any(set(facets) <= case.said.confidence.keys() for case in cases):
        return None
    return np.array([[case.said.confidence.get(facet, 0.0) for facet in facets] for case in cases])


def _macro_f1(right: Rows, said: Rows, labels: int) -> float:
    """Return the mean F1 of the labels that are right somewhere."""
    support, called = np.bincount(right, minlength=labels), np.bincount(said, minlength=labels)
    both = np.bincount(right[right == said], minlength=labels)
    known = support > 0
    return float(np.mean(2 * both[known] / (support + called)[known]))


def _share(hit: npt.NDArray[np.bool_], *, of: npt.NDArray[np.bool_]) -> float | None:
    return float(np.mean(hit[of])) if of.any() else None


def _coverage(sure: npt.NDArray[np.float64], hit: npt.NDArray[np.bool_]) -> float:
    best = coverage_at(curve(sure.tolist(), hit.tolist()))
    return best.coverage if best else 0.0
