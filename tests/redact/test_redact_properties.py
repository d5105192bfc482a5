"""Whatever comes in: positions hold, tags are stable, a second pass changes nothing."""

from __future__ import annotations

from generated import CARD19, CARD_WRONG, ID, ID_WRONG, MOBILE
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.redact import Redactor

PIECES = [
    *(MOBILE, ID, ID_WRONG, CARD19, CARD_WRONG, "138 0000 1111", "１３９００００１１１１", "一三八零零零零一一一一"),
    *(
        "李小明",
        "王芳",
        "张先生",
        "方女士",
        "我叫",
        "姓名：",
        "本人",
        "我是",
        "联系人",
        "阿依古丽·买买提",
        "于",
        "先生",
    ),
    *(
        "卡号",
        "身份证",
        "订单号",
        "流水号",
        "手机",
        "账号",
        "微信号",
        "QQ",
        "保单号",
        "合同编号",
        "护照",
        "家住",
        "地址：",
    ),
    *("abc_123", "E12345678", "a@example.com", "京A12345", "010-60000001", "青弋路12号", "浙江省杭州市", "支行"),
    *(
        "阳光小区3栋2单元501室",
        "<手机号_1>",
        "<姓名_2>",
        "<",
        ">",
        "_1>",
        "<手机号_",
        "□",
        "\ufffc",
        "\u200b",
        "\ufe0f",
    ),
    *("1", "12345678", "2026-03-12", "3000000元", "元", "，", "。", " ", "-", ".", "\n", "的", "和"),
]
texts = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=6)), max_size=14).map("".join)


@settings(max_examples=600, deadline=None)
@given(texts)
@example("\ud800我叫李小明")
@example("卡号家住浙江省杭州市青弋路12号阳光小区3栋2单元501室12345678901234")
def test_redaction(redactor: Redactor, text: str) -> None:
    results = redactor.analyze(text)
    places = [place for one in results for place in (one.start, one.end)]
    assert places == sorted(places)
    assert all(0 <= one.start < one.end <= len(text) for one in results)
    assert all(0 <= one.score <= 1 and one.explanation for one in results)

    redacted = redactor.redact(text)
    assert [(one.start, one.end) for one in redacted.items] == [(one.start, one.end) for one in results]

    # Outside the spans nothing changes, and each span became its tag.
    rebuilt, place = [], 0
    for item in redacted.items:
        rebuilt += [text[place : item.start], item.placeholder]
        place = item.end
    assert "".join([*rebuilt, text[place:]]) == redacted.text

    # Twice is once.
    assert redactor.redact(redacted.text).text == redacted.text

    masked = redacted.mask()
    assert len(masked) == len(text)
    hidden = {place for one in results for place in range(one.start, one.end)}
    assert all((masked[i] in "□\n") if i in hidden else masked[i] == text[i] for i in range(len(text)))

    # The same characters have the same tag.
    tags: dict[str, set[str]] = {}
    for item in redacted.items:
        if len(text[item.start : item.end]) > 1:
            tags.setdefault(text[item.start : item.end], set()).add(item.placeholder)
    assert all(len(found) == 1 for found in tags.values())


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from([MOBILE, ID, CARD19]),
    st.lists(st.sampled_from(["", " ", "-", "\u200b"]), min_size=20, max_size=20),
    st.booleans(),
)
def test_however_a_number_is_written_it_is_found(
    redactor: Redactor,
    number: str,
    gaps: list[str],
    full_width: bool,
) -> None:
    shown = "".join(chr(ord(char) + 0xFEE0) for char in number) if full_width else number
    written = "".join(char + gap for char, gap in zip(shown, [*gaps[: len(number) - 1], ""], strict=False))
    label = {MOBILE: "手机", ID: "身份证", CARD19: "卡号"}[number]
    (found,) = redactor.analyze(f"{label}{written}，谢谢")
    assert (found.start, found.end) == (len(label), len(label) + len(written))
