"""One complaint on its last stretch: from a view of it to the decision."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Set
from datetime import datetime

from triage.config import Config
from triage.pipeline.departments import Departments
from triage.pipeline.reading import Reading
from triage.pipeline.views import Choice, View
from triage.route import Judged, WorkingTime, deadlines, decide_facet, decide_whole, reply, route
from triage.route.conditions import Facts
from triage.types import Decided, Decision, Department, Label, Notice, Sentiment, Source, Tag

__all__ = ["Assembler", "Judgement"]

DIGITS = 4


class Judgement:
    """What was judged of one complaint.

    Attributes:
        view: the view that counts.
        source: whose it is.
        model_version: the model that judged, or the rules.
        calibrated: the view's confidences are probabilities fitted on held-out rows.
        degraded: fallbacks that were taken.
    """

    __slots__ = ("calibrated", "degraded", "model_version", "source", "view")

    def __init__(
        self, view: View, source: Source, *, model_version: str, calibrated: bool, degraded: tuple[Notice, ...]
    ) -> None:
        self.view, self.source, self.model_version = view, source, model_version
        self.calibrated, self.degraded = calibrated, degraded


class Assembler:
    """Turns judgements into decisions: policy, deadlines, reply, and what may be done with each label.

    Args:
        config: a loaded configuration.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._working_time = WorkingTime(config.service_levels)
        self._departments = Departments(config.policy)

    def decision(self, reading: Reading, judged: Judgement, case_id: str | None) -> Decision:
        """Return the decision about one complaint."""
        config, view = self._config, judged.view
        warnings = list(reading.warnings)
        sentiment = self._sentiment(view)
        facts: dict[str, Set[str]] = {
            **{facet: {choice.label} for facet, choice in view.choices.items()},
            **{facet: {tag.label for tag in tags} for facet, tags in view.tags.items()},
            "text": set(reading.marks),
            "sentiment": {sentiment.label},
        }
        if reading.channel is not None:
            facts["channel"] = {reading.channel}
        facts["forwarded_by"] = self._forwarders(reading, facts)
        labels = {
            facet: self._label(facet, choice, reading, calibrated=judged.calibrated)
            for facet, choice in view.choices.items()
        }
        department = self._department(view, labels, facts, calibrated=judged.calibrated)
        due = deadlines(config.deadlines, reading.received, facts)
        if not due:
            warnings.append(Notice("no_deadline", "no rule of deadlines.yaml was in force on the day of receipt"))
        first_response, notices = self._first_response(reading.received, labels["urgency"].label)
        names = {facet: spec.name for facet, spec in config.taxonomy.facets.items()}
        verdict = decide_whole(
            config.decisions,
            {facet: label.decision for facet, label in labels.items()},
            facts,
            names=names,
            degraded=bool(judged.degraded),
        )
        case_id = case_id or reading.document.id or str(uuid.uuid4())
        fields = {
            "department": department.name,
            "due": due[0].due[:10] if due else "法定期限",
            "first_response": first_response.strftime("%Y-%m-%d %H:%M"),
            "id": case_id,
        }
        return Decision(
            id=case_id,
            business=labels["business"],
            reason=labels["reason"],
            channel=labels["channel"],
            urgency=labels["urgency"],
            complexity=labels["complexity"],
            department=department,
            sentiment=sentiment,
            demands=self._tags("demands", view),
            flags=self._tags("flags", view),
            deadlines=due,
            first_response_due=first_response.isoformat(),
            suggested_reply=reply(config.replies, facts, fields),
            decision=verdict.decision,
            reasons=verdict.reasons,
            source=judged.source,
            degraded=judged.degraded,
            warnings=(*warnings, *notices),
            redacted_text=reading.redacted.text,
            model_version=judged.model_version,
            taxonomy_version=config.taxonomy_version,
            policy_version=config.policy_version,
        )

    def _label(self, facet: str, choice: Choice, reading: Reading, *, calibrated: bool) -> Label:
        confidence, strength, label, evidence = choice.confidence, choice.strength, choice.label, choice.evidence
        if facet == "channel" and reading.channel is not None:
            # The caller knows: that is no guess.
            told = reading.channel
            evidence = evidence if told == label else ()
            confidence, strength, label = None if confidence is None else 1.0, 1.0, told
        spec = self._config.taxonomy.facets[facet][label]
        return Label(
            label=spec.id,
            name=spec.name,
            code=spec.code,
            confidence=_rounded(confidence),
            calibrated=calibrated and confidence is not None,
            decision=self._decided(facet, confidence, strength),
            alternatives=tuple(other for other in choice.alternatives if other.label != label),
            evidence=evidence,
        )

    def _department(
        self,
        view: View,
        labels: Mapping[str, Label],
        facts: Facts,
        *,
        calibrated: bool,
    ) -> Department:
        second = {facet: view.choices[facet].second for facet in ("business", "reason")}
        routed = route(self._config.policy, facts, second)
        spec = self._config.taxonomy.department(routed.lead)
        likely = self._departments.likely(view.choices, facts)
        confidence = likely.get(spec.id, 0.0) if likely else None
        deciding = ("review", "suggest", "auto")
        by_labels = min((labels[facet].decision for facet in ("business", "reason")), key=deciding.index)
        return Department(
            label=spec.id,
            name=spec.name,
            code=spec.code,
            confidence=_rounded(confidence),
            calibrated=calibrated and confidence is not None,
            decision=by_labels if confidence is None else self._decided("department", confidence, 0.0),
            alternatives=self._departments.others(likely, spec.id),
            evidence=(labels["reason"].evidence or labels["business"].evidence),
            co=routed.co,
            because=routed.because,
        )

    def _sentiment(self, view: View) -> Sentiment:
        mood = view.mood
        assert mood is not None, "rules judge the mood of every text"
        band = self._config.taxonomy.band(mood.score)
        return Sentiment(
            score=round(mood.score, 3),
            label=band.id,
            name=band.name,
            confidence=_rounded(mood.confidence),
            decision=self._decided("sentiment", mood.confidence, mood.strength),
            evidence=mood.evidence,
        )

    def _tags(self, facet: str, view: View) -> tuple[Tag, ...]:
        spec = self._config.taxonomy.facets[facet]
        return tuple(
            Tag(
                label=tag.label,
                name=spec[tag.label].name,
                confidence=_rounded(tag.confidence),
                evidence=tag.evidence,
            )
            for tag in view.tags[facet]
        )

    def _decided(self, facet: str, confidence: float | None, strength: float) -> Decided:
        return decide_facet(self._config.decisions, facet, Judged(confidence=confidence, strength=strength))

    def _first_response(self, received: datetime, urgency: str) -> tuple[datetime, list[Notice]]:
        due = self._working_time.first_response(received, urgency)
        unknown = [year for year in sorted({received.year, due.year}) if not self._working_time.announced(year)]
        said = "the make-up working days of {} are not known yet; first_response_due may shift by a day"
        return due, [Notice("holiday_calendar_incomplete", said.format(year)) for year in unknown]

    def _forwarders(self, reading: Reading, facts: Facts) -> set[str]:
        if "regulator" not in facts["flags"]:
            return set()
        forwarders = self._config.deadlines.forwarders
        return {who for who, words in forwarders.items() if any(word in reading.said.text for word in words)}


def _rounded(probability: float | None) -> float | None:
    return None if probability is None else round(probability, DIGITS)
