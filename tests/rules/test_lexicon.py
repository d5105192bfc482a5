"""Weighted words: they add to the rules, and start from their own floor."""

from __future__ import annotations

import pytest
from small import SCOPES, WORDS

from triage.rules import RulesEngine
from triage.rules.lexicon import LexiconSpec
from triage.rules.schema import FacetRules

FLAGS = {
    "version": "1",
    "facet": "flags",
    "decide": "all",
    "threshold": 2,
    "scopes": {"negated": 0, "opening": 1.5},
    "rules": [{"id": "r", "label": "media", "weight": 1.5, "words": ["记者"]}],
}
PICK = FLAGS | {"facet": "business", "decide": "best", "default": "other", "rules": [
    {"id": "r", "label": "loan", "weight": 3, "words": ["贷款"]}]}  # fmt: skip


def engine(spec: dict[str, object], weights: dict[str, dict[str, float]]) -> RulesEngine:
    lexicon = LexiconSpec(weights={str(spec["facet"]): weights})
    return RulesEngine([FacetRules.model_validate(spec)], WORDS, SCOPES, lexicon)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("记者", set()),  # a rule alone stays below the threshold
        ("电视台", set()),  # so does a word
        ("记者,电视台", {"media"}),  # together they reach it
        ("电视台,电视台,电视台", set()),  # a word counts once
        ("没有电视台,记者", {"media"}),  # words read no scopes
    ],
)
def test_words_add_to_rules(text: str, labels: set[str]) -> None:
    judge = engine(FLAGS | {"scopes": {"negated": 0}}, {"电视台": {"media": 0.6}})
    assert judge.judge(text)["flags"].labels == labels


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("贷款", "loan"),
        ("贷款利息", "loan"),  # 3 + 1 - 1 beats 2
        ("利息", "savings"),  # words alone decide, whatever the threshold
        ("你好", "other"),  # no rule and no word: the default
    ],
)
def test_the_best_of_all(text: str, label: str) -> None:
    weights = {"": {"loan": -1.0, "savings": 0.5}, "利息": {"loan": 1.0, "savings": 1.5}}
    assert engine(PICK, weights).judge(text)["business"].labels == {label}


def test_words_are_evidence() -> None:
    judge = engine(PICK, {"利息": {"loan": 1.0}, "手续": {"loan": -1.0}})
    (chosen,) = judge.judge("贷款利息手续")["business"].chosen
    assert [(hit.rule, hit.start, hit.end) for hit in chosen.hits] == [("r", 0, 2), ("lexicon.business", 2, 4)]
    assert {hit.weight for hit in judge.explain("贷款利息手续")["business"]} == {4.5, 1.0, -1.0}
