"""Calendar days of the law, and the rule in force on the day of receipt."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from triage.config import Config
from triage.route import deadlines
from triage.route.schema import DeadlinesSpec


def due(config: Config, received: str, complexity: str, *forwarded_by: str) -> dict[str, str]:
    facts = {"complexity": {complexity}, "forwarded_by": set(forwarded_by)}
    return {d.rule: d.due for d in deadlines(config.deadlines, datetime.fromisoformat(received), facts)}


@pytest.mark.parametrize(
    ("received", "complexity", "expected"),
    [
        ("2026-11-24T09:00:00+08:00", "simple", {"decide_simple": "2026-12-09"}),
        # Weekends and the national holiday count: these are calendar days.
        ("2026-09-25T18:00:00+08:00", "simple", {"decide_simple": "2026-10-10"}),
        ("2026-11-24T09:00:00+08:00", "complex", {"decide_complex": "2026-12-24", "decide_extended": "2027-01-23"}),
        ("2026-11-24T09:00:00+08:00", "major", {"decide_complex": "2026-12-24", "decide_extended": "2027-01-23"}),
        # 23:30 in London is already the next day in Shanghai.
        ("2026-11-24T23:30:00+00:00", "simple", {"decide_simple": "2026-12-10"}),
        ("2024-02-14T12:00:00+08:00", "simple", {"decide_simple": "2024-02-29"}),
        ("2020-03-01T00:00:00+08:00", "simple", {"decide_simple": "2020-03-16"}),
        ("2020-02-29T23:59:59+08:00", "simple", {}),
    ],
)
def test_when_it_is_due(config: Config, received: str, complexity: str, expected: dict[str, str]) -> None:
    assert {rule: moment[:10] for rule, moment in due(config, received, complexity).items()} == expected


def test_the_last_second_of_the_day_counts(config: Config) -> None:
    assert due(config, "2026-11-24T09:00:00+08:00", "simple") == {"decide_simple": "2026-12-09T23:59:59+08:00"}


def test_the_central_bank_has_its_own(config: Config) -> None:
    forwarded = due(config, "2026-11-24T09:00:00+08:00", "complex", "central_bank")
    assert {rule: moment[:10] for rule, moment in forwarded.items()} == {
        "central_bank_answer": "2026-12-09",
        "decide_complex": "2026-12-24",
        "decide_extended": "2027-01-23",
        "central_bank_extended": "2027-01-23",
    }
    before = due(config, "2020-10-31T12:00:00+08:00", "simple", "central_bank")
    assert list(before) == ["decide_simple"]


def test_a_new_rule_takes_over_on_its_day() -> None:
    old = {"id": "old", "days": 15, "source": "甲", "effective_from": "2020-01-01", "effective_until": "2026-12-31"}
    new = {"id": "new", "days": 10, "source": "乙", "effective_from": "2027-01-01"}
    spec = DeadlinesSpec.model_validate({"version": "1", "rules": [old, new]})
    assert [d.rule for d in deadlines(spec, datetime(2026, 12, 31, 12, tzinfo=UTC), {})] == ["old"]
    assert [d.rule for d in deadlines(spec, datetime(2027, 1, 1, 12, tzinfo=UTC), {})] == ["new"]


def test_a_time_without_an_offset_is_refused(config: Config) -> None:
    with pytest.raises(ValueError, match="legal: a time with an offset"):
        deadlines(config.deadlines, datetime(2026, 11, 24, 9), {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"effective_until": "2019-01-01"}, "before it begins"),
        ({"days": 0}, "greater than or equal to 1"),
        ({"effective_from": "soon"}, "valid date"),
    ],
)
def test_bad_rules(change: dict[str, object], said: str) -> None:
    rule = {"id": "a", "days": 15, "source": "甲", "effective_from": "2020-01-01"} | change
    with pytest.raises(ValueError, match=said):
        DeadlinesSpec.model_validate({"version": "1", "rules": [rule]})
