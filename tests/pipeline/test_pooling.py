"""The pool of two judges, worked out by hand."""

from __future__ import annotations

import math

import pytest

from triage.model.heads import Head
from triage.model.opinions import Opinion
from triage.pipeline.pooling import pooled, scores
from triage.rules import Judgement, Scored

SINGLE = Head("business", "single", ("a", "b"))
MULTI = Head("flags", "multi", ("x", "y"))


def test_silent_rules_leave_the_order() -> None:
    opinion = Opinion(SINGLE, (0.8, 0.2))
    assert pooled(opinion, {}, weight=0.5, temperature=1.0).probabilities == pytest.approx((0.8, 0.2))
    # Twice as warm: the odds of 4 become 2.
    assert pooled(opinion, {}, weight=0.5, temperature=2.0).probabilities == pytest.approx((2 / 3, 1 / 3))


def test_rules_add_to_the_odds() -> None:
    opinion = Opinion(SINGLE, (0.8, 0.2))
    odds = 4 / math.exp(0.5 * 3.0)
    found = pooled(opinion, {"b": 3.0}, weight=0.5, temperature=1.0)
    assert found.probabilities == pytest.approx((odds / (1 + odds), 1 / (1 + odds)))


def test_an_unsure_model_follows_and_a_sure_one_does_not() -> None:
    said = {"b": 4.0}
    assert pooled(Opinion(SINGLE, (0.55, 0.45)), said, weight=0.5, temperature=1.0)["b"] > 0.5
    assert pooled(Opinion(SINGLE, (0.99, 0.01)), said, weight=0.5, temperature=1.0)["b"] < 0.5


@pytest.mark.parametrize("certain", [(1.0, 0.0), (0.0, 1.0)])
def test_certainty_stays_finite(certain: tuple[float, float]) -> None:
    found = pooled(Opinion(SINGLE, certain), {"a": 1.0, "b": 1.0}, weight=1.0, temperature=1.0)
    assert sum(found.probabilities) == pytest.approx(1.0)
    assert all(math.isfinite(probability) for probability in found.probabilities)


def test_each_of_several_labels_stands_for_itself() -> None:
    opinion = Opinion(MULTI, (0.5, 0.5), thresholds=(0.6, 0.6))
    found = pooled(opinion, {"x": 1.0}, weight=1.0, temperature=1.0)
    assert found.probabilities == pytest.approx((1 / (1 + math.exp(-1)), 0.5))
    assert found.said == ["x"]


def test_scores_of_rules() -> None:
    judgement = Judgement("f", (Scored("a", 2.0),), (Scored("b", -1.0), Scored("c", 0.0)))
    assert scores(judgement, multiple=False) == {"a": 2.0, "b": -1.0}
    assert scores(judgement, multiple=True) == {"a": 1.0}
