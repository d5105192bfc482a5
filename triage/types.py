"""A decision and its parts: immutable, JSON in and out, named as callers see them."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Self

__all__ = [
    "Alternative",
    "Deadline",
    "Decided",
    "Decision",
    "Department",
    "Evidence",
    "Label",
    "Notice",
    "Sentiment",
    "Source",
    "Tag",
]

Decided = Literal["auto", "suggest", "review"]
"""How far a label may be trusted without a person: act on it, show it first, or ask."""

Source = Literal["model", "rules", "hybrid"]
"""Who judged."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A stretch of the text as the caller sent it.

    Attributes:
        start: first character, counted in Python characters (code points) from 0.
        end: one past the last character.
        text: ``original[start:end]``.
        source: ``model`` or ``rule:<id>``.
    """

    start: int
    end: int
    text: str
    source: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :func:`dataclasses.asdict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Alternative:
    """A label that was not chosen; ``confidence`` is in [0, 1], or None where no calibrated model judged."""

    label: str
    confidence: float | None = None

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :func:`dataclasses.asdict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a single-label facet.

    Attributes:
        label: the id in the taxonomy.
        name: what people see.
        code: the institution's own code, or None until one is configured.
        confidence: calibrated probability in [0, 1] that the label is right; None when rules judged.
        calibrated: True only for a calibrated model.
        decision: what may be done with the label.
        alternatives: other labels, the likeliest first.
        evidence: the characters that speak for the label.
    """

    label: str
    name: str
    code: str | None = None
    confidence: float | None = None
    calibrated: bool = False
    decision: Decided = "suggest"
    alternatives: tuple[Alternative, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`Decision.to_dict` wrote."""
        return cls(**_parts(data, alternatives=Alternative, evidence=Evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Department(Label):
    """The lead department, the departments beside it (``co``), and the ids of the policy rows that fired."""

    co: tuple[str, ...] = ()
    because: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`Decision.to_dict` wrote."""
        parts = _parts(data, alternatives=Alternative, evidence=Evidence)
        return cls(**parts | {"co": tuple(data["co"]), "because": tuple(data["because"])})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentiment:
    """How the customer feels: ``score`` in [-1, 1], and the label of the band that it falls into."""

    score: float
    label: str
    name: str
    confidence: float | None = None
    decision: Decided = "suggest"
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`Decision.to_dict` wrote."""
        return cls(**_parts(data, evidence=Evidence))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    """One label of a multi-label facet: a demand or a flag."""

    label: str
    name: str
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`Decision.to_dict` wrote."""
        return cls(**_parts(data, evidence=Evidence))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A date that a law or a rule sets: ``due`` is ISO 8601 with its offset, ``source`` names the text."""

    rule: str
    due: str
    source: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :func:`dataclasses.asdict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the caller should know: a fallback that was taken, or a doubt."""

    code: str
    message: str

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :func:`dataclasses.asdict` wrote."""
        return cls(**data)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Everything that is decided about one complaint, and why."""

    id: str
    business: Label
    reason: Label
    channel: Label
    urgency: Label
    complexity: Label
    department: Department
    sentiment: Sentiment
    demands: tuple[Tag, ...] = ()
    flags: tuple[Tag, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    first_response_due: str
    suggested_reply: str
    decision: Decided
    reasons: tuple[str, ...] = ()
    source: Source
    degraded: tuple[Notice, ...] = ()
    warnings: tuple[Notice, ...] = field(default=())
    redacted_text: str
    model_version: str
    taxonomy_version: str
    policy_version: str

    def to_dict(self) -> dict[str, Any]:
        """Return the decision as plain dicts and lists, in the order of the contract."""
        plain: dict[str, Any] = _plain(self)
        return plain

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the decision as one JSON object; Chinese stays readable."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_dict` wrote."""
        read = dict(data)
        for name in ("business", "reason", "channel", "urgency", "complexity"):
            read[name] = Label.from_dict(data[name])
        read["department"] = Department.from_dict(data["department"])
        read["sentiment"] = Sentiment.from_dict(data["sentiment"])
        lists = {"demands": Tag, "flags": Tag, "deadlines": Deadline, "degraded": Notice, "warnings": Notice}
        read = _parts(read, **lists)
        read["reasons"] = tuple(data["reasons"])
        return cls(**read)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read back what :meth:`to_json` wrote."""
        return cls.from_dict(json.loads(text))


def _parts(data: Mapping[str, Any], **kinds: Any) -> dict[str, Any]:  # noqa: ANN401 - classes with from_dict
    """Return ``data`` with the lists named in ``kinds`` read as tuples of those kinds."""
    return dict(data) | {name: tuple(kind.from_dict(item) for item in data[name]) for name, kind in kinds.items()}


def _plain(value: Any) -> Any:  # noqa: ANN401 - the leaves are whatever JSON holds
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
