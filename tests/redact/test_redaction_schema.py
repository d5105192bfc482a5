from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from triage.redact import Redactor
from triage.redact.schema import RedactionSpec

PATTERN = {"name": "digits", "regex": r"\d{6}", "score": 0.6}
ONE = {"name": "badge", "supported_entity": "BADGE", "placeholder": "工牌", "patterns": [PATTERN]}


def spec(*recognizers: dict[str, Any], **more: object) -> RedactionSpec:
    names = {"surnames": "王李", "given": "明"}
    return RedactionSpec.model_validate({"version": "1", "recognizers": recognizers, "names": names} | more)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"patterns": [PATTERN | {"regex": r"(?<!\d)\d{6}"}]}, "not an RE2 expression"),
        ({"patterns": [PATTERN | {"regex": "("}]}, "not an RE2 expression"),
        ({"patterns": [PATTERN | {"regex": r"\d*"}]}, "empty text"),
        ({"patterns": [PATTERN | {"regex": r"(?P<personal>\d+)"}]}, "legal: .*value"),
        ({"patterns": [PATTERN | {"score": 1.5}]}, "less than or equal to 1"),
        ({"patterns": []}, "needs one of: patterns, deny_list"),
        ({"placeholder": "工牌_1"}, "pattern"),
        ({"placeholder": "<工牌>"}, "pattern"),
        ({"supported_entity": "badge"}, "pattern"),
        ({"validator": "crc"}, "'id_card'"),
        ({"boundary": "word"}, "'digit', 'alnum' or 'none'"),
        ({"regex": "x"}, "Extra inputs"),
    ],
)
def test_what_is_not_legal(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        spec(ONE | change)


def test_two_recognizers_of_one_name() -> None:
    with pytest.raises(ValidationError, match="two recognizers have the name 'badge'"):
        spec(ONE, ONE)


@pytest.mark.parametrize(
    ("change", "more", "redacted"),
    [
        ({}, {}, "工牌<工牌_1>，<工牌_2>"),
        ({"enabled": False}, {}, "工牌123456，654321"),
        ({}, {"enabled": False}, "工牌123456，654321"),
        ({}, {"allow_list": ["123-456"]}, "工牌123456，<工牌_1>"),
        ({}, {"default_score_threshold": 0.7}, "工牌123456，654321"),
        ({"score_threshold": 0.5}, {"default_score_threshold": 0.7}, "工牌<工牌_1>，<工牌_2>"),
        ({"context": ["工牌"]}, {"default_score_threshold": 0.7}, "工牌<工牌_1>，654321"),
        ({"context_against": ["工牌"]}, {}, "工牌123456，<工牌_1>"),
        ({"reject_before": ["工牌"]}, {}, "工牌123456，<工牌_1>"),
        ({"reject_after": ["，"]}, {}, "工牌<工牌_1>，<工牌_2>"),  # marks are folded: write ","
        ({"reject_after": [","]}, {}, "工牌123456，<工牌_1>"),
        ({"patterns": [PATTERN | {"regex": r"工牌(?P<value>\d{6})"}]}, {}, "工牌<工牌_1>，654321"),
        ({"patterns": [], "deny_list": ["654321"]}, {}, "工牌123456，<工牌_1>"),
        ({"patterns": [PATTERN | {"regex": r"\d{5}"}]}, {}, "工牌<工牌_1>6，<工牌_2>1"),
        ({"patterns": [PATTERN | {"regex": r"\d{5}"}], "boundary": "digit"}, {}, "工牌123456，654321"),
    ],
)
def test_what_a_user_can_set(change: dict[str, Any], more: dict[str, Any], redacted: str) -> None:
    assert Redactor(spec(ONE | change, **more)).redact("工牌123456，654321").text == redacted
