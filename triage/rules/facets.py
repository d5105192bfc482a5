"""From the hits of one facet to its labels: four ways to decide."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from triage.rules.hits import Decided, Hit, Reading, holds
from triage.rules.schema import FacetRules, SentimentSpec

__all__ = ["Judgement", "Scored", "decide", "mood"]


@dataclass(frozen=True, slots=True)
class Scored:
    """One label with the sum of its hits; ``hits`` holds those that count, the strongest first."""

    label: str
    score: float
    hits: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the rules say of one facet.

    Attributes:
        facet: the facet.
        chosen: the chosen label, or the labels of a multi-label facet; empty for sentiment.
        others: labels with a score above 0 that were not chosen, the highest score first.
        second: runners-up that count as clear second labels, the highest score first.
        strength: in [0, 1], how far the choice stands out: 0 for a default, 1 where nothing speaks against it. It is no
            probability. 0 for multi-label facets.
        score: the sentiment in [-1, 1]; 0 for other facets.
    """

    facet: str
    chosen: tuple[Scored, ...]
    others: tuple[Scored, ...] = ()
    second: tuple[str, ...] = ()
    strength: float = 0.0
    score: float = 0.0

    @property
    def labels(self) -> frozenset[str]:
        """The ids of the chosen labels."""
        return frozenset(scored.label for scored in self.chosen)


def decide(rules: FacetRules, hits: Iterable[Hit]) -> Judgement:
    """Return the labels of a facet that is not sentiment."""
    scored = _sum(hits)
    order = {label: place for place, label in enumerate(rules.order)}
    ranked = sorted(scored.values(), key=lambda s: (-s.score, order.get(s.label, len(order)), s.label))
    enough = [s for s in ranked if s.score >= rules.thresholds.get(s.label, rules.threshold)]
    if rules.decide == "all":
        return Judgement(rules.facet, tuple(enough), tuple(s for s in ranked if s not in enough and s.score > 0))
    if rules.decide == "ordered":
        enough.sort(key=lambda s: order.get(s.label, len(order)))
    if not enough:
        default = Scored(rules.default or "", 0.0)
        return Judgement(rules.facet, (default,), tuple(s for s in ranked if s.score > 0))
    best = enough[0]
    others = tuple(s for s in ranked if s is not best and s.score > 0)
    rival = max((s.score for s in others), default=0.0)
    strength = 1.0 if rules.decide == "ordered" else max(0.0, (best.score - rival) / best.score)
    floor = max(rules.second_least, rules.second_share * best.score)
    second = tuple(s.label for s in others if s.score >= floor) if rules.decide == "best" else ()
    return Judgement(rules.facet, (best,), others, second, strength)


def mood(rules: FacetRules, spec: SentimentSpec, hits: Iterable[Hit], *, reading: Reading,
         decided: Decided) -> Judgement:  # fmt: skip
    """Return the sentiment: ``tanh((base + Σ weight x degree x negation x irony) / scale)``."""
    hits = tuple(hits)
    base = next((row.base for row in spec.base_when if holds(row.when, decided)), spec.base)
    ironic = any(hit.label == spec.irony and hit.weight for hit in hits)
    total = base
    counted = []
    for hit in hits:
        weight = hit.weight * _degree(spec, hit, reading)
        if "negated" in hit.scopes:
            weight *= spec.negated
        if ironic and weight > 0:
            weight *= spec.irony_turn
        total += weight
        counted.append(Hit(hit.rule, hit.label, hit.start, hit.end, weight, hit.scopes))
    score = math.tanh(total / spec.scale)
    spoken = sorted((h for h in counted if h.weight), key=lambda h: -abs(h.weight))
    return Judgement(rules.facet, (Scored("score", score, tuple(spoken)),), strength=abs(score), score=score)


def _sum(hits: Iterable[Hit]) -> dict[str, Scored]:
    by_label: dict[str, list[Hit]] = {}
    for hit in hits:
        by_label.setdefault(hit.label, []).append(hit)
    return {
        label: Scored(label, sum(h.weight for h in found), tuple(sorted(found, key=lambda h: -h.weight)))
        for label, found in by_label.items()
    }


def _degree(spec: SentimentSpec, hit: Hit, reading: Reading) -> float:
    factors = (
        factor
        for word, factor in spec.degrees.items()
        for _, end in reading.occurrences.get(word, ())
        if 0 <= hit.start - end <= spec.degree_within
    )
    return max(factors, key=lambda f: abs(math.log(f)), default=1.0)
