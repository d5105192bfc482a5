"""Linear models on few words: an L1 penalty leaves out the words that say little.

Accelerated proximal gradient descent: Beck and Teboulle, A Fast Iterative Shrinkage-Thresholding Algorithm, 2009.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import expit, softmax

__all__ = ["fit_binary", "fit_multinomial", "fit_regression"]

Array = npt.NDArray[np.float64]
STEPS = 300


def fit_multinomial(
    present: sparse.csr_matrix, right: npt.NDArray[np.int_], labels: int, *, penalty: float
) -> tuple[Array, Array]:
    """Return weights (words, labels) and starts (labels).

    Args:
        present: shape (rows, words), 0 or 1.
        right: shape (rows,), the place of the right label.
        labels: how many labels there are.
        penalty: of the absolute weights, against the summed log loss.
    """
    target = np.eye(labels)[right]

    def slope(weights: Array, start: Array) -> Array:
        error: Array = softmax(present @ weights + start, axis=1) - target
        return error

    return _descend(slope, present, labels, penalty, curvature=0.25)


def fit_binary(present: sparse.csr_matrix, right: npt.NDArray[np.bool_], *, penalty: float) -> tuple[Array, float]:
    """Return weights (words,) and the start; ``right`` has shape (rows,)."""

    def slope(weights: Array, start: Array) -> Array:
        error: Array = expit(present @ weights + start) - right[:, None]
        return error

    weights, start = _descend(slope, present, 1, penalty, curvature=0.25)
    return weights[:, 0], float(start[0])


def fit_regression(present: sparse.csr_matrix, target: Array, *, penalty: float) -> tuple[Array, float]:
    """Return weights (words,) and the start that bring ``present`` near ``target``, shape (rows,)."""

    def slope(weights: Array, start: Array) -> Array:
        error: Array = present @ weights + start - target[:, None]
        return error

    weights, start = _descend(slope, present, 1, penalty, curvature=1.0)
    return weights[:, 0], float(start[0])


def _descend(
    slope: Callable[[Array, Array], Array], present: sparse.csr_matrix, labels: int, penalty: float, *, curvature: float
) -> tuple[Array, Array]:
    """Return weights and starts; ``slope`` gives the error by row and label, ``curvature`` bounds its derivative."""
    rows, words = present.shape
    # The words and the start move together: one step for both is bounded by their joint curvature.
    step = 1.0 / (curvature * (_largest(present) + rows) + 1e-9)
    weights, start = np.zeros((words, labels)), np.zeros(labels)
    ahead, ahead_start = weights, start
    momentum = 1.0
    for _ in range(STEPS):
        error = slope(ahead, ahead_start)
        moved = ahead - step * (present.T @ error)
        fresh = np.sign(moved) * np.maximum(np.abs(moved) - step * penalty, 0)
        fresh_start = ahead_start - step * error.sum(0)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        push = (momentum - 1) / grown
        ahead, ahead_start = fresh + push * (fresh - weights), fresh_start + push * (fresh_start - start)
        weights, start, momentum = fresh, fresh_start, grown
    return weights, start


def _largest(present: sparse.csr_matrix) -> float:
    """Return the largest eigenvalue of ``present.T @ present``, by power iteration, rounded up."""
    vector = np.ones(present.shape[1])
    value = 0.0
    for _ in range(30):
        image = present.T @ (present @ vector)
        value = float(np.linalg.norm(image))
        if not value:
            return 0.0
        vector = image / value
    return 1.05 * value
