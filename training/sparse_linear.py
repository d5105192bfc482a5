"""Linear models on few words: an L1 penalty, and scores of the rules as an offset with a scale of their own.

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
LEAST_SCALE = 0.25


def fit_multinomial(
    present: sparse.csr_matrix, right: npt.NDArray[np.int_], offset: Array, *, penalty: float
) -> tuple[Array, Array, float]:
    """Return weights (words, labels), starts (labels) and the scale of the offset.

    Args:
        present: shape (rows, words).
        right: shape (rows,), the place of the right label.
        offset: shape (rows, labels).
        penalty: of the absolute weights, against the summed log loss.
    """
    rows, labels = offset.shape
    target = np.zeros((rows, labels))
    target[np.arange(rows), right] = 1

    def slope(weights: Array, start: Array, scale: float) -> tuple[Array, Array, float]:
        error = softmax(present @ weights + start + scale * offset, axis=1) - target
        return present.T @ error, error.sum(0), float((error * offset).sum())

    return _descend(slope, present, labels, float(np.square(offset).sum(1).mean()), penalty)


def fit_binary(
    present: sparse.csr_matrix, right: npt.NDArray[np.bool_], offset: Array, *, penalty: float
) -> tuple[Array, float, float]:
    """Return weights (words,), the start and the scale of the offset, shape (rows,)."""

    def slope(weights: Array, start: Array, scale: float) -> tuple[Array, Array, float]:
        error = expit(present @ weights + start + scale * offset[:, None]) - right[:, None]
        return present.T @ error, error.sum(0), float((error[:, 0] * offset).sum())

    weights, start, scale = _descend(slope, present, 1, float(np.square(offset).mean()), penalty)
    return weights[:, 0], float(start[0]), scale


def fit_regression(present: sparse.csr_matrix, target: Array, *, penalty: float) -> tuple[Array, float]:
    """Return weights (words,) and the start that bring ``present`` near ``target``, shape (rows,)."""

    def slope(weights: Array, start: Array, _scale: float) -> tuple[Array, Array, float]:
        error = present @ weights + start - target[:, None]
        return present.T @ error, error.sum(0), 0.0

    weights, start, _ = _descend(slope, present, 1, 0.0, penalty, curvature=1.0)
    return weights[:, 0], float(start[0])


def _descend(
    slope: Callable[[Array, Array, float], tuple[Array, Array, float]],
    present: sparse.csr_matrix,
    labels: int,
    offset_power: float,
    penalty: float,
    *,
    curvature: float = 0.25,
) -> tuple[Array, Array, float]:
    rows, words = present.shape
    # Word columns, the start and the offset move together: one step for all is bounded by their joint curvature.
    widest = float(sparse.linalg.norm(present) ** 2) if min(present.shape) < 3 else _largest(present)
    step = 1.0 / (curvature * (widest + rows + rows * offset_power) + 1e-9)
    weights, start, scale = np.zeros((words, labels)), np.zeros(labels), 1.0
    ahead = (weights, start, scale)
    momentum = 1.0
    for _ in range(STEPS):
        down, down_start, down_scale = slope(*ahead)
        moved = ahead[0] - step * down
        fresh = np.sign(moved) * np.maximum(np.abs(moved) - step * penalty, 0)
        fresh_start = ahead[1] - step * down_start
        fresh_scale = max(LEAST_SCALE, ahead[2] - step * down_scale)
        grown = (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        push = (momentum - 1) / grown
        ahead = (
            fresh + push * (fresh - weights),
            fresh_start + push * (fresh_start - start),
            fresh_scale + push * (fresh_scale - scale),
        )
        weights, start, scale, momentum = fresh, fresh_start, fresh_scale, grown
    return weights, start, scale


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
