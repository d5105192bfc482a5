"""A decision in the words of the other system."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from triage.config.doors import AnswerSpec
from triage.types import Decision

__all__ = ["Answer", "Answers", "answer"]


class Answer(BaseModel):
    """What a door answers.

    Attributes:
        status: ``decided``: here is the answer; ``accepted``: it is called back; ``skipped``: no complaint, see
            ``why``; ``failed``: this message of several cannot be decided, see ``why``.
        id: of the decision.
        tags: in the other system's words, as ``priority`` and ``group``; null leaves what is there.
        decision: everything that was decided.
    """

    model_config = ConfigDict(frozen=True)

    status: Literal["decided", "accepted", "skipped", "failed"]
    id: str | None = None
    why: str | None = None
    tags: tuple[str, ...] = ()
    priority: str | None = None
    group: str | None = None
    decision: dict[str, Any] | None = None


class Answers(BaseModel):
    """What a door answers to several messages, in their order."""

    items: list[Answer]


def answer(decision: Decision, spec: AnswerSpec) -> Answer:
    """Return what ``decision`` means by ``spec``."""
    facts = {facet: {getattr(decision, facet).label} for facet in ("business", "reason", "channel", "urgency")}
    facts |= {facet: {getattr(decision, facet).label} for facet in ("complexity", "department", "sentiment")}
    facts |= {facet: {tag.label for tag in getattr(decision, facet)} for facet in ("demands", "flags")}
    facts["decision"] = {decision.decision}
    tags = [
        tag
        for row in spec.tags
        if all(facts.get(facet, set()) & set(labels) for facet, labels in row.when.items())
        for tag in row.tags
    ]
    withheld = spec.unless_review and decision.decision == "review"
    return Answer(
        status="decided",
        id=decision.id,
        tags=tuple(dict.fromkeys(tags)),
        priority=spec.priority.get(decision.urgency.label),
        group=spec.review_group if withheld else spec.group.get(decision.department.label),
        decision=decision.to_dict(),
    )
