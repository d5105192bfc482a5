"""What is kept: feedback and decisions without personal data, in the form that spool and database share."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from triage.types import Decision

__all__ = ["DecisionRecord", "FeedbackRecord", "Record", "decision_record", "from_bytes", "to_bytes"]


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True)


class FeedbackRecord(_Record):
    """Feedback as it is kept; the attributes that are not explained are those of the request.

    Attributes:
        id: derived from ``key``, so it is known before anything is stored.
        key: keyed hash of the idempotency key.
        digest: keyed hash of the request's body.
        received: when it came in, UTC.
        text: redacted; so is ``note``.
        subject: keyed hash.
    """

    kind: Literal["feedback"] = "feedback"
    id: str
    key: str
    digest: str
    received: datetime
    decision_id: str
    labels: dict[str, Any] = {}
    confirmed: bool = False
    outcome: str | None = None
    satisfaction: int | None = None
    who: str | None = None
    when: datetime | None = None
    note: str | None = None
    text: str | None = None
    subject: str | None = None
    taxonomy_version: str

    @property
    def judged(self) -> bool:
        """Whether it says what the right labels are."""
        return bool(self.labels) or self.confirmed


class DecisionRecord(_Record):
    """A decision as it is kept. ``rank`` is the place of its urgency in the taxonomy, 0 the most urgent."""

    kind: Literal["decision"] = "decision"
    id: str
    received: datetime
    verdict: str
    urgency: str
    rank: int
    department: str
    text: str
    decision: dict[str, Any]
    subject: str | None = None
    taxonomy_version: str


Record = FeedbackRecord | DecisionRecord

_ANY: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="kind")])


def to_bytes(record: Record) -> bytes:
    """Return a record as one line of JSON."""
    return record.model_dump_json().encode()


def from_bytes(line: bytes) -> Record:
    """Read back what :func:`to_bytes` wrote."""
    return _ANY.validate_json(line)


def decision_record(
    decision: Decision,
    *,
    id: str,  # noqa: A002 - as the record names it
    received: datetime,
    rank: int,
    subject: str | None = None,
) -> DecisionRecord:
    """Return what is kept of a decision.

    Evidence is text as the caller sent it, and counts in its characters. What is kept of it stands in the redacted
    text, and counts there; evidence that does not stand there is left out, for it may hold personal data. So is the
    suggested reply, which may hold the caller's id.
    """
    plain = decision.to_dict() | {"id": id}
    del plain["suggested_reply"], plain["redacted_text"]
    kept = {name: _placed(value, decision.redacted_text) for name, value in plain.items()}
    return DecisionRecord(
        id=id,
        received=received,
        verdict=decision.decision,
        urgency=decision.urgency.label,
        rank=rank,
        department=decision.department.label,
        text=decision.redacted_text,
        decision=kept,
        subject=subject,
        taxonomy_version=decision.taxonomy_version,
    )


def _placed(value: Any, text: str) -> Any:  # noqa: ANN401 - the leaves are whatever JSON holds
    if isinstance(value, list):
        return [_placed(item, text) for item in value]
    if isinstance(value, Mapping):
        return {
            name: _evidence(item, text) if name == "evidence" else _placed(item, text) for name, item in value.items()
        }
    return value


def _evidence(pieces: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    placed = []
    for piece in pieces:
        start = _nearest(text, piece["text"], piece["start"])
        if start is not None:
            placed.append(piece | {"start": start, "end": start + len(piece["text"])})
    return placed


def _nearest(text: str, part: str, near: int) -> int | None:
    """Return where ``part`` stands in ``text``, the place nearest to ``near``: tags shift a text by little."""
    before, after = text.rfind(part, 0, near + len(part)), text.find(part, near)
    found = [place for place in (before, after) if place >= 0]
    return min(found, key=lambda place: abs(place - near)) if part and found else None
