"""Multi-label figures: a case counted by hand, and the same as scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import f1_score

from triage.training.evaluate.classes import ClassScore
from triage.training.evaluate.several import f1, score_several

ORDER = ("a", "b", "c")


def test_by_hand() -> None:
    right = [{"a", "b"}, {"a"}, set(), {"b"}]
    said = [{"a"}, {"a", "c"}, set(), {"a"}]
    score = score_several("flags", right, said, order=ORDER)
    assert score.labels == (
        ClassScore("a", 2 / 3, 1.0, 0.8, 2),
        ClassScore("b", 0.0, 0.0, 0.0, 2),
        ClassScore("c", 0.0, 0.0, 0.0, 0),
    )
    assert score.micro_f1 == pytest.approx(2 * 2 / (4 + 4))
    assert score.macro_f1 == pytest.approx(0.4)
    assert score.exact == 0.25


@pytest.mark.parametrize(("both", "right", "said", "expected"), [(0, 0, 0, 1.0), (0, 1, 0, 0.0), (1, 1, 2, 2 / 3)])
def test_f1(both: int, right: int, said: int, expected: float) -> None:
    assert f1(both, right, said) == pytest.approx(expected)


def test_nothing_to_find_and_nothing_found() -> None:
    score = score_several("flags", [set(), set()], [set(), set()], order=ORDER)
    assert (score.micro_f1, score.macro_f1, score.exact, score.labels) == (1.0, None, 1.0, ())


def test_as_scikit_learn() -> None:
    chance = np.random.default_rng(3)
    right, said = (chance.random((100, 3)) < 0.4 for _ in range(2))
    sets = [[{ORDER[i] for i in np.flatnonzero(row)} for row in side] for side in (right, said)]
    score = score_several("flags", *sets, order=ORDER)
    assert score.micro_f1 == pytest.approx(f1_score(right, said, average="micro"))
    assert score.macro_f1 == pytest.approx(f1_score(right, said, average="macro"))
