"""Two models on the same rows: what they are right about, tested in pairs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = ["mcnemar", "significant"]


def mcnemar(current: npt.ArrayLike, candidate: npt.ArrayLike) -> float:
    """Return the two-sided p of McNemar's exact test that both are right equally often.

    McNemar 1947; the exact binomial form on the rows on which only one of the two is right. Dietterich 1998,
    Approximate statistical tests for comparing supervised classification learning algorithms, finds it sound for two
    models that were each trained once.

    Args:
        current: shape (rows,), whether the model in force is right.
        candidate: shape (rows,), whether the candidate is.
    """
    one, other = np.asarray(current, dtype=bool), np.asarray(candidate, dtype=bool)
    lost, won = int(np.sum(one & ~other)), int(np.sum(other & ~one))
    return float(stats.binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0


def significant(chances: Sequence[float], *, alpha: float) -> list[bool]:
    """Return which of a family of tests hold, all of them together wrong with the chance ``alpha`` at most.

    Holm's step-down procedure (Holm 1979).
    """
    held = [False] * len(chances)
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        if chances[place] > alpha / (len(chances) - rank):
            break
        held[place] = True
    return held
