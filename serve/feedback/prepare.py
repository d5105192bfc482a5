"""From what a caller sends to what may be kept: labels checked, personal data out, identities hashed."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.config import Config
from triage.errors import InputError
from triage.redact import Redactor
from triage.serve.feedback.people import Pseudonyms
from triage.serve.feedback.records import DecisionRecord, FeedbackRecord, decision_record
from triage.serve.feedback.schema import Corrections, FeedbackIn
from triage.types import Decision

__all__ = ["Preparer"]


@dataclass(frozen=True, slots=True)
class Preparer:
    """Prepares under one configuration.

    Args:
        config: the configuration in force.
        people: the keyed hashes.
        redactor: of the same configuration.
    """

    config: Config
    people: Pseudonyms
    redactor: Redactor

    @classmethod
    def of(cls, config: Config, people: Pseudonyms) -> Preparer:
        """Return one with its own redactor."""
        return cls(config, people, Redactor(config.redaction))

    def reference(self, decision_id: str) -> str:
        """Return the id under which a decision is kept: a hash where the caller's id is personal data itself."""
        if self.people.is_decision(decision_id) or not self.redactor.analyze(decision_id):
            return decision_id
        return self.people.decision(decision_id)

    def feedback(self, given: FeedbackIn, *, key: str | None, caller: str, received: datetime) -> FeedbackRecord:
        """Return what is kept of some feedback.

        Args:
            given: as it came.
            key: the caller's idempotency key; the body itself by default.
            caller: who sent it; the same key of another caller is another key.
            received: when, with an offset.

        Raises:
            InputError: a label is none of the taxonomy in force, or ``who`` is personal data.
        """
        _check(given.labels, self.config)
        if given.who is not None and self.redactor.analyze(given.who):
            raise InputError("who is personal data; legal: a staff number or a role", field="who")
        body = json.dumps(given.model_dump(mode="json", exclude_unset=True), sort_keys=True, ensure_ascii=True)
        digest = self.people.body(body)
        hashed = self.people.request(caller, *(("body", body) if key is None else ("key", key)))
        return FeedbackRecord(
            id=str(uuid.UUID(bytes=hashlib.sha256(hashed.encode()).digest()[:16], version=5)),
            key=hashed,
            digest=digest,
            received=received,
            decision_id=self.reference(given.decision_id),
            labels=given.labels.given() if given.labels else {},
            confirmed=given.confirmed,
            outcome=given.outcome,
            satisfaction=given.satisfaction,
            who=given.who,
            when=given.when,
            note=self._redacted(given.note),
            text=self._redacted(given.text),
            subject=self.people.subject(given.subject) if given.subject is not None else None,
            taxonomy_version=self.config.taxonomy_version,
        )

    def decision(self, decision: Decision, *, received: datetime, subject: str | None = None) -> DecisionRecord:
        """Return what is kept of a decision."""
        urgencies = self.config.taxonomy.facets["urgency"].ids
        urgency = decision.urgency.label
        return decision_record(
            decision,
            id=self.reference(decision.id),
            received=received,
            # A label of another taxonomy, around a reload: it waits behind the known ones.
            rank=urgencies.index(urgency) if urgency in urgencies else len(urgencies),
            subject=self.people.subject(subject) if subject is not None else None,
        )

    def _redacted(self, text: str | None) -> str | None:
        return self.redactor.redact(text).text if text is not None else None


def legal_labels(config: Config) -> Mapping[str, tuple[str, ...]]:
    """Return the labels that a correction may name, by facet."""
    facets = {name: facet.ids for name, facet in config.taxonomy.facets.items()}
    departments = tuple(department.id for department in config.taxonomy.departments)
    return facets | {"department": departments, "also": (*facets["business"], *facets["reason"])}


def _check(labels: Corrections | None, config: Config) -> None:
    given: dict[str, Any] = labels.given() if labels is not None else {}
    legal = legal_labels(config)
    for facet, value in given.items():
        for label in () if facet == "sentiment" else [value] if isinstance(value, str) else value:
            if label not in legal[facet]:
                # The label is not repeated: whatever stands there may be personal data.
                raise InputError(f"no such label; legal: {', '.join(legal[facet])}", field=f"labels.{facet}")
