"""How far apart two distributions over the same labels are, and what chance alone makes of it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import stats

__all__ = ["chance_of_stability", "homogeneity", "jensen_shannon", "stability"]

Counts = npt.NDArray[np.int_]

LEAST_EXPECTED = 5.0
"""Cochran 1954: the chi-squared distribution holds where no expected count is smaller."""


def stability(reference: npt.ArrayLike, new: npt.ArrayLike) -> float:
    """Return the population stability index, 0 and above: ``Σ (q - p) ln(q / p)``.

    Siddiqi 2006, Credit Risk Scorecards, where 0.1 is a moderate move and 0.25 a strong one. It is the sum of both
    Kullback–Leibler divergences (Jeffreys 1946). Where a label is missing on either side, half a complaint is added to
    every label of both, for the logarithm of 0 is none.

    Args:
        reference: shape (labels,), how often each occurs; not all 0.
        new: likewise.
    """
    one, other = _shares(reference, new, smooth=True)
    return float(np.sum((other - one) * np.log(other / one)))


def chance_of_stability(reference: int, new: int, labels: int) -> float:
    """Return the index that is to be expected where nothing moved: ``(labels - 1)(1/n + 1/m)``.

    Yurdakul and Naranjo 2020, Statistical properties of the population stability index.
    """
    return max(0, labels - 1) * (1 / reference + 1 / new)


def jensen_shannon(reference: npt.ArrayLike, new: npt.ArrayLike) -> float:
    """Return the Jensen–Shannon divergence in bits, in [0, 1] (Lin 1991); 0 where both are the same."""
    one, other = _shares(reference, new, smooth=False)
    middle = (one + other) / 2
    return float((_divergence(one, middle) + _divergence(other, middle)) / 2)


def homogeneity(reference: npt.ArrayLike, new: npt.ArrayLike) -> float:
    """Return the p of Pearson's chi-squared test that both come from one distribution.

    Labels of which too few are to be expected are taken together; where not even two are left, p is Fisher's exact one
    for the most frequent label against the rest.
    """
    table = np.stack([np.asarray(reference, dtype=int), np.asarray(new, dtype=int)])
    table = table[:, table.sum(0) > 0]
    if table.shape[1] < 2:
        return 1.0
    order = np.argsort(-table.sum(0), kind="stable")
    table = table[:, order]
    least = table.sum(0) * table.sum(1).min() / table.sum()
    rare = least < LEAST_EXPECTED
    if rare.any():
        table = np.column_stack([table[:, ~rare], table[:, rare].sum(1)])
    if table.shape[1] < 2 or (~rare).sum() < 2:
        first = np.stack([np.asarray(reference), np.asarray(new)])[:, np.argmax(np.add(reference, new))]
        whole = np.array([np.sum(reference), np.sum(new)])
        return float(stats.fisher_exact(np.column_stack([first, whole - first])).pvalue)
    return float(stats.chi2_contingency(table, correction=False).pvalue)


def _shares(
    reference: npt.ArrayLike, new: npt.ArrayLike, *, smooth: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    one, other = np.asarray(reference, dtype=float), np.asarray(new, dtype=float)
    known = (one + other) > 0
    one, other = one[known], other[known]
    if smooth and not (one.all() and other.all()):
        one, other = one + 0.5, other + 0.5
    return one / one.sum(), other / other.sum()


def _divergence(one: npt.NDArray[np.float64], other: npt.NDArray[np.float64]) -> float:
    there = one > 0
    return float(np.sum(one[there] * np.log2(one[there] / other[there])))
