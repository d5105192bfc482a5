"""What is right about a complaint, or what somebody said: one form for labels, decisions and baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from triage.config import Config
from triage.errors import InputError
from triage.pipeline import Triage
from triage.training.labelled import Labelled, departments
from triage.types import Decided, Decision

__all__ = ["MULTIPLE", "SINGLE", "Answer", "Case", "answers_of", "right_answer"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department")
"""The facets with one label; that of ``department`` is the lead."""

MULTIPLE = ("demands", "flags", "co")
"""The facets with any number of labels; ``co`` are the departments beside the lead."""

CHUNK = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The labels of one complaint; a facet that nobody judged is left out.

    Attributes:
        single: one label by facet.
        multiple: the set of labels by facet.
        sentiment: in [-1, 1], or None where nobody judged it.
        confidence: by single-label facet, in [0, 1]; left out where there is none.
        calibrated: the facets whose confidence is said to be calibrated.
        decisions: what may be done with the label, by facet; the whole complaint stands under ``whole``.
        source: who judged; empty for labels and baselines.
        excerpt: the redacted text, for whoever reads the errors; empty where there is none.
    """

    single: Mapping[str, str] = field(default_factory=dict)
    multiple: Mapping[str, frozenset[str]] = field(default_factory=dict)
    sentiment: float | None = None
    confidence: Mapping[str, float] = field(default_factory=dict)
    calibrated: frozenset[str] = frozenset()
    decisions: Mapping[str, Decided] = field(default_factory=dict)
    source: str = ""
    excerpt: str = ""

    @classmethod
    def of(cls, decision: Decision) -> Self:
        """Return what a decision says."""
        labels = {facet: getattr(decision, facet) for facet in SINGLE}
        decisions = {facet: label.decision for facet, label in labels.items()}
        return cls(
            single={facet: label.label for facet, label in labels.items()},
            multiple={
                "demands": frozenset(tag.label for tag in decision.demands),
                "flags": frozenset(tag.label for tag in decision.flags),
                "co": frozenset(decision.department.co),
            },
            sentiment=decision.sentiment.score,
            confidence={facet: label.confidence for facet, label in labels.items() if label.confidence is not None},
            calibrated=frozenset(facet for facet, label in labels.items() if label.calibrated),
            decisions=decisions | {"sentiment": decision.sentiment.decision, "whole": decision.decision},
            source=decision.source,
            excerpt=" ".join(decision.redacted_text.split()),
        )


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled complaint, what is right about it, and what was said."""

    row: Labelled
    right: Answer
    said: Answer


def right_answer(row: Labelled, config: Config) -> Answer:
    """Return the labels of ``row``; its departments follow from them by the policy."""
    lead, co = departments(row, config)
    single = {facet: row.labels(facet)[0] for facet in SINGLE if facet != "department"}
    return Answer(
        single=single | {"department": lead},
        multiple={
            "demands": frozenset(row.demands),
            "flags": frozenset(row.flags),
            "co": frozenset(co),
        },
        sentiment=row.sentiment,
    )


def answers_of(triage: Triage, texts: Sequence[str], *, names: Sequence[str] | None = None) -> list[Answer]:
    """Return what ``triage`` decides about each text, in their order.

    Args:
        triage: rules, or a model.
        texts: the complaints.
        names: what an error calls each text; its place from 1 by default.

    Raises:
        InputError: a text cannot be decided; the message names it.
    """
    names = names or [f"text {place}" for place in range(1, len(texts) + 1)]
    found: list[Answer] = []
    for start in range(0, len(texts), CHUNK):
        chunk = texts[start : start + CHUNK]
        try:
            found += map(Answer.of, triage.predict_batch(chunk))
        except InputError:
            # A batch does not say which text it stumbled over.
            found += [_one(triage, text, name) for text, name in zip(chunk, names[start : start + CHUNK], strict=True)]
    return found


def _one(triage: Triage, text: str, name: str) -> Answer:
    try:
        return Answer.of(triage.predict(text))
    except InputError as error:
        raise InputError(f"{name}: {error}", field=error.field) from error
