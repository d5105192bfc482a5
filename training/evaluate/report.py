"""The whole report on some labelled complaints, as plain values."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from triage.config import Config
from triage.errors import InputError
from triage.training.corpus_rows import labels_of
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer, Case, right_answer
from triage.training.evaluate.bootstrap import DRAWS, intervals
from triage.training.evaluate.calibration import CalibrationScore, score_calibration
from triage.training.evaluate.classes import FacetScore, score_facet
from triage.training.evaluate.coverage import CoverageScore, score_coverage
from triage.training.evaluate.headline import TARGETS, Figures, category_confidence
from triage.training.evaluate.kinds import Kind, error_kinds
from triage.training.evaluate.mood import MoodScore, score_mood
from triage.training.evaluate.several import SeveralScore, score_several
from triage.training.labelled import Labelled

__all__ = ["DecisionShare", "Headline", "Report", "Slice", "cases_of", "evaluate", "headline_of"]

LENGTHS = ((50, "1–50"), (100, "51–100"), (200, "101–200"), (400, "201–400"))
LONGER = "401 and more"
CUTS: Mapping[str, Callable[[Labelled], str]] = {
    "voice": lambda row: row.voice,
    "length": lambda row: _length(row.text),
    "script": lambda row: row.script,
}


@dataclass(frozen=True, slots=True)
class Headline:
    """A figure, its 95% bootstrap interval, and the target that it should reach, if there is one."""

    name: str
    value: float
    low: float
    high: float
    target: str | None
    met: bool | None


@dataclass(frozen=True, slots=True)
class Slice:
    """The headline figures of the complaints that share a voice, a script or a length."""

    cut: str
    value: str
    rows: int
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class DecisionShare:
    """How many complaints (``facet`` is ``whole``) or labels get a decision, and the share of them that is right.

    A whole complaint is right when business and reason are.
    """

    facet: str
    decision: str
    rows: int
    share: float
    right: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything that is known about how the answers do.

    Attributes:
        data: what was read, for people.
        rows: how many complaints were scored.
        versions: of the model, the taxonomy and the policy.
        sources: how many answers came from the model, the rules or both.
        headline: the figures that are read first.
        compared: the same figures of others by name: baselines, or a second model.
        facets: the single-label facets.
        weighted_kappa: of urgency, quadratic weights; None where it is not defined.
        several: the multi-label facets; ``co`` are the departments beside the lead.
        mood: the sentiment.
        calibration: of each facet that carries confidences; empty where rules judged.
        coverage: of the category, by ``product`` and by ``smaller``; empty where rules judged.
        decisions: what may be done without a person.
        slices: by voice, length in characters, and script.
        errors: by kind.
    """

    data: tuple[str, ...]
    rows: int
    versions: tuple[str, str, str]
    sources: Mapping[str, int]
    headline: tuple[Headline, ...]
    compared: Mapping[str, Mapping[str, float]]
    facets: tuple[FacetScore, ...]
    weighted_kappa: float | None
    several: tuple[SeveralScore, ...]
    mood: MoodScore
    calibration: tuple[CalibrationScore, ...]
    coverage: tuple[CoverageScore, ...]
    decisions: tuple[DecisionShare, ...]
    slices: tuple[Slice, ...]
    errors: tuple[Kind, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists."""
        plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(self)))
        return plain

    def to_json(self) -> str:
        """Return the report as one JSON object, indented; Chinese stays readable."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


def cases_of(rows: Sequence[Labelled], said: Sequence[Answer], config: Config) -> list[Case]:
    """Return each complaint with what is right and what was said about it.

    Raises:
        InputError: there is no complaint at all.
    """
    if not rows:
        raise InputError("there are no labelled complaints; legal: at least one row", field="data")
    return [Case(row, right_answer(row, config), answer) for row, answer in zip(rows, said, strict=True)]


def headline_of(cases: Sequence[Case], config: Config) -> dict[str, float]:
    """Return the headline figures by name; those of facets that nobody judged are left out."""
    return Figures(cases, _orders(config))()


def evaluate(
    rows: Sequence[Labelled],
    said: Sequence[Answer],
    config: Config,
    *,
    data: Sequence[str] = (),
    versions: tuple[str, str, str] = ("", "", ""),
    compared: Mapping[str, Sequence[Answer]] | None = None,
    excerpts: bool = False,
    draws: int = DRAWS,
) -> Report:
    """Score answers that judge every facet.

    Args:
        rows: the labelled complaints, at least one.
        said: the answers, in the same order.
        config: the labels and the policy.
        data: what was read, for people.
        versions: of the model, the taxonomy and the policy that answered.
        compared: answers of others by name; they may leave facets out.
        excerpts: whether errors show the beginning of their redacted texts.
        draws: of the bootstrap.

    Raises:
        InputError: there is no complaint at all.
    """
    cases = cases_of(rows, said, config)
    orders = _orders(config)
    figures = Figures(cases, orders)
    sides = {facet: _side(cases, facet) for facet in SINGLE}
    ids = [row.id for row in rows]
    facets = [score_facet(facet, *sides[facet], ids=ids, order=orders[facet]) for facet in SINGLE]
    others = {name: headline_of(cases_of(rows, answers, config), config) for name, answers in (compared or {}).items()}
    whole = figures()
    return Report(
        data=tuple(data),
        rows=len(cases),
        versions=versions,
        sources=dict(sorted(Counter(case.said.source for case in cases).items())),
        headline=_headline(whole, intervals(figures, [row.story for row in rows], draws=draws)),
        compared=others,
        facets=tuple(facets),
        weighted_kappa=whole.get("urgency weighted kappa"),
        several=tuple(_several(cases, facet, orders[facet]) for facet in MULTIPLE),
        mood=_mood(cases),
        calibration=tuple(_calibration(cases)),
        coverage=_coverage(cases),
        decisions=_decisions(cases),
        slices=_slices(cases, figures),
        errors=error_kinds(cases, excerpts=excerpts),
    )


def _orders(config: Config) -> dict[str, tuple[str, ...]]:
    return {facet: labels_of(config, "department" if facet == "co" else facet) for facet in (*SINGLE, *MULTIPLE)}


def _side(cases: Sequence[Case], facet: str) -> tuple[list[str], list[str]]:
    return [case.right.single[facet] for case in cases], [case.said.single[facet] for case in cases]


def _headline(values: Mapping[str, float], ranges: Mapping[str, tuple[float, float]]) -> tuple[Headline, ...]:
    found = []
    for name, value in values.items():
        target = TARGETS.get(name)
        met = None if target is None else target.met(value)
        found.append(Headline(name, value, *ranges[name], None if target is None else str(target), met))
    return tuple(found)


def _several(cases: Sequence[Case], facet: str, order: Sequence[str]) -> SeveralScore:
    right = [case.right.multiple[facet] for case in cases]
    return score_several(facet, right, [case.said.multiple[facet] for case in cases], order=order)


def _mood(cases: Sequence[Case]) -> MoodScore:
    pairs = [(case.row.sentiment, said) for case in cases if (said := case.said.sentiment) is not None]
    return score_mood(*zip(*pairs, strict=True))


def _calibration(cases: Sequence[Case]) -> list[CalibrationScore]:
    found = []
    for facet in SINGLE:
        sure = [case for case in cases if facet in case.said.confidence]
        if sure:
            confidence = [case.said.confidence[facet] for case in sure]
            right = [case.said.single[facet] == case.right.single[facet] for case in sure]
            said = all(facet in case.said.calibrated for case in sure)
            found.append(score_calibration(facet, confidence, right, said=said))
    return found


def _coverage(cases: Sequence[Case]) -> tuple[CoverageScore, ...]:
    sure = category_confidence(cases)
    if sure is None:
        return ()
    business, reason = sure.T.tolist()
    right = [_right(case, "whole") for case in cases]
    return tuple(score_coverage(business, reason, right, rule=rule) for rule in ("product", "smaller"))


def _right(case: Case, facet: str) -> bool:
    facets = ("business", "reason") if facet == "whole" else (facet,)
    return all(case.said.single[name] == case.right.single[name] for name in facets)


def _decisions(cases: Sequence[Case]) -> tuple[DecisionShare, ...]:
    found = []
    for facet in ("whole", *SINGLE):
        for decision in ("auto", "suggest", "review"):
            right = [_right(case, facet) for case in cases if case.said.decisions.get(facet) == decision]
            if right:
                share = len(right) / len(cases)
                found.append(DecisionShare(facet, decision, len(right), share, sum(right) / len(right)))
    return tuple(found)


def _slices(cases: Sequence[Case], figures: Figures) -> tuple[Slice, ...]:
    lengths = [name for _, name in LENGTHS] + [LONGER]
    found = []
    for cut, of in CUTS.items():
        values = [of(case.row) for case in cases]
        for value in sorted(set(values), key=lambda name: (lengths.index(name) if cut == "length" else 0, name)):
            rows = np.flatnonzero([one == value for one in values])
            found.append(Slice(cut, value, len(rows), figures(rows)))
    return tuple(found)


def _length(text: str) -> str:
    return next((name for most, name in LENGTHS if len(text) <= most), LONGER)
