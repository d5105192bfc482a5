"""The normal form, and the map back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.text import Normaliser


@pytest.mark.parametrize(
    ("sent", "normal"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("信用卡被盜刷", "信用卡被盗刷"),
        ("信\u200b用\u200d卡", "信用卡"),
        ("信 用 卡", "信用卡"),
        ("银/保/监", "银保监"),
        ("投诉 银 保 监 了", "投诉银保监了"),
        ("银保J", "银保监"),
        ("加🐧号", "加qq号"),
        ("加v信聊", "加微信聊"),
        ("新用卡", "信用卡"),
        ("气死了！！！！", "气死了!"),
        ("哈哈哈哈哈", "哈哈"),
        ("a\x00b", "ab"),
        ("第一行\r\n\r\n第二行", "第一行\n第二行"),
        ("m\u0301", "m"),
        ("", ""),
        # near misses
        ("10000元", "10000元"),
        ("iPhone 15 Pro", "iphone 15 pro"),
        ("借记卡/信用卡", "借记卡/信用卡"),
        ("本人行为", "本人行为"),
        ("卡丢了 钱也没了", "卡丢了 钱也没了"),
        ("象征性收费", "象征性收费"),
        ("看到张三", "看到张三"),
    ],
)
def test_normal_form(normaliser: Normaliser, sent: str, normal: str) -> None:
    assert normaliser(sent).text == normal


@pytest.mark.parametrize(
    ("sent", "word", "behind"),
    [
        ("我的新用卡被盜刷", "信用卡", "新用卡"),
        ("我的新用卡被盜刷", "盗刷", "盜刷"),
        ("投訴到銀\u200b保 J了", "银保监", "銀\u200b保 J"),
        ("真的气死了！！！！再说", "!", "！！！！"),
        ("㈱公司 客户", "公司", "公司"),
    ],
)
def test_spans_point_at_what_was_sent(normaliser: Normaliser, sent: str, word: str, behind: str) -> None:
    normal = normaliser(sent)
    start = normal.text.index(word)
    first, last = normal.span(start, start + len(word))
    assert sent[first:last] == behind


@pytest.mark.parametrize("span", [(0, 0), (-1, 1), (0, 4), (2, 1)])
def test_a_span_outside_the_text_is_refused(normaliser: Normaliser, span: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="legal: 0 <= start < end <= 3"):
        normaliser("信用卡").span(*span)


@given(st.text(max_size=200))
def test_the_map_rises_and_stays_inside(sent: str) -> None:
    normal = _normaliser()(sent)
    assert len(normal.starts) == len(normal.ends) == len(normal.text)
    assert all(0 <= start < end <= len(sent) for start, end in zip(normal.starts, normal.ends, strict=True))
    assert list(normal.starts) == sorted(normal.starts)
    assert list(normal.ends) == sorted(normal.ends)


@given(st.text(alphabet="信用卡盜刷银保J 12！\n\u200bV", max_size=60))
def test_normalising_twice_changes_little(sent: str) -> None:
    once = _normaliser()(sent).text
    assert len(_normaliser()(once).text) <= len(once) + 2


def test_a_hundred_thousand_characters(normaliser: Normaliser) -> None:
    assert len(normaliser("盜刷。" * 33_334).text) == 100_002


def _normaliser() -> Normaliser:
    from triage.config import load

    return Normaliser(load().text)
