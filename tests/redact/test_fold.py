from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.redact.fold import MARK, View, fold, fold_spelled_digits


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("１３８－ＡＢｃ＠", "138-ABc@"),
        ("①②⓪❸", "1203"),
        ("𝟙𝟛𝟠 ²", "138 2"),
        ("٣٤", "34"),
        ("身份證號：電話、手機", "身份证号:电话、手机"),
        ("陳張", "陈张"),
        ("138—0000–1111", "138-0000-1111"),
        ("￥100　元", "¥100 元"),
        ("张·三・四", "张·三·四"),
        # As they are: what has no form of one character, and what is no digit.
        ("⑩㎡½", "⑩㎡½"),
        ("一二三", "一二三"),
        ("普通文字，没有变化。", "普通文字,没有变化。"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_fold_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("幺三八零零零零一一一一", "13800001111"),
        ("电话一三八〇〇〇〇幺幺幺幺吧", "电话13800001111吧"),
        ("138零零00一一11", "13800001111"),
        ("一三八 零零零零 一一一一", "138 0000 1111"),
        # Words, not numbers.
        ("二〇二六年三月", "二〇二六年三月"),
        ("一一九九", "一一九九"),
        ("三十五万六千", "三十五万六千"),
        ("13800001111", "13800001111"),
    ],
)
def test_spelled_digits_fold_in_long_runs_only(text: str, folded: str) -> None:
    assert fold_spelled_digits(text)[0] == folded


@pytest.mark.parametrize(
    ("text", "settled", "shown", "place", "span"),
    [
        ("abc", [], "abc", (1, 2), (1, 2)),
        ("a\u200bbc", [], "abc", (1, 2), (2, 3)),
        ("a\u200b\u200bb", [], "ab", (0, 2), (0, 4)),
        ("1\ufe0f\u20e32", [], "12", (1, 2), (3, 4)),
        ("我叫张三吧", [(2, 4)], f"我叫{MARK}吧", (3, 4), (4, 5)),
        ("我\u200b张\u200b三吧", [(2, 5)], f"我{MARK}吧", (1, 2), (2, 5)),
        ("\u200b张\u200b三\u200b", [(1, 4)], MARK, (0, 1), (1, 4)),
    ],
)
def test_view_maps_back(
    text: str, settled: list[tuple[int, int]], shown: str, place: tuple[int, int], span: tuple[int, int]
) -> None:
    view = View.of(text, settled)
    assert view.text == shown
    assert view.span(*place) == span
