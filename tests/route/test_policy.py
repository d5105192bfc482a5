"""Every row of the default policy, the near miss of each, and rows that nothing reaches."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from triage.config import Config
from triage.config.references import legal_labels
from triage.route import route
from triage.route.policy import unreachable
from triage.route.schema import PolicySpec

Labels = dict[str, str]


def facts(business: str = "other", reason: str = "other", channel: str = "unknown", urgency: str = "normal",
          flags: tuple[str, ...] = ()) -> dict[str, set[str]]:  # fmt: skip
    single = {"business": business, "reason": reason, "channel": channel, "urgency": urgency}
    return {facet: {label} for facet, label in single.items()} | {"flags": set(flags)}


@pytest.mark.parametrize(
    ("labels", "lead"),
    [
        ({"business": "credit_card", "reason": "fund_safety"}, "risk_fraud"),
        ({"business": "debt_collection", "reason": "fund_safety"}, "risk_fraud"),
        ({"business": "loan", "reason": "info_security"}, "privacy_compliance"),
        ({"business": "debt_collection", "reason": "info_security"}, "privacy_compliance"),
        ({"business": "debt_collection", "reason": "policy_process"}, "asset_recovery"),
        ({"business": "loan", "reason": "collection_conduct"}, "asset_recovery"),
        ({"business": "debit_card", "reason": "facilities_system", "channel": "branch"}, "branch_ops"),
        ({"business": "debit_card", "reason": "facilities_system", "channel": "self_service"}, "branch_ops"),
        ({"business": "debit_card", "reason": "facilities_system", "channel": "mobile_app"}, "digital_banking"),
        ({"business": "credit_card", "reason": "facilities_system"}, "digital_banking"),
        ({"business": "credit_card", "reason": "service_quality", "channel": "branch"}, "branch_ops"),
        ({"business": "credit_card", "reason": "service_quality", "channel": "phone"}, "customer_service"),
        ({"business": "credit_card", "reason": "service_quality", "channel": "mobile_app"}, "card_center"),
        ({"business": "credit_card", "reason": "pricing", "channel": "branch"}, "card_center"),
        ({"business": "loan", "reason": "pricing"}, "retail_lending"),
        ({"business": "payment", "reason": "policy_process"}, "payment_ops"),
        *(({"business": business, "reason": "pricing"}, "branch_ops") for business in
          ("debit_card", "savings", "rmb_management", "forex", "treasury", "other_intermediary")),
        *(({"business": business, "reason": "product_return"}, "wealth_mgmt") for business in
          ("wealth", "precious_metal", "agency", "securities")),
        ({"business": "insurance_claim", "reason": "contract_terms"}, "insurance_service"),
        ({"business": "insurance_policy", "reason": "marketing"}, "insurance_service"),
        ({"business": "personal_info", "reason": "policy_process"}, "privacy_compliance"),
        ({"business": "other", "reason": "pricing"}, "consumer_protection"),
        ({"business": "other", "reason": "service_quality", "channel": "branch"}, "branch_ops"),
    ],
)  # fmt: skip
def test_the_lead_department(config: Config, labels: Labels, lead: str) -> None:
    assert route(config.policy, facts(**labels), {}).lead == lead  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("flags", "urgency", "co"),
    [
        ((), "normal", ()),
        (("regulator",), "high", ("consumer_protection",)),
        (("media",), "high", ("consumer_protection",)),
        (("litigation",), "high", ("consumer_protection",)),
        (("group",), "normal", ("consumer_protection",)),
        ((), "critical", ("consumer_protection",)),
        (("fraud_in_progress",), "critical", ("consumer_protection", "risk_fraud")),
        (("repeat", "vulnerable", "profanity"), "high", ()),
    ],
)
def test_departments_that_join(config: Config, flags: tuple[str, ...], urgency: str, co: tuple[str, ...]) -> None:
    assert route(config.policy, facts("loan", "pricing", urgency=urgency, flags=flags), {}).co == co


@pytest.mark.parametrize(
    ("first", "second", "co"),
    [
        (("loan", "free_choice"), {"business": ["agency"]}, ("wealth_mgmt",)),
        (("loan", "pricing"), {"reason": ["info_security"]}, ("privacy_compliance",)),
        (("loan", "pricing"), {"reason": ["service_quality"]}, ()),
        (("savings", "policy_process"), {"business": ["debit_card"]}, ()),
        (("credit_card", "fund_safety"), {"business": ["payment"]}, ("payment_ops",)),
    ],
)
def test_clear_second_labels(
    config: Config, first: tuple[str, str], second: dict[str, list[str]], co: tuple[str, ...]
) -> None:
    assert route(config.policy, facts(*first), second).co == co


def test_a_lead_never_joins_itself(config: Config) -> None:
    routed = route(config.policy, facts("other", "pricing", flags=("regulator",)), {})
    assert (routed.lead, routed.co) == ("consumer_protection", ())


def test_the_rows_that_fired_are_named(config: Config) -> None:
    routed = route(config.policy, facts("loan", "pricing", flags=("media",)), {"business": ["agency"]})
    assert routed.because == ("business_loan", "co_outside", "second.business.agency")


def policy(*lead: dict[str, object]) -> PolicySpec:
    return PolicySpec.model_validate({"version": "1", "lead": lead})


def test_unreachable_rows(config: Config) -> None:
    legal = legal_labels(config)
    rows = [
        {"id": "a", "when": {"business": ["loan"]}, "lead": "retail_lending"},
        {"id": "b", "when": {"business": ["loan"], "reason": ["pricing"]}, "lead": "card_center"},
        {"id": "rest", "lead": "consumer_protection"},
    ]
    assert [row.id for row in unreachable(policy(*rows), legal)] == ["b"]
    assert [row.id for row in unreachable(policy(rows[1], rows[0], rows[2]), legal)] == []
    assert [row.id for row in unreachable(config.policy, legal)] == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"id": "a", "when": {"business": ["loan"]}, "lead": "x"}], "must hold always"),
        ([{"id": "a", "lead": "x"}, {"id": "b", "lead": "y"}], "holds always"),
        ([{"id": "a", "when": {"business": ["loan"]}, "lead": "x"}, {"id": "a", "lead": "x"}], "more than once"),
        ([{"id": "a", "lead": "x", "co": "y"}], "exactly one of lead and co"),
        ([{"id": "a", "when": {"business": []}, "lead": "x"}, {"id": "b", "lead": "y"}], "at least 1 item"),
        ([{"id": "a", "when": {"business": ["loan", "loan"]}, "lead": "x"}, {"id": "b", "lead": "y"}], "twice"),
        ([{"id": "a", "co": "x"}], "stands under lead"),
        ([], "at least 1 item"),
    ],
)
def test_contradictory_policies_are_refused(rows: list[dict[str, object]], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        policy(*rows)
