"""Whether two samples of vectors come from one distribution: maximum mean discrepancy, tested by permutation."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["discrepancy", "gaussian", "permuted"]

Floats = npt.NDArray[np.float64]

MOST = 500
"""Vectors of each side: memory grows with their square."""
DRAWS = 9999
"""Permutations: p can be as small as one in ten thousand, or no move of the texts alone could stand among the tests."""
AT_ONCE = 1000


def discrepancy(
    reference: npt.ArrayLike, new: npt.ArrayLike, *, draws: int = DRAWS, seed: int = 0
) -> tuple[float, float]:
    """Return the squared maximum mean discrepancy, and the p of a permutation test that it is chance.

    Gretton et al. 2012, A kernel two-sample test: the unbiased estimate, which may fall below 0, with a Gaussian kernel
    as wide as the median distance. The p counts the sample itself, so that it is never 0 (Phipson and Smyth 2010).

    Args:
        reference: shape (rows, size), at least two rows; some are drawn by chance where there are more than 500.
        new: shape (rows, size), likewise.
        draws: of the permutations, 1 and above.
        seed: of all draws; the same seed gives the same numbers.
    """
    chance = np.random.default_rng(seed)
    sides = [np.asarray(side, dtype=float) for side in (reference, new)]
    sides = [side[chance.permutation(len(side))[:MOST]] for side in sides]
    kernel = gaussian(np.concatenate(sides))
    size = len(sides[0])
    own = np.zeros((1, len(kernel)))
    own[0, :size] = 1
    found = float(permuted(kernel, own)[0])
    reached = 0
    for start in range(0, draws, AT_ONCE):
        ways = np.repeat(own, min(AT_ONCE, draws - start), axis=0)
        reached += int(np.sum(permuted(kernel, chance.permuted(ways, axis=1)) >= found - 1e-12))
    return found, (1 + reached) / (1 + draws)


def gaussian(rows: Floats) -> Floats:
    """Return the kernel matrix of ``rows``, its width the median distance of two different rows."""
    squares = np.sum(rows**2, axis=1)
    distances = np.maximum(squares[:, None] + squares[None, :] - 2 * rows @ rows.T, 0)
    apart = distances[distances > 1e-12]
    width = float(np.median(apart)) if len(apart) else 1.0
    return np.asarray(np.exp(-distances / width))


def permuted(kernel: Floats, first: Floats) -> Floats:
    """Return the unbiased squared discrepancy for each way to divide the rows into two sides.

    Args:
        kernel: shape (rows, rows), symmetric.
        first: shape (ways, rows), 1 where a row belongs to the first side, else 0; as many on each line.
    """
    one, other = float(first[0].sum()), float(first.shape[1] - first[0].sum())
    diagonal, rows = np.diag(kernel), kernel.sum(axis=1)
    # One product with the matrix gives all three sums: what is not within the first side is across, or in the second.
    within, touching = np.sum(first @ kernel * first, axis=1), first @ rows
    across = touching - within
    within_second = rows.sum() - touching - across - (diagonal.sum() - first @ diagonal)
    within_first = within - first @ diagonal
    found = within_first / (one * (one - 1)) + within_second / (other * (other - 1)) - 2 * across / (one * other)
    return np.asarray(found)
