"""The engine on small rule sets of its own: contexts, scopes, windows, deciding, order."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError
from small import SCOPES, WORDS

from triage.rules import RulesEngine
from triage.rules.schema import FacetRules, WordsFile


def engine(*rules: dict[str, Any], **facet: Any) -> RulesEngine:
    spec = {"version": "1", "facet": "flags", "decide": "all", "threshold": 1, "rules": rules} | facet
    return RulesEngine([FacetRules.model_validate(spec)], WORDS, SCOPES)


def labels(judge: RulesEngine, text: str, facet: str = "flags") -> set[str]:
    return set(judge.judge(text)[facet].labels)


@pytest.mark.parametrize(
    ("rule", "fires", "quiet"),
    [
        ({"words": ["骗子"]}, "遇到骗子了", "遇到好人了"),
        ({"words": ["@thief"]}, "这是诈骗", "这是误会"),
        ({"patterns": [r"转了\d+万"]}, "转了20万", "转了二十万"),
        ({"words": ["骗子"], "with": [{"words": ["转账"]}]}, "骗子让我转账", "骗子让我说话"),
        ({"words": ["骗子"], "with": [{"words": ["转账"], "within": 3}]}, "骗子让转账", "骗子让我现在马上转账"),
        ({"words": ["骗子"], "with": [{"words": ["转账"], "side": "before"}]}, "转账给骗子", "骗子让转账"),
        ({"words": ["骗子"], "with": [{"words": ["转账"], "side": "after"}]}, "骗子让转账", "转账给骗子"),
        ({"words": ["骗子"], "with": [{"words": ["转账"], "same": "clause"}]}, "骗子让转账", "骗子来了，我转账"),
        ({"words": ["骗子"], "with": [{"words": ["转账"], "same": "sentence"}]}, "骗子来了，我转账", "骗子。我转账"),
        ({"words": ["骗子"], "without": [{"words": ["抓到"]}]}, "骗子跑了", "骗子抓到了"),
        ({"words": ["骗子"], "exclude": ["大骗子"]}, "骗子来了", "大骗子来了"),
        ({"words": ["骗子"], "scopes": {"negated": 0}}, "遇到骗子", "没有遇到骗子"),
        ({"words": ["骗子"], "scopes": {"negated": 0}}, "是不是骗子", "不是骗子"),
        ({"words": ["骗子"], "scopes": {"negated": 0}}, "没有，骗子来了", "没有骗子来"),
        ({"words": ["骗子"], "scopes": {"quoted": 0}}, "他是“骗子”", "他说“我不怕骗子”"),
        ({"words": ["骗子"], "scopes": {"hypothetical": 0}}, "骗子来了", "如果骗子来了"),
        ({"words": ["骗子"], "scopes": {"settled": 0}}, "骗子骗了我", "骗子骗了我。现在已经解决了"),
    ],
)
def test_a_rule_and_its_near_miss(rule: dict[str, Any], fires: str, quiet: str) -> None:
    judge = engine({"id": "r", "label": "fraud", "weight": 1} | rule)
    assert labels(judge, fires) == {"fraud"}
    assert labels(judge, quiet) == set()


def test_a_blocked_hit_is_explained() -> None:
    judge = engine({"id": "r", "label": "fraud", "words": ["骗子"], "scopes": {"negated": 0}})
    (hit,) = judge.explain("前天到今天我没有遇到骗子")["flags"]
    assert (hit.rule, hit.start, hit.end, hit.weight, hit.scopes) == ("r", 10, 12, 0, ("negated",))


def test_repeats_fade() -> None:
    judge = engine({"id": "r", "label": "fraud", "words": ["骗子"], "repeat": 0.5, "most": 2}, decide="all")
    (scored,) = judge.judge("骗子……骗子……骗子")["flags"].chosen
    assert scored.score == 1.5


def test_overlapping_words_are_one_mention() -> None:
    judge = engine({"id": "r", "label": "fraud", "words": ["骗子", "大骗子"], "repeat": 1})
    (scored,) = judge.judge("大骗子")["flags"].chosen
    assert (scored.score, scored.hits[0].start, scored.hits[0].end) == (1, 0, 3)


def test_best_takes_the_highest_and_keeps_the_rest() -> None:
    judge = engine(
        {"id": "a", "label": "card", "words": ["卡"], "weight": 2},
        {"id": "b", "label": "loan", "words": ["贷"], "weight": 3},
        facet="business",
        decide="best",
        default="other",
        second_share=0.5,
        second_least=1,
    )
    judgement = judge.judge("卡和贷")["business"]
    assert judgement.labels == {"loan"}
    assert judgement.second == ("card",)
    assert judgement.strength == pytest.approx(1 / 3)
    assert labels(judge, "都没说", "business") == {"other"}


def test_a_tie_goes_by_order() -> None:
    rules = ({"id": "a", "label": "card", "words": ["卡"]}, {"id": "b", "label": "loan", "words": ["贷"]})
    for order in (["card", "loan"], ["loan", "card"]):
        judge = engine(*rules, facet="business", decide="best", default="other", order=order)
        assert labels(judge, "卡和贷", "business") == {order[0]}


def test_ordered_takes_the_first_not_the_strongest() -> None:
    judge = engine(
        {"id": "a", "label": "critical", "words": ["正在转"]},
        {"id": "b", "label": "low", "words": ["谢谢"], "weight": 9},
        facet="urgency",
        decide="ordered",
        order=["critical", "low", "normal"],
        default="normal",
    )
    assert labels(judge, "正在转，谢谢", "urgency") == {"critical"}
    assert labels(judge, "谢谢", "urgency") == {"low"}
    assert labels(judge, "在吗", "urgency") == {"normal"}


def _two(when: dict[str, list[str]]) -> list[FacetRules]:
    first = {"version": "1", "facet": "reason", "decide": "best", "default": "other",
             "rules": [{"id": "c", "label": "collection", "words": ["催"]}]}  # fmt: skip
    second = {"version": "1", "facet": "business", "decide": "best", "default": "other",
              "rules": [{"id": "d", "label": "debt", "when": when}]}  # fmt: skip
    return [FacetRules.model_validate(spec) for spec in (second, first)]


def test_a_facet_may_look_at_one_judged_before() -> None:
    judge = RulesEngine(_two({"reason": ["collection"]}), WORDS, SCOPES)
    assert labels(judge, "天天催", "business") == {"debt"}
    assert labels(judge, "天天问", "business") == {"other"}


def test_facets_that_look_at_each_other_are_refused() -> None:
    one, other = _two({"reason": ["collection"]})
    circle = FacetRules.model_validate(
        other.model_dump(by_alias=True) | {"rules": [{"id": "x", "label": "y", "when": {"business": ["debt"]}}]}
    )
    with pytest.raises(ValueError, match="in a circle"):
        RulesEngine([one, circle], WORDS, SCOPES)


MOOD = {
    "facet": "sentiment",
    "decide": "score",
    "sentiment": {"base": 0, "scale": 1, "negated": -0.5, "degrees": {"非常": 2.0}, "degree_within": 1},
}


@pytest.mark.parametrize(
    ("text", "sign"),
    [("满意", 1), ("不是满意", -1), ("气愤", -1), ("真会做生意，满意", -1), ("今天周二", 0)],
)
def test_the_mood(text: str, sign: int) -> None:
    judge = engine(
        {"id": "g", "label": "positive", "words": ["满意"], "weight": 1},
        {"id": "b", "label": "negative", "words": ["气愤"], "weight": -1},
        {"id": "i", "label": "irony", "words": ["真会做生意"], "weight": -0.1},
        **MOOD,
    )
    score = judge.judge(text)["sentiment"].score
    assert (score > 0) - (score < 0) == sign


def test_degree_words_strengthen() -> None:
    judge = engine({"id": "b", "label": "negative", "words": ["气愤"], "weight": -0.5}, **MOOD)
    assert judge.judge("非常气愤")["sentiment"].score < judge.judge("气愤")["sentiment"].score


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ({"patterns": ["(a)\\1"]}, "RE2"),
        ({"patterns": ["(?=a)"]}, "RE2"),
        ({"patterns": ["a*"]}, "empty text"),
        ({"words": []}, "can never fire"),
        ({"words": ["a"], "weight": 0}, "weight 0"),
        ({"words": ["a"], "weight": 99}, "less than or equal to 20"),
        ({"words": ["a"], "whitout": []}, "Extra inputs"),
        ({"when": {"flags": ["x"]}}, "its own facet"),
        ({"words": ["a"], "with": [{"within": 3}]}, "words or patterns"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(rule: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        engine({"id": "r", "label": "fraud"} | rule)


@pytest.mark.parametrize("groups", [{"a": ["@b"]}, {"a": ["@a"]}, {"a": ["@b"], "b": ["@a"]}])
def test_groups_that_are_unknown_or_contain_themselves_are_refused(groups: dict[str, list[str]]) -> None:
    with pytest.raises(ValidationError, match="group"):
        WordsFile.model_validate({"version": "1", "groups": groups})


@pytest.mark.parametrize("text", ["", "骗" * 100_000, "\0" * 10, "骗子" * 50_000])
def test_any_text_is_judged(text: str) -> None:
    judge = engine({"id": "r", "label": "fraud", "words": ["骗子"], "patterns": ["(骗+子?)+x"]})
    assert labels(judge, text) == ({"fraud"} if "骗子" in text else set())
