"""Expected calibration error by hand, with both kinds of bins."""

from __future__ import annotations

import numpy as np
import pytest

from triage.training.evaluate.calibration import Bin, score_calibration


def test_by_hand() -> None:
    sure, right = [0.2, 0.4, 0.9, 0.9], [False, True, True, False]
    score = score_calibration("business", sure, right, said=True, bins=2)
    # Below a half: confidence 0.3, right 0.5. Above: confidence 0.9, right 0.5.
    assert score.equal_width == pytest.approx(0.5 * 0.2 + 0.5 * 0.4)
    assert score.bins == (Bin(2, pytest.approx(0.3), 0.5), Bin(2, pytest.approx(0.9), 0.5))
    assert (score.confidence, score.accuracy, score.rows, score.said) == (pytest.approx(0.6), 0.5, 4, True)


def test_the_two_kinds_of_bins_differ() -> None:
    sure, right = [0.6, 0.7, 0.8, 0.9], [True, True, False, True]
    score = score_calibration("business", sure, right, said=False, bins=2)
    assert score.equal_width == pytest.approx(0.0)
    assert score.equal_mass == pytest.approx(0.5 * abs(1 - 0.65) + 0.5 * abs(0.5 - 0.85))


@pytest.mark.parametrize(
    ("sure", "right", "error"),
    [([1.0, 1.0], [True, True], 0.0), ([1.0, 1.0], [False, False], 1.0), ([0.0], [False], 0.0), ([0.5], [True], 0.5)],
)
def test_the_edges(sure: list[float], right: list[bool], error: float) -> None:
    score = score_calibration("business", sure, right, said=False)
    assert (score.equal_width, score.equal_mass) == (pytest.approx(error), pytest.approx(error))


def test_what_is_calibrated_has_a_small_error_and_what_is_sharpened_has_not() -> None:
    chance = np.random.default_rng(4)
    sure = chance.uniform(0.5, 0.9, 20_000)
    right = (chance.random(20_000) < sure).tolist()
    assert score_calibration("business", sure.tolist(), right, said=True).equal_mass < 0.02
    assert score_calibration("business", (sure + 0.1).tolist(), right, said=True).equal_mass == pytest.approx(
        0.1, abs=0.02
    )
