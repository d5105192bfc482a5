"""The schemas of the files that route: policy, deadlines, service levels, decisions and replies."""

from __future__ import annotations

from datetime import date, time
from itertools import pairwise
from string import Formatter
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, field_validator, model_validator

from triage.schema import Ident, Spec, Text, VersionedSpec

__all__ = [
    "DeadlineRule",
    "DeadlinesSpec",
    "DecisionsSpec",
    "MeetingSpec",
    "PolicyRow",
    "PolicySpec",
    "RepliesSpec",
    "ReplyRow",
    "ServiceLevelsSpec",
    "When",
]

When = dict[Ident, Annotated[tuple[Ident, ...], Field(min_length=1)]]
"""Facets, and for each the labels of which one must hold; every facet named must hold."""


class PolicyRow(Spec):
    """One row: when it holds, the complaint goes to ``lead``, or ``co`` joins."""

    id: Ident
    when: When = {}
    lead: Ident | None = None
    co: Ident | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.lead is None) == (self.co is None):
            raise ValueError(f"the row {self.id!r} needs exactly one of lead and co")
        for facet, labels in self.when.items():
            if len(set(labels)) < len(labels):
                raise ValueError(f"the row {self.id!r} names a label of {facet} twice")
        return self


class PolicySpec(VersionedSpec):
    """The routing policy: of ``lead`` rows the first that holds decides, of ``co`` rows every one.

    ``second`` says for which facets the department of a clear second label joins: that department is the lead of the
    policy for the complaint with this label put in the first one's place.
    """

    lead: Annotated[tuple[PolicyRow, ...], Field(min_length=1)]
    co: tuple[PolicyRow, ...] = ()
    second: dict[Ident, tuple[Ident, ...]] = {}

    @model_validator(mode="after")
    def _closed(self) -> Self:
        ids = [row.id for row in (*self.lead, *self.co)]
        repeated = sorted({name for name in ids if ids.count(name) > 1})
        if repeated:
            raise ValueError(f"the row ids {repeated} stand more than once; ids are unique")
        for rows, kind in ((self.lead, "lead"), (self.co, "co")):
            for row in rows:
                if getattr(row, kind) is None:
                    raise ValueError(f"the row {row.id!r} stands under {kind} and has none")
        if self.lead[-1].when:
            raise ValueError(
                f"the last lead row {self.lead[-1].id!r} must hold always (no `when`), or complaints get lost"
            )
        for row in self.lead[:-1]:
            if not row.when:
                raise ValueError(f"the lead row {row.id!r} holds always, so the rows after it never decide")
        return self


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError("no such time zone; legal: an IANA name such as Asia/Shanghai") from error
    return name


Zone = Annotated[str, AfterValidator(_zone)]


class DeadlineRule(Spec):
    """One legal deadline, in calendar days.

    Attributes:
        id: the rule's name in a decision.
        when: labels for which it applies; ``forwarded_by`` looks at who forwarded the complaint.
        days: calendar days after the day of receipt.
        source: the text of law, with its number.
        effective_from: the first day of receipt for which it is in force.
        effective_until: the last such day; none while it is in force.
        needs_approval: the deadline holds only when a senior manager approves.
    """

    id: Ident
    when: When = {}
    days: Annotated[int, Field(ge=1, le=3650)]
    source: Text
    effective_from: date
    effective_until: date | None = None
    needs_approval: bool = False

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.effective_until is not None and self.effective_until < self.effective_from:
            raise ValueError(f"the rule {self.id!r} ends on {self.effective_until}, before it begins")
        return self


class DeadlinesSpec(VersionedSpec):
    """Dated rules; those in force on the local day of receipt apply. The day of receipt does not count.

    Attributes:
        time_zone: IANA name.
        forwarders: who may have forwarded a complaint that a regulator is concerned with, and the words that tell.
        rules: the rules.
    """

    time_zone: Zone = "Asia/Shanghai"
    forwarders: dict[Ident, Annotated[tuple[Text, ...], Field(min_length=1)]] = {}
    rules: tuple[DeadlineRule, ...]


class Level(Spec):
    """The time to a first response: minutes, or working days."""

    minutes: Annotated[int, Field(ge=1)] | None = None
    working_days: Annotated[int, Field(ge=1, le=60)] | None = None
    clock: Literal["always", "working"] = "working"

    @model_validator(mode="after")
    def _one_of_two(self) -> Self:
        if (self.minutes is None) == (self.working_days is None):
            raise ValueError("a level needs exactly one of minutes and working_days")
        if self.working_days is not None and self.clock == "always":
            raise ValueError("working_days cannot run on the clock `always`; legal: working")
        return self


class ServiceLevelsSpec(VersionedSpec):
    """First responses by urgency, in the working hours of the desk.

    Attributes:
        time_zone: IANA name.
        country: whose public holidays count (ISO 3166), or none for a desk that works every weekday.
        hours: working periods of a day, in order, not overlapping.
        every_day: the desk works on weekends and holidays too.
        extra_holidays: the institution's own days off.
        extra_workdays: the institution's own working days.
        levels: by label of the facet urgency.
    """

    time_zone: Zone = "Asia/Shanghai"
    country: Literal["CN", "HK", "TW", "MO"] | None = "CN"
    hours: Annotated[tuple[tuple[time, time], ...], Field(min_length=1)]
    every_day: bool = False
    extra_holidays: tuple[date, ...] = ()
    extra_workdays: tuple[date, ...] = ()
    levels: dict[Ident, Level]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        moments = [moment for period in self.hours for moment in period]
        if any(one >= other for one, other in pairwise(moments)):
            raise ValueError("hours must rise and not overlap, such as [['09:00', '12:00'], ['13:30', '17:30']]")
        both = set(self.extra_holidays) & set(self.extra_workdays)
        if both:
            raise ValueError(f"{min(both)} is both a holiday and a workday")
        return self


class Threshold(Spec):
    """From which calibrated confidence on a label is acted upon, or shown as a suggestion; below, a person decides."""

    auto: Annotated[float, Field(ge=0, le=1)]
    suggest: Annotated[float, Field(ge=0, le=1)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.suggest > self.auto:
            raise ValueError(f"suggest is {self.suggest}, above auto {self.auto}; legal: suggest <= auto")
        return self


class ReviewRow(Spec):
    """When the row holds, a person must look; ``reason`` says why, in Chinese."""

    id: Ident
    when: When
    reason: Text


Probability = Annotated[float, Field(ge=0, le=1)]


class BudgetSpec(Spec):
    """Seconds that a call may spend in the model: ``call`` for the call, and ``text`` for each text of it."""

    call: Annotated[float, Field(gt=0)]
    text: Annotated[float, Field(ge=0)]


class MeetingSpec(Spec):
    """How rules and model meet.

    Attributes:
        budget: how long the model may think; after that rules answer.
        coverage: when set, the alternatives of a label are all labels of its conformal set: with the label they hold
            the right one in this share of cases. Otherwise they are the three likeliest.
        bars: by facet, labels that the model says from this probability on, though another be likelier.
        raise_: by facet, labels that rules may add or raise to, where the model finds them at least this likely.
    """

    budget: BudgetSpec
    coverage: float | None = None
    bars: dict[Ident, dict[Ident, Probability]] = {}
    raise_: Annotated[dict[Ident, dict[Ident, Probability]], Field(alias="raise")] = {}

    @field_validator("coverage")
    @classmethod
    def _fitted(cls, coverage: float | None) -> float | None:
        if coverage not in (None, 0.8, 0.9, 0.95):
            raise ValueError(f"coverage is {coverage}; legal: 0.8, 0.9, 0.95, or none")
        return coverage


class DecisionsSpec(VersionedSpec):
    """How far labels may be trusted.

    Attributes:
        confidence: for labels with a calibrated confidence, by facet; ``default`` for the others.
        strength: for labels of the rules engine, in the same form; its strengths are no probabilities.
        meeting: how rules and model meet.
        facets: the facets whose labels decide about the whole complaint.
        review: rows after which a person looks, however sure the labels are.
        reasons: the Chinese text of the built-in reasons.
    """

    confidence: dict[Ident, Threshold]
    strength: dict[Ident, Threshold]
    meeting: MeetingSpec
    facets: tuple[Ident, ...]
    review: tuple[ReviewRow, ...] = ()
    reasons: dict[Literal["unsure", "suggested", "degraded", "certain"], Text]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        for name in ("confidence", "strength"):
            if "default" not in getattr(self, name):
                raise ValueError(f"{name} needs a row `default`")
        missing = {"unsure", "suggested", "degraded", "certain"} - set(self.reasons)
        if missing:
            raise ValueError(f"reasons lacks {sorted(missing)}")
        return self


class ReplyRow(Spec):
    """A reply: the first row whose ``when`` holds is suggested."""

    id: Ident
    when: When = {}
    text: Text


class RepliesSpec(VersionedSpec):
    """Reviewed first replies. Nothing is generated: a reply is a row's text with its fields filled in.

    Attributes:
        fields: fixed fields, such as the hotline, by name.
        computed: names of the fields that the program fills in.
        forbidden: words that no reply may hold, because they promise money or an outcome.
        replies: ordered rows, the last without ``when``.
    """

    fields: dict[Ident, Text]
    computed: tuple[Ident, ...] = ("department", "due", "first_response", "id")
    forbidden: tuple[Text, ...]
    replies: Annotated[tuple[ReplyRow, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _closed(self) -> Self:
        legal = {*self.fields, *self.computed}
        seen: set[str] = set()
        for row in self.replies:
            if row.id in seen:
                raise ValueError(f"the reply id {row.id!r} stands twice; ids are unique")
            seen.add(row.id)
            for name in _fields(row):
                if name not in legal:
                    raise ValueError(f"the reply {row.id!r} asks for {{{name}}}; legal: {', '.join(sorted(legal))}")
            for word in self.forbidden:
                if word in row.text:
                    raise ValueError(
                        f"the reply {row.id!r} promises {word!r}; a reply promises no money and no outcome"
                    )
        if self.replies[-1].when:
            raise ValueError(f"the last reply {self.replies[-1].id!r} must fit always (no `when`)")
        return self


def _fields(row: ReplyRow) -> list[str]:
    try:
        return [name for _, name, _, _ in Formatter().parse(row.text) if name is not None]
    except ValueError as error:
        raise ValueError(f"the reply {row.id!r} has a brace that stands alone ({error})") from error
