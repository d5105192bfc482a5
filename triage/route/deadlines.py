"""The legal deadlines in force on the day of receipt, in calendar days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from triage.route.conditions import Facts, holds
from triage.route.schema import DeadlineRule, DeadlinesSpec
from triage.types import Deadline

__all__ = ["deadlines", "local"]


def local(moment: datetime, zone: str) -> datetime:
    """Return ``moment`` in the time zone of the desk.

    Raises:
        ValueError: the moment has no offset, so nobody knows on which day it is.
    """
    if moment.tzinfo is None:
        raise ValueError(f"received is {moment.isoformat()}; legal: a time with an offset, 2026-11-24T09:00:00+08:00")
    return moment.astimezone(ZoneInfo(zone))


def deadlines(spec: DeadlinesSpec, received: datetime, facts: Facts) -> tuple[Deadline, ...]:
    """Return the deadlines that apply, the earliest first; none when no rule was in force on that day.

    A deadline of n days falls on the end (23:59:59) of the n-th day after the day of receipt, which itself does not
    count. Weekends and holidays count: these are calendar days.

    Args:
        spec: the dated rules.
        received: when the complaint was received, with an offset.
        facts: the labels that hold; ``forwarded_by`` names who forwarded the complaint.
    """
    moment = local(received, spec.time_zone)
    day = moment.date()
    due = [
        (rule, datetime.combine(day + timedelta(days=rule.days), time(23, 59, 59), moment.tzinfo))
        for rule in spec.rules
        if _in_force(rule, day) and holds(rule.when, facts)
    ]
    due.sort(key=lambda item: (item[1], item[0].needs_approval))
    return tuple(Deadline(rule.id, moment.isoformat(), rule.source) for rule, moment in due)


def _in_force(rule: DeadlineRule, day: date) -> bool:
    return rule.effective_from <= day and (rule.effective_until is None or day <= rule.effective_until)
