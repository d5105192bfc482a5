"""Maximum mean discrepancy: by hand, and that its test is right about chance."""

from __future__ import annotations

import numpy as np
import pytest

from triage.training.drift.discrepancy import discrepancy, gaussian, permuted


def test_the_kernel_is_as_wide_as_the_median() -> None:
    # Squared distances 1, 9, 4 (each twice): the median is 4.
    kernel = gaussian(np.array([[0.0], [1.0], [3.0]]))
    assert kernel == pytest.approx(np.exp(-np.array([[0, 1, 9], [1, 0, 4], [9, 4, 0]]) / 4))
    assert gaussian(np.zeros((3, 2))) == pytest.approx(np.ones((3, 3)))


def test_by_hand() -> None:
    k = 0.25
    kernel = np.array([[1, k, 1, k], [k, 1, k, 1], [1, k, 1, k], [k, 1, k, 1]])
    # Two samples {0, 1}: k within each, (1 + k) / 2 across: 2k - (1 + k) = k - 1.
    assert permuted(kernel, np.array([[1, 1, 0, 0]])) == pytest.approx([k - 1])
    # {0, 0} and {1, 1}: 1 within each, k across: 2 - 2k.
    assert permuted(kernel, np.array([[1.0, 0, 1, 0]])) == pytest.approx([2 - 2 * k])


def test_the_same_distribution_is_called_a_move_as_often_as_it_should() -> None:
    chance = np.random.default_rng(3)
    found = [discrepancy(*chance.normal(size=(2, 30, 3)), draws=99, seed=seed)[1] for seed in range(100)]
    assert sum(p <= 0.1 for p in found) <= 20
    assert min(found) > 0


@pytest.mark.parametrize(("shift", "beyond"), [(0.0, False), (1.5, True)])
def test_a_move(shift: float, beyond: bool) -> None:
    chance = np.random.default_rng(4)
    reference, new = chance.normal(size=(600, 3)), chance.normal(size=(80, 3)) + shift
    size, p = discrepancy(reference, new, draws=199)
    assert (p <= 0.01, size > 0.05) == (beyond, beyond)
    assert discrepancy(reference, new, draws=199) == (size, p)
