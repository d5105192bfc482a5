"""Working time: public holidays, make-up working days, and the hours of the desk."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import holidays

from triage.route.deadlines import local
from triage.route.schema import ServiceLevelsSpec

__all__ = ["WorkingTime"]

_HORIZON = 400
"""Days to look ahead before giving up: a desk that never works in a year has a wrong calendar."""


class WorkingTime:
    """Adds working time to a moment.

    Public holidays and make-up working days come from the ``holidays`` package. The State Council announces the days
    of a year in the autumn before; :meth:`announced` tells whether the package knows them.
    """

    def __init__(self, spec: ServiceLevelsSpec) -> None:
        self._spec = spec
        self._off = frozenset(spec.extra_holidays)
        self._on = frozenset(spec.extra_workdays)
        self.is_working_day = lru_cache(maxsize=4096)(self._is_working_day)

    def _is_working_day(self, day: date) -> bool:
        """Tell whether the desk works on ``day``."""
        if day in self._off:
            return False
        if self._spec.every_day or day in self._on:
            return True
        if self._spec.country is None:
            return day.weekday() < 5
        return _country(self._spec.country, day.year).is_working_day(day)

    def announced(self, year: int) -> bool:
        """Tell whether the make-up working days of ``year`` are known, as far as the country has any."""
        if self._spec.every_day or self._spec.country != "CN":
            return True
        return any(day.year == year for day in _country("CN", year).weekend_workdays)

    def first_response(self, received: datetime, urgency: str) -> datetime:
        """Return by when a complaint of this urgency must have a first response, in the desk's time zone.

        Minutes run on the clock or through working hours; n working days end at closing time of the n-th working day
        after the one on which the desk takes notice.

        Raises:
            ValueError: ``received`` has no offset, or the calendar holds no working time within a year.
            KeyError: there is no level for this urgency.
        """
        level = self._spec.levels[urgency]
        moment = local(received, self._spec.time_zone)
        if level.minutes is not None and level.clock == "always":
            return moment + timedelta(minutes=level.minutes)
        if level.minutes is not None:
            return self._after(moment, timedelta(minutes=level.minutes))
        noticed = self._after(moment, timedelta(0)).date()
        days = self._days(noticed + timedelta(days=1))
        last = noticed
        for _ in range(level.working_days or 0):
            last = next(days)
        return self._period(last, len(self._spec.hours) - 1)[1]

    def _after(self, moment: datetime, left: timedelta) -> datetime:
        for day in self._days(moment.date()):
            for place in range(len(self._spec.hours)):
                opens, closes = self._period(day, place)
                begins = max(moment, opens)
                if begins < closes and closes - begins >= left:
                    return begins + left
                left -= max(closes - begins, timedelta(0))
        raise AssertionError("the days end with an error of their own")

    def _days(self, day: date) -> Iterator[date]:
        for ahead in range(_HORIZON):
            if self.is_working_day(day + timedelta(days=ahead)):
                yield day + timedelta(days=ahead)
        raise ValueError(f"service_levels.yaml: no working time within {_HORIZON} days of {day}; check the holidays")

    def _period(self, day: date, place: int) -> tuple[datetime, datetime]:
        zone = ZoneInfo(self._spec.time_zone)
        opens, closes = self._spec.hours[place]
        return datetime.combine(day, opens, zone), datetime.combine(day, closes, zone)


@cache
def _country(code: str, year: int) -> holidays.HolidayBase:
    return holidays.country_holidays(code, years=year)
