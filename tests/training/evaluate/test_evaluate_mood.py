"""Sentiment: distances and signs counted by hand; neutral labels have no sign."""

from __future__ import annotations

import pytest

from triage.training.evaluate.mood import score_mood, sign_right


def test_by_hand() -> None:
    score = score_mood([-0.8, -0.4, 0.0, 0.6], [-0.6, 0.1, 0.3, 0.35])
    assert score.mean_absolute_error == pytest.approx((0.2 + 0.5 + 0.3 + 0.25) / 4)
    assert score.near == 0.5
    assert (score.sign_rows, score.sign_accuracy) == (3, pytest.approx(2 / 3))


@pytest.mark.parametrize(
    ("right", "said", "same"),
    [(-0.2, -0.01, True), (-0.2, 0.0, False), (0.5, 0.1, True), (0.5, -0.1, False), (0.19, -0.9, None)],
)
def test_sign(right: float, said: float, same: bool | None) -> None:
    assert sign_right(right, said) is same


def test_what_never_varies_has_no_correlation() -> None:
    assert score_mood([0.1, 0.1], [0.0, 0.5]).correlation is None
    assert score_mood([0.1, 0.1], [0.0, 0.5]).sign_accuracy is None
    assert score_mood([0.0, 1.0], [0.0, 0.5]).correlation == pytest.approx(1.0)
