"""Percentile bootstrap of the headline figures (Efron and Tibshirani 1993)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

__all__ = ["intervals"]

DRAWS = 1000
LEVEL = 0.95


def intervals(
    figures: Callable[[npt.NDArray[np.intp]], Mapping[str, float]],
    clusters: Sequence[str],
    *,
    draws: int = DRAWS,
    seed: int = 0,
) -> dict[str, tuple[float, float]]:
    """Return a 95% interval for each figure.

    Rows of one cluster are drawn together: complaints that tell the same story are not independent of each other,
    and intervals that took them for it would be too narrow.

    Args:
        figures: the figures by name over some rows, given as places from 0 that may repeat.
        clusters: shape (rows,), the cluster of each row; at least one.
        draws: how often to draw, 1 and above.
        seed: of the draws; the same seed gives the same intervals.
    """
    names, which = np.unique(np.asarray(clusters), return_inverse=True)
    members = [np.flatnonzero(which == place) for place in range(len(names))]
    chance = np.random.default_rng(seed)
    seen: dict[str, list[float]] = {}
    for _ in range(draws):
        drawn = chance.integers(len(members), size=len(members))
        for name, value in figures(np.concatenate([members[place] for place in drawn])).items():
            seen.setdefault(name, []).append(value)
    edges = (100 * (1 - LEVEL) / 2, 100 * (1 + LEVEL) / 2)
    found = {name: np.percentile(values, edges) for name, values in seen.items()}
    return {name: (float(low), float(high)) for name, (low, high) in found.items()}
