"""Accuracy on feedback over time: whether the model is still right about what people corrected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from scipy import stats

from triage.errors import InputError
from triage.training.drift.finding import Finding

__all__ = ["LIMITS", "Judged", "Period", "accuracy_finding", "interval", "judged", "periods"]

LIMITS = (0.03, 0.08)
"""Points of accuracy lost that are moderate, and strong."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A complaint that people labelled: when, and whether the model says the same, by facet."""

    when: date
    right: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Period:
    """The complaints that were labelled in one week or month: how many, and how many the model gets right.

    Attributes:
        name: ``2026-W47`` or ``2026-11``.
        rows: how many.
        right: how many of them are right.
        low: and ``high``: the 95% interval of the share, after Wilson 1927.
    """

    name: str
    rows: int
    right: int
    low: float
    high: float

    @property
    def accuracy(self) -> float:
        """The share that is right."""
        return self.right / self.rows


def judged(when: str, *, right: Mapping[str, bool], where: str) -> Judged:
    """Return a judged complaint.

    Raises:
        InputError: ``when`` is no moment in ISO 8601.
    """
    try:
        return Judged(datetime.fromisoformat(when).date(), right)
    except ValueError:
        raise InputError(f"{where}: labelled is {when!r}; legal: a moment in ISO 8601", field="labelled") from None


def periods(rows: Sequence[Judged], facet: str, *, by: str = "week") -> tuple[Period, ...]:
    """Return the accuracy on a facet by ISO ``week`` or ``month``, the oldest first."""
    found: dict[str, list[bool]] = {}
    for row in sorted(rows, key=lambda one: one.when):
        if facet in row.right:
            year, week, _ = row.when.isocalendar()
            name = f"{year}-W{week:02}" if by == "week" else f"{row.when:%Y-%m}"
            found.setdefault(name, []).append(row.right[facet])
    return tuple(Period(name, len(hit), sum(hit), *interval(sum(hit), len(hit))) for name, hit in found.items())


def interval(right: int, rows: int) -> tuple[float, float]:
    """Return the 95% interval of a share after Wilson 1927, in [0, 1]."""
    z = 1.959963984540054
    share = right / rows
    middle = (share + z * z / (2 * rows)) / (1 + z * z / rows)
    wide = z / (1 + z * z / rows) * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    return max(0.0, middle - wide), min(1.0, middle + wide)


def accuracy_finding(found: Sequence[Period], *, facet: str, name: str) -> Finding | None:
    """Return whether the last period is worse than all before it, by Fisher's exact test (Fisher 1922).

    Args:
        found: the periods; None is returned where there is only one.
        facet: its id.
        name: of the facet, as people see it.
    """
    if len(found) < 2:
        return None
    *before, last = found
    rows, right = sum(one.rows for one in before), sum(one.right for one in before)
    table = [[right, rows - right], [last.right, last.rows - last.right]]
    lost = right / rows - last.accuracy
    return Finding(
        kind="accuracy",
        name=facet,
        measure="accuracy lost",
        size=max(0.0, lost),
        p=float(stats.fisher_exact(table, alternative="greater").pvalue),
        limits=LIMITS,
        words=f"{name}: accuracy on feedback from {right / rows:.1%} of {rows} to {last.accuracy:.1%} of {last.rows} "
        f"in {last.name}",
    )
