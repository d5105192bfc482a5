"""How likely a department is."""

from __future__ import annotations

import pytest

from triage.config import load
from triage.pipeline.departments import Departments
from triage.pipeline.views import Choice

POLICY = load().policy


def choice(**probabilities: float) -> Choice:
    return Choice(label=max(probabilities, key=probabilities.__getitem__), probabilities=probabilities)


CHOICES = {
    "business": choice(credit_card=0.7, loan=0.3),
    "reason": choice(pricing=0.6, fund_safety=0.3, service_quality=0.1),
    "channel": choice(phone=0.5, unknown=0.5),
}
FACTS = {"business": {"credit_card"}, "reason": {"pricing"}, "channel": {"phone"}}


def test_every_way_counts() -> None:
    likely = Departments(POLICY).likely(CHOICES, FACTS)
    # Money stolen goes to one department; poor service on the phone to another; the rest by business.
    assert likely == pytest.approx(
        {
            "risk_fraud": 0.3,
            "customer_service": 0.1 * 0.5,
            "card_center": 0.7 * (0.6 + 0.1 * 0.5),
            "retail_lending": 0.3 * (0.6 + 0.1 * 0.5),
        }
    )


def test_what_the_caller_knows_is_certain() -> None:
    likely = Departments(POLICY).likely(CHOICES, {**FACTS, "channel": {"branch"}})
    assert likely["branch_ops"] == pytest.approx(0.1)
    assert "customer_service" not in likely


def test_without_probabilities_nothing_is_invented() -> None:
    rules = {**CHOICES, "reason": Choice(label="pricing", probabilities={})}
    assert Departments(POLICY).likely(rules, FACTS) == {}
    assert Departments(POLICY).others({}, "card_center") == ()


def test_others_stand_in_order() -> None:
    departments = Departments(POLICY)
    others = departments.others(departments.likely(CHOICES, FACTS), "card_center")
    assert [other.label for other in others] == ["risk_fraud", "retail_lending", "customer_service"]
