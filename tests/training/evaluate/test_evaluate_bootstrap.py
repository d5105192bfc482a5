"""Intervals: as wide as theory says, the same for the same seed, wider where rows hang together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from triage.training.evaluate.bootstrap import intervals

VALUES = np.array([0.0, 1.0] * 100)


def mean(rows: npt.NDArray[np.intp]) -> dict[str, float]:
    return {"mean": float(VALUES[rows].mean())}


def test_as_wide_as_theory_says() -> None:
    low, high = intervals(mean, [str(place) for place in range(200)])["mean"]
    off = 1.96 * 0.5 / np.sqrt(200)
    assert (low, high) == (pytest.approx(0.5 - off, abs=0.02), pytest.approx(0.5 + off, abs=0.02))


def test_rows_of_one_story_are_drawn_together() -> None:
    alone = intervals(mean, [str(place) for place in range(200)])["mean"]
    # Stories of ten rows that share their value: as much information as twenty rows.
    clustered = intervals(mean, [f"{place % 2}-{place // 20}" for place in range(200)])["mean"]
    assert clustered[1] - clustered[0] > 2 * (alone[1] - alone[0])


def test_the_seed_decides() -> None:
    clusters = [str(place) for place in range(200)]
    first, again, other = (intervals(mean, clusters, draws=50, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_figure_that_some_draws_lack() -> None:
    def rare(rows: npt.NDArray[np.intp]) -> dict[str, float]:
        return {"rare": 1.0} if 0 in rows else {}

    assert intervals(rare, ["a", "b", "c"], draws=20) == {"rare": (1.0, 1.0)}
