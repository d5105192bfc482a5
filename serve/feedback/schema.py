"""What callers send and get: feedback on a decision, and the review queue."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic.config import JsonDict

__all__ = [
    "Correction",
    "Corrections",
    "FeedbackIn",
    "Forget",
    "Forgotten",
    "Receipt",
    "ReviewItem",
    "ReviewPage",
]

Outcome = Literal[
    "upheld", "partly_upheld", "not_upheld", "settled", "withdrawn", "duplicate", "not_a_complaint", "other"
]
"""How the complaint ended: 属实, 部分属实, 不属实, 和解, 撤诉, 重复, 非投诉, 其他."""

_EXAMPLE: JsonDict = {
    "decision_id": "T-2026-10081",
    "labels": {"business": "credit_card", "demands": ["refund"]},
    "confirmed": True,
    "outcome": "upheld",
    "satisfaction": 4,
    "who": "agent-017",
    "when": "2026-11-24T10:30:00+08:00",
    "note": "年费已退，客户满意",
    "subject": "customer-88231",
}


def _no_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("holds the character U+0000; legal: text without it")
    return text


def _in_our_time(moment: datetime) -> datetime:
    # Far years overflow when they are turned into UTC.
    if not 2000 <= moment.year <= 2100:
        raise ValueError("legal: a time between the years 2000 and 2100")
    return moment


Clean = Annotated[str, StringConstraints(strip_whitespace=True), AfterValidator(_no_nul)]
Reference = Annotated[Clean, Field(min_length=1, max_length=200)]
LabelId = Annotated[Clean, Field(min_length=1, max_length=80)]
Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Corrections(_Body):
    """The right labels of the facets that were wrong. Those of a list replace the whole list.

    Attributes:
        business: and ``reason``, ``channel``, ``urgency``, ``complexity``, ``department``: one label.
        sentiment: how the customer feels, in [-1, 1].
        demands: all demands; so with ``flags``.
        also: clear second businesses and reasons.
    """

    business: LabelId | None = None
    reason: LabelId | None = None
    channel: LabelId | None = None
    urgency: LabelId | None = None
    complexity: LabelId | None = None
    department: LabelId | None = None
    sentiment: Annotated[float, Field(ge=-1, le=1, allow_inf_nan=False)] | None = None
    demands: Annotated[tuple[LabelId, ...], Field(max_length=50)] | None = None
    flags: Annotated[tuple[LabelId, ...], Field(max_length=50)] | None = None
    also: Annotated[tuple[LabelId, ...], Field(max_length=50)] | None = None

    @model_validator(mode="after")
    def _no_label_twice(self) -> Self:
        for name in ("demands", "flags", "also"):
            labels = getattr(self, name) or ()
            if len(set(labels)) < len(labels):
                raise ValueError(f"{name} holds a label twice")
        return self

    def given(self) -> dict[str, Any]:
        """Return the facets that are corrected, as plain values."""
        return self.model_dump(mode="json", exclude_none=True)


class Correction(_Body):
    """What a person says about one decision.

    Attributes:
        labels: what is right where the decision was wrong.
        confirmed: True when whoever writes has looked at all labels, so that those not corrected are right.
        outcome: how the complaint ended.
        satisfaction: of the customer with the handling, from 1 (not at all) to 5.
        who: a staff number or a role; never personal data.
        when: when it happened, with an offset.
        note: free text; kept redacted.
    """

    labels: Corrections | None = None
    confirmed: bool = False
    outcome: Outcome | None = None
    satisfaction: Annotated[int, Field(ge=1, le=5, strict=True)] | None = None
    who: Annotated[Clean, Field(min_length=1, max_length=80)] | None = None
    when: Moment | None = None
    note: Annotated[Clean, Field(max_length=5_000)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        said = (self.labels and self.labels.given(), self.outcome, self.satisfaction, self.note)
        if not self.confirmed and not any(said):
            raise ValueError("legal: at least one of labels, confirmed, outcome, satisfaction and note")
        return self


class FeedbackIn(Correction):
    """Feedback on a decision.

    Attributes:
        decision_id: the ``id`` of the decision.
        text: the complaint, kept redacted; needed for training where the service did not keep the decision.
        subject: a reference of the person who complained, kept as a keyed hash, for deletion on request.
    """

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    decision_id: Reference
    text: Annotated[Clean, Field(min_length=1, max_length=50_000)] | None = None
    subject: Reference | None = None


class Receipt(BaseModel):
    """The answer to feedback: it is on disk or in the database. The same request always gets the same receipt."""

    id: str
    decision_id: str
    status: Literal["accepted"] = "accepted"


class Forget(_Body):
    """Whose data shall go: the reference that came with the feedback as ``subject``."""

    subject: Reference


class Forgotten(BaseModel):
    """How many rows of one person were deleted."""

    feedback: int
    decisions: int


class ReviewItem(BaseModel):
    """A decision that waits for a person.

    Attributes:
        id: of the decision.
        received: when the decision was kept.
        text: the redacted complaint.
        decision: as the caller got it, but with ``evidence`` in characters of the redacted ``text``, and without
            ``suggested_reply``.
        reviewed: when a person had seen it, or null.
    """

    id: str
    received: datetime
    text: str
    decision: dict[str, Any]
    reviewed: datetime | None = None


class ReviewPage(BaseModel):
    """Some of the queue, the most urgent first, then the oldest; ``next`` goes into ``after`` for more."""

    items: list[ReviewItem]
    total: int
    next: str | None = None
