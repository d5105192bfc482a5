"""Words that rose, and words that nobody has seen."""

from __future__ import annotations

import math

import pytest

from triage.training.drift.words import risen, terms, unseen


def test_unseen() -> None:
    assert unseen([["年费", "退"], ["利息"]], [["年费", "刷脸"], ["退"], []]) == [0.5, 0.0, 0.0]


def test_risen_by_hand() -> None:
    before = [["年费"]] * 9 + [["刷脸"]]
    after = [["年费"]] * 2 + [["刷脸"]] * 8
    (word,) = risen(before, after)
    # Prior: 11 and 9 of 20. 刷脸: (8 + 9) / (10 + 20 - 8 - 9) after, (1 + 9) / (10 + 20 - 1 - 9) before.
    ratio = math.log(17 / 13) - math.log(10 / 20)
    assert (word.word, word.before, word.after) == ("刷脸", 0.1, 0.8)
    assert word.score == pytest.approx(ratio / math.sqrt(1 / 17 + 1 / 10))


@pytest.mark.parametrize("after", [[["刷脸"]] * 4, [["刷"]] * 9])
def test_what_few_people_say_and_single_characters_are_not_shown(after: list[list[str]]) -> None:
    assert risen([["年费"]] * 9, after) == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["刷", "脸", "支付"], ["刷", "脸", "支付", "刷脸"]),
        (["刷", "，", "脸"], ["刷", "脸"]),
        (["3", "号", "网点"], ["3", "号", "网点"]),
        ([], []),
    ],
)
def test_new_words_that_fell_apart_are_put_together(words: list[str], found: list[str]) -> None:
    assert terms(words) == found
