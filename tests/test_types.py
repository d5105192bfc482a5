"""A decision travels as JSON and comes back the same; its names are the contract."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime

import pytest

from triage.pipeline import Triage
from triage.types import Decision, Evidence

TOP = [
    "id", "business", "reason", "channel", "urgency", "complexity", "department", "sentiment", "demands", "flags",
    "deadlines", "first_response_due", "suggested_reply", "decision", "reasons", "source", "degraded", "warnings",
    "redacted_text", "model_version", "taxonomy_version", "policy_version",
]  # fmt: skip
FIELD = ["label", "name", "code", "confidence", "calibrated", "decision", "alternatives", "evidence"]


@pytest.fixture(scope="module")
def decision(triage: Triage) -> Decision:
    text = "第三次反映了！去年已向12378投诉，信用卡被盗刷六万，客服态度差，要求赔偿并道歉，我母亲78岁"
    return triage.predict(text, id="d", received=datetime(2026, 11, 24, 1, tzinfo=UTC))


def test_round_trip(decision: Decision) -> None:
    assert Decision.from_json(decision.to_json()) == decision
    assert Decision.from_dict(json.loads(decision.to_json(indent=2))) == decision


def test_the_names_of_the_contract(decision: Decision) -> None:
    plain = decision.to_dict()
    assert list(plain) == TOP
    for facet in ("business", "reason", "channel", "urgency", "complexity"):
        assert list(plain[facet]) == FIELD
    assert list(plain["department"]) == [*FIELD, "co", "because"]
    assert {"score", "label", "confidence", "decision", "evidence"} <= set(plain["sentiment"])
    assert set(plain["flags"][0]) == {"label", "name", "confidence", "evidence"}
    assert set(plain["deadlines"][0]) == {"rule", "due", "source"}
    assert set(plain["business"]["evidence"][0]) == {"start", "end", "text", "source"}


def test_chinese_stays_readable(decision: Decision) -> None:
    assert "信用卡" in decision.to_json()


def test_nothing_can_be_changed(decision: Decision) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        decision.id = "other"  # type: ignore[misc]
    with pytest.raises(dataclasses.FrozenInstanceError):
        Evidence(0, 1, "卡", "model").start = 2  # type: ignore[misc]
