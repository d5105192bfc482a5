"""How far a label, and the whole complaint, may be trusted without a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.route.conditions import Facts, holds
from triage.route.schema import DecisionsSpec
from triage.types import Decided

__all__ = ["Judged", "Verdict", "decide_facet", "decide_whole"]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is known of a label: a calibrated ``confidence``, or the ``strength`` that rules give it, both in [0, 1]."""

    confidence: float | None = None
    strength: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What may be done with the whole complaint, and the reasons as ``code：text``."""

    decision: Decided
    reasons: tuple[str, ...]


def decide_facet(spec: DecisionsSpec, facet: str, judged: Judged) -> Decided:
    """Return what may be done with one label."""
    rows = spec.strength if judged.confidence is None else spec.confidence
    value = judged.strength if judged.confidence is None else judged.confidence
    threshold = rows.get(facet, rows["default"])
    if value >= threshold.auto:
        return "auto"
    return "suggest" if value >= threshold.suggest else "review"


def decide_whole(
    spec: DecisionsSpec, facets: Mapping[str, Decided], facts: Facts, *, names: Mapping[str, str], degraded: bool
) -> Verdict:
    """Return what may be done with the whole complaint: the most careful of its facets, rows and circumstances.

    Args:
        spec: the thresholds and rows.
        facets: what may be done with each label.
        facts: the labels that hold.
        names: what people call the facets.
        degraded: a fallback was taken on the way.
    """
    reasons = [f"{row.id}：{row.reason}" for row in spec.review if holds(row.when, facts)]
    unsure = [names[facet] for facet in spec.facets if facets[facet] == "review"]
    if unsure:
        reasons.append(f"unsure：{spec.reasons['unsure']}（{'、'.join(unsure)}）")
    if degraded:
        reasons.append(f"degraded：{spec.reasons['degraded']}")
    if reasons:
        return Verdict("review", tuple(reasons))
    if any(facets[facet] == "suggest" for facet in spec.facets):
        return Verdict("suggest", (f"suggested：{spec.reasons['suggested']}",))
    return Verdict("auto", (f"certain：{spec.reasons['certain']}",))
