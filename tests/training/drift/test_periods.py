"""Accuracy over time: periods, intervals, and when the last one is worse."""

from __future__ import annotations

import pytest

from triage.errors import InputError
from triage.training.drift.periods import Judged, accuracy_finding, interval, judged, periods


def month(when: str, right: int, wrong: int) -> list[Judged]:
    return [
        judged(f"{when}-11T09:00:00+00:00", right={"business": hit}, where="f:1")
        for hit in [True] * right + [False] * wrong
    ]


def test_periods_in_order() -> None:
    rows = [*month("2026-11", 3, 1), *month("2026-10", 1, 1)]
    assert [(one.name, one.rows, one.right) for one in periods(rows, "business", by="month")] == [
        ("2026-10", 2, 1), ("2026-11", 4, 3),
    ]  # fmt: skip
    assert [one.name for one in periods(rows, "business")] == ["2026-W41", "2026-W46"]
    assert periods(rows, "reason") == ()


@pytest.mark.parametrize(
    ("right", "rows", "low", "high"),
    # Newcombe 1998, table I: 81 of 263 and 15 of 148; and both ends.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (20, 20, 0.8389, 1.0)],
)
def test_wilson(right: int, rows: int, low: float, high: float) -> None:
    assert interval(right, rows) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("before", "after", "lost", "beyond"),
    [((90, 10), (90, 10), 0.0, False), ((90, 10), (60, 40), 0.3, True), ((60, 40), (90, 10), 0.0, False),
     ((9, 1), (8, 2), 0.1, False)],
)  # fmt: skip
def test_the_last_period(before: tuple[int, int], after: tuple[int, int], lost: float, beyond: bool) -> None:
    rows = [*month("2026-10", *before), *month("2026-11", *after)]
    found = accuracy_finding(periods(rows, "business", by="month"), facet="business", name="业务")
    assert found is not None
    assert found.size == pytest.approx(lost)
    assert (found.p < 0.01) is beyond


def test_one_period_tells_nothing() -> None:
    assert accuracy_finding(periods(month("2026-11", 5, 5), "business"), facet="business", name="业务") is None


def test_a_moment_that_is_none() -> None:
    with pytest.raises(InputError, match=r"f:1: labelled is 'soon'; legal: a moment in ISO 8601"):
        judged("soon", right={}, where="f:1")
