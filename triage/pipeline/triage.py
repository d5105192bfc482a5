"""The triage of complaints."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.config import Config
from triage.config import load as load_config
from triage.errors import InputError, ModelError, TriageError
from triage.pipeline.by_rules import by_rules
from triage.pipeline.case import Assembler, Judgement
from triage.pipeline.meeting import meet
from triage.pipeline.reading import Reader, Reading, Request
from triage.rules import Hit, RulesEngine
from triage.text import Document, Normalised
from triage.types import Decision, Notice

if TYPE_CHECKING:
    from triage.model import Model, Opinion

__all__ = ["Triage", "load"]


def load(
    path: str | Path | None = None,
    *,
    configs: str | Path | None = None,
    rules_only: bool = False,
    threads: int | None = None,
) -> Triage:
    """Return a triage ready for use.

    Args:
        path: a trained model's folder; the embedded model by default.
        configs: a folder of configuration over the default one.
        rules_only: load no model.
        threads: processor threads that the model may use; all by default.

    Raises:
        ModelError: the folder that was asked for cannot be used. An embedded model that cannot be used is no error:
            rules answer, and every decision says so in ``degraded``.
        ConfigError: the configuration is not legal.
    """
    config = load_config(configs)
    if rules_only:
        return Triage(config)
    try:
        # Rules alone need neither its packages nor their memory.
        from triage.model import EMBEDDED  # noqa: PLC0415
        from triage.model import load as load_model  # noqa: PLC0415

        return Triage(config, load_model(path or EMBEDDED, threads=threads))
    except (ModelError, ImportError) as error:
        if path is not None:
            raise
        return Triage(config, missing=Notice("model_missing", f"rules judged: {error}"))


class Triage:
    """Decides complaints. Immutable after loading; one instance serves many threads.

    Args:
        config: a loaded configuration.
        model: judges beside the rules; rules alone judge where there is none.
        missing: why there is no model, where there should be one; stands in every decision.

    Raises:
        ModelError: the model knows labels that the taxonomy does not.
    """

    def __init__(self, config: Config, model: Model | None = None, *, missing: Notice | None = None) -> None:
        self.config = config
        self.model = model
        self._missing = (missing,) if missing else ()
        self._reader = Reader(config)
        self._rules = RulesEngine(config.rules, config.words, config.scopes, config.lexicon)
        self._assembler = Assembler(config)
        if model is not None:
            _fits(model, config)

    @property
    def versions(self) -> tuple[str, str, str]:
        """The versions of model, taxonomy and policy, as every decision names them."""
        judge = self.model.version if self.model else self._rules_version
        return judge, self.config.taxonomy_version, self.config.policy_version

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
        return _decided(self.decide([Request(text=text, id=id, channel=channel, received=received)])[0])

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
        asked = [Request(text=text, id=name, received=received) for text, name in zip(texts, names, strict=True)]
        return [_decided(outcome) for outcome in self.decide(asked)]

    def decide(
        self, requests: Sequence[Request], *, rules_only: bool = False, budget: float | None = None
    ) -> list[Decision | TriageError]:
        """Decide many complaints, in their order; one that cannot be decided is an error in its own place.

        Args:
            requests: what to decide.
            rules_only: leave the model out.
            budget: seconds that the model may take for all of them; after that rules answer. By default what
                ``decisions.yaml`` says.
        """
        readings = [self._read(request) for request in requests]
        legible = [reading for reading in readings if isinstance(reading, Reading)]
        thoughts = self._thoughts(legible, rules_only=rules_only, budget=budget)
        found = iter(zip(legible, thoughts, strict=True))
        outcomes: list[Decision | TriageError] = []
        for request, reading in zip(requests, readings, strict=True):
            if isinstance(reading, TriageError):
                outcomes.append(reading)
            else:
                judged = self._judged(*next(found))
                outcomes.append(self._assembler.decision(reading, judged, request.id))
        return outcomes

    def explain(self, text: str) -> dict[str, list[dict[str, Any]]]:
        """Return for each facet every rule that fired: ``rule, label, start, end, text, weight, scopes``.

        A hit that a scope blocked stands there with weight 0 and the scope's name.
        """
        reading = self._reader.read(Request(text=text))
        return {
            facet: [_explained(hit, reading.said, reading.document.text) for hit in hits]
            for facet, hits in self._rules.explain(self._cut(reading.said)).items()
        }

    @property
    def _rules_version(self) -> str:
        return f"rules-{self.config.rules_version}"

    def _read(self, request: Request) -> Reading | TriageError:
        try:
            return self._reader.read(request)
        except TriageError as error:
            return error

    def _cut(self, normal: Normalised) -> str:
        return normal.text[: self.config.text.longest]

    def _thoughts(
        self, readings: Sequence[Reading], *, rules_only: bool, budget: float | None
    ) -> list[Mapping[str, Opinion] | tuple[Notice, ...]]:
        """Return the model's opinions of each reading, or, where there are none, what the decision says of that."""
        if self.model is None or rules_only or not readings:
            return [() if rules_only else self._missing] * len(readings)
        spec = self.config.decisions.meeting.budget
        seconds = spec.call + spec.text * len(readings) if budget is None else budget
        slow = (Notice("model_slow", f"rules judged: the model needed more than {seconds:g} s"),)
        try:
            judged = self.model.judge_within([self._cut(reading.whole) for reading in readings], seconds=seconds)
        except Exception as error:  # noqa: BLE001 - whatever breaks in the model, rules answer and the decision says so
            broken = (Notice("model_broken", f"rules judged: the model failed ({type(error).__name__})"),)
            return [broken] * len(readings)
        return [slow if opinions is None else opinions for opinions in judged]

    def _judged(self, reading: Reading, thought: Mapping[str, Opinion] | tuple[Notice, ...]) -> Judgement:
        taxonomy, meeting = self.config.taxonomy, self.config.decisions.meeting
        judged = self._rules.judge(self._cut(reading.said))
        view = by_rules(judged, reading, taxonomy)
        if isinstance(thought, tuple):
            return Judgement(view, "rules", model_version=self._rules_version, calibrated=False, degraded=thought)
        assert self.model is not None, "only a model has opinions"
        from triage.pipeline.by_model import by_model  # noqa: PLC0415 - loaded with the model

        calibration = self.model.spec.calibration
        opinion = by_model(thought, judged, reading, taxonomy=taxonomy, meeting=meeting, calibration=calibration)
        view, source = meet(view, opinion, meeting, taxonomy)
        return Judgement(
            view,
            source,
            model_version=self.model.version,
            calibrated=calibration.calibrated,
            degraded=(),
        )


def _decided(outcome: Decision | TriageError) -> Decision:
    if isinstance(outcome, TriageError):
        raise outcome
    return outcome


def _fits(model: Model, config: Config) -> None:
    for head in model.spec.heads:
        facet = config.taxonomy.facets.get(head.facet)
        if head.kind == "score" and head.facet == "sentiment":
            continue
        legal = facet.ids if facet else ()
        unknown = [label for label in head.labels if label not in legal]
        if facet is None or unknown:
            what = f"labels {', '.join(unknown)}" if facet else "a facet"
            raise ModelError(
                f"the model {model.version} judges {head.facet} with {what} that the taxonomy"
                f" {config.taxonomy_version} lacks; it was trained for {model.spec.taxonomy_version}: train it anew,"
                f" or give the configs that it was trained with; legal: {', '.join(legal) or 'none'}"
            )


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
