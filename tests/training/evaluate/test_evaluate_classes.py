"""Single-label figures: a case counted by hand, and the same as scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, confusion_matrix, f1_score

from triage.training.evaluate.classes import ClassScore, Confused, score_facet, weighted_kappa

ORDER = ("a", "b", "c", "d")
RIGHT = ["a", "a", "a", "b", "b", "c"]
SAID = ["a", "b", "b", "b", "c", "d"]
IDS = ["1", "2", "3", "4", "5", "6"]


def test_by_hand() -> None:
    score = score_facet("business", RIGHT, SAID, ids=IDS, order=ORDER)
    assert score.classes == (
        ClassScore("a", 1.0, 1 / 3, 0.5, 3),
        ClassScore("b", 1 / 3, 0.5, 0.4, 2),
        ClassScore("c", 0.0, 0.0, 0.0, 1),
        ClassScore("d", 0.0, 0.0, 0.0, 0),
    )
    assert (score.rows, score.accuracy) == (6, pytest.approx(2 / 6))
    # d is never right: it has no F1 to count.
    assert score.macro_f1 == pytest.approx((0.5 + 0.4 + 0.0) / 3)
    assert score.confusion == ((1, 2, 0, 0), (0, 1, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0))
    assert score.confused == (
        Confused("a", "b", 2, ("2", "3")),
        Confused("b", "c", 1, ("5",)),
        Confused("c", "d", 1, ("6",)),
    )


def test_only_what_occurs_is_shown_and_what_the_taxonomy_lacks_comes_last() -> None:
    score = score_facet("business", ["b", "z"], ["b", "b"], ids=["1", "2"], order=ORDER)
    assert score.labels == ("b", "z")


def test_a_confused_pair_shows_three_ids() -> None:
    score = score_facet("business", ["a"] * 5, ["b"] * 5, ids=list("12345"), order=ORDER)
    assert score.confused == (Confused("a", "b", 5, ("1", "2", "3")),)


def test_a_single_label_throughout() -> None:
    score = score_facet("business", ["a", "a"], ["a", "a"], ids=["1", "2"], order=ORDER)
    assert (score.confusion, score.confused, score.macro_f1) == (((2,),), (), 1.0)


def test_as_scikit_learn() -> None:
    chance = np.random.default_rng(1)
    right, said = (chance.choice(ORDER, 200).tolist() for _ in range(2))
    score = score_facet("business", right, said, ids=["x"] * 200, order=ORDER)
    assert score.accuracy == pytest.approx(accuracy_score(right, said))
    assert score.macro_f1 == pytest.approx(f1_score(right, said, average="macro"))
    assert score.confusion == tuple(map(tuple, confusion_matrix(right, said, labels=ORDER).tolist()))


@pytest.mark.parametrize(
    ("right", "said", "kappa"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3], 1.0),
        # Squared distances 0 0 0 1; by chance: variances 1.25 and 0.6875, and means 0.25 apart.
        ([0, 1, 2, 3], [0, 1, 2, 2], 1 - 0.25 / 2.0),
        ([0, 3], [3, 0], -1.0),
        ([0, 1], [0, 0], 0.0),
        ([2, 2], [2, 2], None),
    ],
)
def test_kappa_by_hand(right: list[int], said: list[int], kappa: float | None) -> None:
    found = weighted_kappa(right, said)
    assert found is None if kappa is None else found == pytest.approx(kappa)


def test_kappa_as_scikit_learn() -> None:
    chance = np.random.default_rng(2)
    right = chance.integers(4, size=300)
    said = np.clip(right + chance.integers(-1, 2, size=300), 0, 3)
    assert weighted_kappa(right, said) == pytest.approx(cohen_kappa_score(right, said, weights="quadratic"))
