"""How long two models take for the same texts, in turns, so that whatever else the machine does meets both alike."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from triage.pipeline import Triage

__all__ = ["timed"]


def timed(
    current: Triage,
    candidate: Triage,
    texts: Sequence[str],
    *,
    repeats: int,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Return the milliseconds for a text of the model in force and of the candidate: the best of several runs.

    The best, because other programs only ever make a run slower (the reasoning of Python's own ``timeit``).

    Args:
        current: the model in force.
        candidate: the other.
        texts: at least one.
        repeats: runs of each, 1 and above, after one that does not count.
        clock: seconds, at any moment.
    """
    best = [float("inf"), float("inf")]
    for turn in range(repeats + 1):
        for side, triage in enumerate((current, candidate)):
            begun = clock()
            triage.predict_batch(texts)
            if turn:
                best[side] = min(best[side], clock() - begun)
    return 1000 * best[0] / len(texts), 1000 * best[1] / len(texts)
