"""What an expression needs: the tables, and that the question never hides a match."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import Config
from triage.rules.literals import needed
from triage.rules.matcher import Matcher, compiled
from triage.text import Normaliser


@pytest.mark.parametrize(
    ("expression", "sets"),
    [
        ("催收", [{"催收"}]),
        ("(现在|正在).{0,8}转", [{"现在", "正在"}, {"转"}]),
        ("(被|给)(骗|盗)", [{"被骗", "被盗", "给骗", "给盗"}]),
        ("被?骗了", [{"被骗了", "骗了"}]),
        ("(很)?贵", [{"很贵", "贵"}]),
        ("(ab)+c", [{"ab"}, {"c"}]),
        ("(ab)*c", [{"c"}]),
        ("a{2}", [{"a"}]),
        ("a{0,3}b", [{"b"}]),
        ("a{1}b", [{"ab"}]),
        ("[甲乙]方", [{"甲方", "乙方"}]),
        (r"[^甲]方", [{"方"}]),
        ("[1-9]万", [{"万"}]),
        (r"\d+万元", [{"万元"}]),
        (r"第\d次", [{"第"}, {"次"}]),
        (r"\.", [{"."}]),
        ("^我.*他$", [{"我"}, {"他"}]),
        ("(催.{0,3}收|讨债)", [{"催", "讨债"}]),
        ("(催|.)", []),
        ("(催收|)", []),
        ("(?i)催收", []),
        ("(?:催收|讨债)", [{"催收", "讨债"}]),
        ("催收??", [{"催收", "催"}]),
        ("催收费{2}用", [{"催收"}, {"费"}, {"用"}]),
        ("收{.5}费", [{"收{"}, {"5}费"}]),
        ("收{,2}费", [{"收{,2}费"}]),
    ],
)
def test_what_is_needed(expression: str, sets: list[set[str]]) -> None:
    assert sorted(map(sorted, needed(expression))) == sorted(map(sorted, sets))


pieces = st.recursive(
    st.sampled_from(["a", "b", "ab", "[ab]", "[^a]", ".", "c"]),
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=4).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["?", "*", "+", "{0,2}", "{2}", "{1,}"])).map(lambda p: f"({p[0]}){p[1]}"),
    ),
    max_leaves=8,
)


@given(pieces, st.text("abc", max_size=8))
def test_the_question_never_hides_a_match(expression: str, text: str) -> None:
    if compiled(expression).search(text):
        assert all(any(string in text for string in strings) for strings in needed(expression))


def test_the_default_rules_find_all_that_every_expression_finds(config: Config, normaliser: Normaliser) -> None:
    patterns = {pattern for rules in config.rules for rule in rules.rules for pattern in rule.patterns}
    matcher = Matcher((), patterns)
    texts = [
        "我妈现在正在柜台给骗子转账，快把卡冻结了！", "催收天天打我单位电话，还说要上门贴大字报",
        "信用卡年费扣了三百，办卡时没人说过", "取款机吞了我的卡，屏幕一直转圈，打热线没人接", "",
    ]  # fmt: skip
    for text in texts:
        normal = normaliser(text).text
        brute = {Matcher.key(p): [m.span() for m in compiled(p).finditer(normal)] for p in patterns}
        assert matcher.find(normal) == {key: spans for key, spans in brute.items() if spans}
