"""First responses in working time: nights, weekends, holidays, make-up working days."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.config import Config
from triage.route import WorkingTime
from triage.route.schema import ServiceLevelsSpec


@pytest.fixture(scope="module")
def desk(config: Config) -> WorkingTime:
    return WorkingTime(config.service_levels)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 24), True),  # a Tuesday
        (date(2026, 11, 28), False),  # a Saturday
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 10), True),  # a Saturday that makes up for it
        (date(2026, 2, 17), False),  # Spring Festival
        (date(2026, 2, 14), True),  # a Saturday that makes up for it
        (date(2025, 10, 11), True),
    ],
)
def test_working_days(desk: WorkingTime, day: date, works: bool) -> None:
    assert desk.is_working_day(day) is works


@pytest.mark.parametrize(
    ("urgency", "received", "due"),
    [
        # Critical runs on the clock, at night and on holidays.
        ("critical", "2026-11-24T09:00", "2026-11-24T09:30"),
        ("critical", "2026-10-01T23:50", "2026-10-02T00:20"),
        ("high", "2026-11-24T09:00", "2026-11-24T11:00"),
        ("high", "2026-11-24T11:00", "2026-11-24T14:30"),  # over the noon break
        ("high", "2026-11-24T16:30", "2026-11-25T10:00"),  # over night
        ("high", "2026-11-27T17:00", "2026-11-30T10:30"),  # over the weekend
        ("high", "2026-09-30T17:30", "2026-10-08T11:00"),  # over National Day
        ("high", "2026-11-24T06:00", "2026-11-24T11:00"),  # before opening
        ("normal", "2026-11-24T09:00", "2026-11-25T17:30"),
        ("normal", "2026-11-24T20:00", "2026-11-26T17:30"),  # noticed on the 25th
        ("normal", "2026-11-27T10:00", "2026-11-30T17:30"),
        ("low", "2026-11-26T10:00", "2026-11-30T17:30"),
        ("low", "2026-10-09T10:00", "2026-10-12T17:30"),  # the make-up Saturday counts
    ],
)
def test_first_responses(desk: WorkingTime, urgency: str, received: str, due: str) -> None:
    found = desk.first_response(datetime.fromisoformat(f"{received}:00+08:00"), urgency)
    assert found.isoformat() == f"{due}:00+08:00"


moments = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 1), timezones=st.timezones())


@given(moments)
def test_the_more_urgent_never_later(desk: WorkingTime, received: datetime) -> None:
    order = [desk.first_response(received, urgency) for urgency in ("critical", "high", "normal", "low")]
    assert received < order[0]
    assert order[1:] == sorted(order[1:])


@given(moments, moments)
def test_later_received_is_never_due_earlier(desk: WorkingTime, one: datetime, other: datetime) -> None:
    first, second = sorted((one, other), key=lambda moment: moment.timestamp())
    assert desk.first_response(first, "high") <= desk.first_response(second, "high")


def test_years_without_announced_days(desk: WorkingTime) -> None:
    assert desk.announced(2026)
    assert not desk.announced(2090)


def levels(**change: object) -> ServiceLevelsSpec:
    spec = {"version": "1", "hours": [["09:00", "17:00"]], "levels": {"high": {"minutes": 60}}} | change
    return ServiceLevelsSpec.model_validate(spec)


def test_the_institution_has_its_own_days() -> None:
    desk = WorkingTime(levels(extra_holidays=["2026-11-24"], extra_workdays=["2026-11-28"]))
    assert not desk.is_working_day(date(2026, 11, 24))
    assert desk.is_working_day(date(2026, 11, 28))
    assert WorkingTime(levels(every_day=True)).is_working_day(date(2026, 10, 1))
    assert WorkingTime(levels(country=None)).is_working_day(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"hours": [["09:00", "08:00"]]}, "rise and not overlap"),
        ({"hours": [["09:00", "13:00"], ["12:00", "17:00"]]}, "rise and not overlap"),
        ({"time_zone": "Mars/Base"}, "IANA name"),
        ({"levels": {"high": {}}}, "exactly one of minutes and working_days"),
        ({"levels": {"high": {"minutes": 5, "working_days": 1}}}, "exactly one"),
        ({"levels": {"high": {"working_days": 1, "clock": "always"}}}, "legal: working"),
        ({"extra_holidays": ["2026-11-24"], "extra_workdays": ["2026-11-24"]}, "both a holiday and a workday"),
        ({"country": "XX"}, "Input should be"),
    ],
)
def test_bad_service_levels(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        levels(**change)
