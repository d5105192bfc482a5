"""The one place where the parts meet: text → redaction → rules → routing → decision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.config import Config
from triage.config import load as load_config
from triage.errors import InputError
from triage.redact import Redacted, Redactor
from triage.route import (
    Judged,
    WorkingTime,
    deadlines,
    decide_facet,
    decide_whole,
    reply,
    route,
)
from triage.rules import Hit, RulesEngine, Scored
from triage.text import Document, Normalised, Normaliser
from triage.text.chat import agent_turns
from triage.text.document import blank
from triage.types import (
    Alternative,
    Decision,
    Department,
    Evidence,
    Label,
    Notice,
    Sentiment,
    Tag,
)

__all__ = ["Triage", "load"]

_SINGLE = ("business", "reason", "channel", "urgency", "complexity")
_PIECES = 5
"""Pieces of evidence that a label shows at most."""


def load(path: str | Path | None = None, *, configs: str | Path | None = None) -> Triage:
    """Return a triage ready for use.

    Args:
        path: a trained model's folder. There is no model yet: only None is legal.
        configs: a folder of configuration over the default one.

    Raises:
        InputError: a model was asked for.
        ConfigError: the configuration is not legal.
    """
    if path is not None:
        raise InputError(f"path is {str(path)!r}; legal: None, for this version judges by rules alone", field="path")
    return Triage(load_config(configs))


class Triage:
    """Decides complaints. Immutable after loading; one instance serves many threads.

    Args:
        config: a loaded configuration.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self._normalise = Normaliser(config.text)
        self._redactor = Redactor(config.redaction)
        self._rules = RulesEngine(config.rules, config.words, config.scopes, config.lexicon)
        self._working_time = WorkingTime(config.service_levels)

    @property
    def versions(self) -> tuple[str, str, str]:
        """The versions of model, taxonomy and policy, as every decision names them."""
        return f"rules-{self.config.rules_version}", self.config.taxonomy_version, self.config.policy_version

    def predict(
        self,
        text: str | Document,
        *,
        id: str | None = None,  # noqa: A002 - the name of the contract
        channel: str | None = None,
        received: datetime | None = None,
    ) -> Decision:
        """Decide one complaint.

        Args:
            text: the complaint as it came, or a document that says which parts of it are context.
            id: the caller's id; one is made up where there is none.
            channel: the label of the channel, when the caller knows it.
            received: when it was received, with an offset; now by default.

        Raises:
            InputError: the text is empty or no text, the channel is unknown, or ``received`` has no offset.
        """
        document = text if isinstance(text, Document) else Document(text=_checked(text))
        received = received or document.received or datetime.now(UTC)
        if received.tzinfo is None:
            said = f"received is {received.isoformat()}; legal: a time with an offset, 2026-11-24T09:00:00+08:00"
            raise InputError(said, field="received")
        known = self._channel(channel or document.channel)
        return _Case(self, document, received, known).decision(id or document.id or str(uuid.uuid4()))

    def predict_batch(
        self,
        texts: Iterable[str | Document],
        *,
        ids: Sequence[str] | None = None,
        received: datetime | None = None,
    ) -> list[Decision]:
        """Decide many complaints, in their order.

        Raises:
            InputError: as :meth:`predict`, for the first text that cannot be decided; or ``ids`` has another length.
        """
        texts = list(texts)
        if ids is not None and len(ids) != len(texts):
            raise InputError(f"there are {len(ids)} ids for {len(texts)} texts; legal: one each", field="ids")
        names: Sequence[str | None] = ids or [None] * len(texts)
        return [self.predict(text, id=name, received=received) for text, name in zip(texts, names, strict=True)]

    def explain(self, text: str) -> dict[str, list[dict[str, Any]]]:
        """Return for each facet every rule that fired: ``rule, label, start, end, text, weight, scopes``.

        A hit that a scope blocked stands there with weight 0 and the scope's name.
        """
        document = Document(text=_checked(text))
        normal = self._normalise(self._evidence_text(document, self._redactor.redact(document.text)))
        return {
            facet: [_explained(hit, normal, document.text) for hit in hits]
            for facet, hits in self._rules.explain(normal.text[: self.config.text.longest]).items()
        }

    def _channel(self, channel: str | None) -> str | None:
        if channel is None:
            return None
        legal = self.config.taxonomy.facets["channel"].ids
        if channel not in legal:
            raise InputError(f"channel is {channel!r}; legal: {', '.join(legal)}", field="channel")
        return channel

    def _evidence_text(self, document: Document, redacted: Redacted) -> str:
        """Return the text, as long as it came, with everything blanked that must not be judged."""
        context = document.context or agent_turns(document.text, self.config.text.roles)
        masked = redacted.mask()
        return blank(masked, context) if context else masked


class _Case:
    """One complaint on its way through the parts."""

    def __init__(self, triage: Triage, document: Document, received: datetime, channel: str | None) -> None:
        self._triage, self._config = triage, triage.config
        self._document, self._received, self._channel = document, received, channel
        self._redacted = triage._redactor.redact(document.text)
        self._normal = triage._normalise(triage._evidence_text(document, self._redacted))
        if not self._normal.text.strip():
            raise InputError("the text is empty; legal: a text with at least one readable character", field="text")
        longest = self._config.text.longest
        self._warnings = [Notice("left_out", note) for note in document.notes]
        self._marks: set[str] = set()
        if len(self._normal.text) > longest:
            self._marks.add("cut")
            said = f"the text has {len(self._normal.text)} characters; the first {longest} were judged"
            self._warnings.append(Notice("text_cut", said))
        if _foreign(self._normal.text) >= self._config.text.mostly_foreign:
            self._marks.add("foreign")
            self._warnings.append(Notice("not_chinese", "the text is hardly Chinese; rules know Chinese only"))
        self._judged = triage._rules.judge(self._normal.text[:longest])
        self._facts = {facet: set(judgement.labels) for facet, judgement in self._judged.items()}
        if channel is not None:
            self._facts["channel"] = {channel}
        self._facts["text"] = self._marks

    def decision(self, case_id: str) -> Decision:
        config = self._config
        sentiment = self._sentiment()
        self._facts["sentiment"] = {sentiment.label}
        self._facts["forwarded_by"] = self._forwarders()
        labels = {facet: self._label(facet) for facet in _SINGLE}
        department = self._department(labels)
        due = deadlines(config.deadlines, self._received, self._facts)
        if not due:
            self._warnings.append(Notice("no_deadline", "no rule of deadlines.yaml was in force on the day of receipt"))
        first_response = self._first_response(labels["urgency"].label)
        names = {facet: spec.name for facet, spec in config.taxonomy.facets.items()}
        verdict = decide_whole(
            config.decisions,
            {facet: label.decision for facet, label in labels.items()},
            self._facts,
            names=names,
            degraded=False,
        )
        fields = {
            "department": department.name,
            "due": due[0].due[:10] if due else "法定期限",
            "first_response": first_response.strftime("%Y-%m-%d %H:%M"),
            "id": case_id,
        }
        model_version, taxonomy_version, policy_version = self._triage.versions
        return Decision(
            id=case_id,
            business=labels["business"],
            reason=labels["reason"],
            channel=labels["channel"],
            urgency=labels["urgency"],
            complexity=labels["complexity"],
            department=department,
            sentiment=sentiment,
            demands=self._tags("demands"),
            flags=self._tags("flags"),
            deadlines=due,
            first_response_due=first_response.isoformat(),
            suggested_reply=reply(config.replies, self._facts, fields),
            decision=verdict.decision,
            reasons=verdict.reasons,
            source="rules",
            warnings=tuple(self._warnings),
            redacted_text=self._redacted.text,
            model_version=model_version,
            taxonomy_version=taxonomy_version,
            policy_version=policy_version,
        )

    def _label(self, facet: str) -> Label:
        judgement = self._judged[facet]
        chosen = judgement.chosen[0]
        strength = judgement.strength
        if facet == "channel" and self._channel is not None:
            chosen, strength = Scored(self._channel, 0.0), 1.0
        spec = self._config.taxonomy.facets[facet][chosen.label]
        others = tuple(Alternative(other.label) for other in judgement.others if other.label != chosen.label)
        return Label(
            label=chosen.label,
            name=spec.name,
            code=spec.code,
            decision=decide_facet(self._config.decisions, facet, Judged(strength=strength)),
            alternatives=others[:3],
            evidence=self._evidence(chosen.hits),
        )

    def _department(self, labels: Mapping[str, Label]) -> Department:
        second = {facet: self._judged[facet].second for facet in ("business", "reason")}
        routed = route(self._config.policy, self._facts, second)
        spec = self._config.taxonomy.department(routed.lead)
        deciding = ("review", "suggest", "auto")
        return Department(
            label=spec.id,
            name=spec.name,
            code=spec.code,
            decision=min((labels[facet].decision for facet in ("business", "reason")), key=deciding.index),
            evidence=(labels["reason"].evidence or labels["business"].evidence),
            co=routed.co,
            because=routed.because,
        )

    def _sentiment(self) -> Sentiment:
        judgement = self._judged["sentiment"]
        band = self._config.taxonomy.band(judgement.score)
        return Sentiment(
            score=round(judgement.score, 3),
            label=band.id,
            name=band.name,
            decision=decide_facet(self._config.decisions, "sentiment", Judged(strength=judgement.strength)),
            evidence=self._evidence(judgement.chosen[0].hits),
        )

    def _tags(self, facet: str) -> tuple[Tag, ...]:
        facets = self._config.taxonomy.facets[facet]
        chosen = {scored.label: scored for scored in self._judged[facet].chosen}
        return tuple(
            Tag(label=label, name=facets[label].name, evidence=self._evidence(chosen[label].hits))
            for label in facets.ids
            if label in chosen
        )

    def _first_response(self, urgency: str) -> datetime:
        due = self._triage._working_time.first_response(self._received, urgency)
        for year in sorted({self._received.year, due.year}):
            if not self._triage._working_time.announced(year):
                said = f"the make-up working days of {year} are not known yet; first_response_due may shift by a day"
                self._warnings.append(Notice("holiday_calendar_incomplete", said))
        return due

    def _forwarders(self) -> set[str]:
        if "regulator" not in self._facts["flags"]:
            return set()
        forwarders = self._config.deadlines.forwarders
        return {who for who, words in forwarders.items() if any(word in self._normal.text for word in words)}

    def _evidence(self, hits: Iterable[Hit]) -> tuple[Evidence, ...]:
        pieces: list[Evidence] = []
        for hit in hits:
            if hit.end > hit.start and len(pieces) < _PIECES:
                start, end = self._normal.span(hit.start, hit.end)
                pieces.append(Evidence(start, end, self._document.text[start:end], f"rule:{hit.rule}"))
        return tuple(pieces)


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise InputError(f"text is {type(text).__name__}; legal: str, or a Document", field="text")
    return text


def _explained(hit: Hit, normal: Normalised, original: str) -> dict[str, Any]:
    start, end = normal.span(hit.start, hit.end) if hit.end > hit.start else (0, 0)
    return {
        "rule": hit.rule,
        "label": hit.label,
        "start": start,
        "end": end,
        "text": original[start:end],
        "weight": round(hit.weight, 3),
        "scopes": list(hit.scopes),
    }


def _foreign(text: str) -> float:
    """Return the share of letters that are not Chinese; 0 for a text without letters."""
    letters = [char for char in text if char.isalpha() and char != "□"]
    return sum(not "\u3400" <= char <= "\U0003134f" for char in letters) / len(letters) if letters else 0.0
