"""From tokens to probabilities: every number worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from triage.model.heads import Head, Layout
from triage.model.opinions import Opinions
from triage.model.spec import Calibration

HEADS = [
    Head("reason", "single", ("a", "b")),
    Head("urgency", "ordinal", ("low", "high", "critical")),
    Head("flags", "multi", ("x", "y")),
    Head("sentiment", "score"),
]
LAYOUT = Layout(HEADS)
BIAS = np.zeros(LAYOUT.outputs, np.float32)
SPANS = [(0, 1), (1, 3)]


def sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def arrays(columns: dict[int, tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    """Return no attention to speak of, and values that are 0 but in some columns."""
    values = np.zeros((2, LAYOUT.outputs), np.float32)
    for column, pair in columns.items():
        values[:, column] = pair
    return np.zeros((2, LAYOUT.queries), np.float32), values


def test_single() -> None:
    attention, values = arrays({0: (2.0, 4.0)})
    opinion = Opinions(LAYOUT, BIAS, Calibration())(attention, values, SPANS)["reason"]
    assert opinion["a"] == pytest.approx(sigmoid(3.0), abs=1e-6)
    assert [label for label, _ in opinion.ranked] == ["a", "b"]
    # What a token adds to the logit of a against what it adds on average: (1 - p) x its value x its weight.
    expected = [(1 - sigmoid(3.0)) * 1.0, (1 - sigmoid(3.0)) * 2.0]
    assert list(opinion.shares["a"].weights) == pytest.approx(expected, abs=1e-5)


def test_attention_weighs() -> None:
    attention, values = arrays({0: (2.0, 4.0)})
    attention[1, 0] = math.log(3)
    opinion = Opinions(LAYOUT, BIAS, Calibration())(attention, values, SPANS)["reason"]
    assert opinion["a"] == pytest.approx(sigmoid(0.25 * 2 + 0.75 * 4), abs=1e-6)


def test_temperature() -> None:
    attention, values = arrays({0: (3.0, 3.0)})
    opinion = Opinions(LAYOUT, BIAS, Calibration(temperatures={"reason": 2.0}))(attention, values, SPANS)["reason"]
    assert opinion["a"] == pytest.approx(sigmoid(1.5), abs=1e-6)


def test_ordinal() -> None:
    attention, values = arrays({2: (1.0, 1.0), 3: (-1.0, -1.0)})
    opinion = Opinions(LAYOUT, BIAS, Calibration())(attention, values, SPANS)["urgency"]
    up, further = sigmoid(1.0), sigmoid(-1.0)
    assert opinion.probabilities == pytest.approx((1 - up, up * (1 - further), up * further), abs=1e-6)
    assert sum(opinion.probabilities) == pytest.approx(1.0, abs=1e-6)


def test_multi() -> None:
    attention, values = arrays({4: (2.0, 0.0), 5: (-2.0, 0.0)})
    opinion = Opinions(LAYOUT, BIAS, Calibration(thresholds={"flags": (0.7, 0.2)}))(attention, values, SPANS)["flags"]
    assert opinion.probabilities == pytest.approx((sigmoid(1.0), sigmoid(-1.0)), abs=1e-6)
    assert opinion.said == ["x", "y"]
    stricter = Opinions(LAYOUT, BIAS, Calibration(thresholds={"flags": (0.74, 0.3)}))(attention, values, SPANS)["flags"]
    assert stricter.said == []


@pytest.mark.parametrize(("value", "score"), [(0.0, 0.0), (0.5, math.tanh(0.5)), (-2.0, math.tanh(-2.0))])
def test_score(value: float, score: float) -> None:
    attention, values = arrays({6: (value, value)})
    opinion = Opinions(LAYOUT, BIAS, Calibration(spread={"sentiment": 0.1}))(attention, values, SPANS)["sentiment"]
    assert opinion.score == pytest.approx(score, abs=1e-6)
    assert opinion.within(score - 0.1, score + 0.1) == pytest.approx(0.6827, abs=1e-3)
    assert opinion.within(-math.inf, math.inf) == pytest.approx(1.0)


def test_a_text_without_tokens_has_the_bias_alone() -> None:
    bias = BIAS.copy()
    bias[0] = 1.0
    empty = np.empty((0, LAYOUT.queries), np.float32), np.empty((0, LAYOUT.outputs), np.float32)
    opinion = Opinions(LAYOUT, bias, Calibration())(*empty, [])["reason"]
    assert opinion["a"] == pytest.approx(sigmoid(1.0), abs=1e-6)
    assert opinion.shares["a"].weights == ()
