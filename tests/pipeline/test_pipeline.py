"""A whole decision: every part is there, evidence points at what was sent, bad input gets a clear line."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

import triage as library
from triage.errors import ConfigError, InputError, ModelError
from triage.pipeline import Triage
from triage.text import Document, read_chat
from triage.types import Decision, Evidence

RECEIVED = datetime.fromisoformat("2026-11-24T09:00:00+08:00")
STOLEN = "我的信用卡昨天夜里在境外被盗刷了6万多元，卡一直在我身上，要求退回来。电话138 0013 8000"


def all_evidence(decision: Decision) -> list[Evidence]:
    single = (decision.business, decision.reason, decision.channel, decision.urgency, decision.complexity)
    fields = (*single, decision.department, decision.sentiment, *decision.demands, *decision.flags)
    return list(chain.from_iterable(field.evidence for field in fields))


def test_a_whole_decision(triage: Triage) -> None:
    decision = triage.predict(STOLEN, id="c-1", received=RECEIVED)
    assert (decision.id, decision.source, decision.degraded) == ("c-1", "rules", ())
    assert (decision.business.label, decision.reason.label) == ("credit_card", "fund_safety")
    assert (decision.urgency.label, decision.department.label) == ("high", "risk_fraud")
    assert decision.department.because[0] == "fund_safety"
    assert decision.sentiment.label in ("negative", "very_negative")
    assert decision.deadlines[0].due[:10] in ("2026-12-09", "2026-12-24")
    assert decision.first_response_due == "2026-11-24T11:00:00+08:00"
    assert "2026-11-24 11:00" in decision.suggested_reply
    assert decision.decision in ("auto", "suggest", "review")
    assert decision.reasons
    assert "138 0013 8000" not in decision.redacted_text
    assert decision.redacted_text.startswith("我的信用卡昨天夜里在境外被盗刷了6万多元")
    assert {decision.model_version.split("-")[0], decision.taxonomy_version, decision.policy_version} > {"rules"}


def test_rules_invent_no_probability(triage: Triage) -> None:
    decision = triage.predict(STOLEN)
    for label in (decision.business, decision.reason, decision.urgency, decision.department):
        assert (label.confidence, label.calibrated) == (None, False)


def test_evidence_names_its_rule_and_the_characters_sent(triage: Triage) -> None:
    text = "我嘅銀\u200b行卡  畀人盜刷咗８萬蚊！！！！"
    decision = triage.predict(text)
    assert all_evidence(decision)
    for piece in all_evidence(decision):
        assert text[piece.start : piece.end] == piece.text
        assert piece.source.startswith("rule:")


@given(st.text(min_size=1, max_size=300))
def test_any_text_gets_a_decision_or_a_clear_line(triage: Triage, text: str) -> None:
    try:
        decision = triage.predict(text, received=RECEIVED)
    except InputError as error:
        assert "text is empty" in str(error)
        return
    for piece in all_evidence(decision):
        assert text[piece.start : piece.end] == piece.text
    assert Decision.from_json(decision.to_json()) == decision


def test_the_same_text_gets_the_same_decision(triage: Triage) -> None:
    one, other = (triage.predict(STOLEN, id="a", received=RECEIVED) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000", "\u200b\ufeff", "\x00"])
def test_empty_texts(triage: Triage, text: str) -> None:
    with pytest.raises(InputError, match="text is empty"):
        triage.predict(text)


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("😡😡😡👎", None),
        ("12345678", None),
        ("My credit card was charged twice and nobody answers the phone.", "not_chinese"),
        ("Моя карта заблокирована, помогите пожалуйста", "not_chinese"),
        ("信用卡 credit card 被盗刷了，please help", None),
        ("催收天天打我家人电话。" * 9_100, "text_cut"),
    ],
)
def test_strange_texts_are_decided_and_said_so(triage: Triage, text: str, warning: str | None) -> None:
    decision = triage.predict(text)
    codes = [notice.code for notice in decision.warnings]
    assert codes == ([warning] if warning else []), codes
    if warning:
        assert decision.decision == "review"


def test_text_that_says_nothing_goes_to_a_person(triage: Triage) -> None:
    decision = triage.predict("😡")
    assert (decision.business.label, decision.department.label, decision.decision) == (
        "other",
        "consumer_protection",
        "review",
    )


def test_only_the_customer_is_evidence(triage: Triage) -> None:
    turns = [
        ("客服", "您好，是信用卡被盗刷了吗"),
        ("客户", "不是，我想问下存单到期怎么取"),
        ("客服", "有没有被骗子骗走钱"),
    ]
    decision = triage.predict(read_chat(turns, triage.config.text.roles))
    assert decision.business.label == "savings"
    assert decision.reason.label != "fund_safety"


@pytest.mark.parametrize(
    ("channel", "department"), [("branch", "branch_ops"), ("phone", "customer_service"), (None, "consumer_protection")]
)
def test_the_callers_channel_decides(triage: Triage, channel: str | None, department: str) -> None:
    decision = triage.predict("态度特别差，爱答不理的", channel=channel)
    assert decision.department.label == department


def test_where_the_time_comes_from(triage: Triage) -> None:
    said = datetime(2026, 10, 1, 1, 0, tzinfo=UTC)
    assert triage.predict(Document(text=STOLEN, received=said)).first_response_due == "2026-10-08T11:00:00+08:00"
    assert triage.predict(Document(text=STOLEN, received=said), received=RECEIVED).first_response_due.startswith(
        "2026-11"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"text": None}, "text is NoneType; legal: str"),
        ({"text": b"x"}, "text is bytes"),
        ({"text": "卡", "channel": "telepathy"}, "channel is 'telepathy'; legal: branch, "),
        ({"text": "卡", "received": datetime(2026, 11, 24)}, "legal: a time with an offset"),
    ],
)  # fmt: skip
def test_bad_arguments(triage: Triage, arguments: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said):
        triage.predict(**arguments)  # type: ignore[arg-type]


def test_many_texts(triage: Triage) -> None:
    decisions = triage.predict_batch(["卡被吞了", "保单退保"], ids=["a", "b"], received=RECEIVED)
    assert [decision.id for decision in decisions] == ["a", "b"]
    assert decisions[0] == triage.predict("卡被吞了", id="a", received=RECEIVED)
    with pytest.raises(InputError, match="1 ids for 2 texts"):
        triage.predict_batch(["卡", "卡"], ids=["a"])


def test_explain_lists_hits_that_a_scope_blocked(triage: Triage) -> None:
    found = triage.explain("不是催收的事，是年费")
    blocked = [hit for hits in found.values() for hit in hits if hit["weight"] == 0]
    assert any("negated" in hit["scopes"] for hit in blocked)


def test_load() -> None:
    assert isinstance(library.load(), Triage)
    with pytest.raises(ModelError, match="x: no such folder"):
        library.load("x")
    with pytest.raises(ConfigError, match="no such folder"):
        library.load(configs="/no/such")
