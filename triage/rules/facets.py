"""From the hits of one facet to its labels: four ways to decide."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

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

    @property
    def scores(self) -> dict[str, float]:
        """What speaks for each label; labels for which nothing speaks are not there."""
        return {scored.label: scored.score for scored in (*self.chosen, *self.others) if scored.score}


def decide(
    rules: FacetRules,
    hits: Iterable[Hit],
    spoken: Mapping[str, float] = MappingProxyType({}),
    words: Callable[[str], Sequence[Hit]] = lambda _label: (),
) -> Judgement:
    """Return the labels of a facet that is not sentiment.

    Args:
        rules: how hits become labels.
        hits: the hits of the rules.
        spoken: what the lexicon adds to the score of each label.
        words: gives the hits of the lexicon for a label, as evidence.
    """
    scored = _sum(hits, spoken)
    order = {label: place for place, label in enumerate(rules.order)}
    ranked = sorted(scored.values(), key=lambda s: (-s.score, order.get(s.label, len(order)), s.label))
    enough = [s for s in ranked if s.score >= _threshold(rules, s.label, lexicon=bool(spoken))]
    if rules.decide == "all":
        chosen = tuple(_with(s, words) for s in enough)
        return Judgement(rules.facet, chosen, tuple(s for s in ranked if s not in enough and s.score > 0))
    if rules.decide == "ordered":
        enough.sort(key=lambda s: order.get(s.label, len(order)))
    if not enough:
        default = Scored(rules.default or "", 0.0)
        return Judgement(rules.facet, (default,), tuple(s for s in ranked if s.score > 0))
    best = enough[0]
    others = tuple(s for s in ranked if s is not best and s.score > 0)
    rival = max((s.score for s in others), default=0.0)
    strength = (
        1.0 if rules.decide == "ordered" else max(0.0, (best.score - rival) / best.score if best.score > 0 else 0.0)
    )
    floor = max(rules.second_least, rules.second_share * best.score)
    second = tuple(s.label for s in others if s.score >= floor) if rules.decide == "best" else ()
    return Judgement(rules.facet, (_with(best, words),), others, second, strength)


def _threshold(rules: FacetRules, label: str, *, lexicon: bool) -> float:
    # Where words speak, every label has a score of its own to start from, and the best wins.
    if lexicon and rules.decide == "best":
        return -math.inf
    return rules.thresholds.get(label, rules.threshold)


def _with(scored: Scored, words: Callable[[str], Sequence[Hit]]) -> Scored:
    """Return ``scored`` with the words that speak for it after its hits."""
    return Scored(scored.label, scored.score, (*scored.hits, *(hit for hit in words(scored.label) if hit.weight > 0)))


def mood(
    rules: FacetRules,
    spec: SentimentSpec,
    hits: Iterable[Hit],
    words: Iterable[Hit] = (),
    *,
    start: float = 0.0,
    reading: Reading,
    decided: Decided,
) -> Judgement:
    """Return the sentiment: ``tanh((base + start + Σ words + Σ weight x degree x negation x irony) / scale)``."""
    hits = tuple(hits)
    base = next((row.base for row in spec.base_when if holds(row.when, decided)), spec.base)
    ironic = any(hit.label == spec.irony and hit.weight for hit in hits)
    counted = list(words)
    total = base + start + sum(hit.weight for hit in counted)
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


def _sum(hits: Iterable[Hit], spoken: Mapping[str, float]) -> dict[str, Scored]:
    by_label: dict[str, list[Hit]] = {label: [] for label in spoken}
    for hit in hits:
        by_label.setdefault(hit.label, []).append(hit)
    return {
        label: Scored(
            label, sum(h.weight for h in found) + spoken.get(label, 0.0), tuple(sorted(found, key=lambda h: -h.weight))
        )
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
