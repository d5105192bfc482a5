"""What the rules think, as a view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from triage.config.taxonomy import Taxonomy
from triage.pipeline.reading import Reading
from triage.pipeline.views import Choice, Mood, Tagged, View
from triage.rules import Hit, Judgement
from triage.types import Alternative, Evidence

__all__ = ["PIECES", "by_rules"]

PIECES = 5
"""Pieces of evidence that a label shows at most."""


def by_rules(judged: Mapping[str, Judgement], reading: Reading, taxonomy: Taxonomy) -> View:
    """Return the view of the rules."""
    choices: dict[str, Choice] = {}
    tags: dict[str, tuple[Tagged, ...]] = {}
    for facet, spec in taxonomy.facets.items():
        judgement = judged[facet]
        if spec.multiple:
            chosen = {scored.label: scored.hits for scored in judgement.chosen}
            tags[facet] = tuple(
                Tagged(label=label, evidence=_evidence(chosen[label], reading)) for label in spec.ids if label in chosen
            )
            continue
        best = judgement.chosen[0]
        choices[facet] = Choice(
            label=best.label,
            strength=judgement.strength,
            alternatives=tuple(Alternative(other.label) for other in judgement.others if other.label != best.label)[:3],
            evidence=_evidence(best.hits, reading),
            second=judgement.second,
            probabilities={},
        )
    mood = judged["sentiment"]
    spoken = _evidence(mood.chosen[0].hits, reading)
    return View(choices, tags, Mood(score=mood.score, strength=mood.strength, evidence=spoken), {}, {})


def _evidence(hits: Iterable[Hit], reading: Reading) -> tuple[Evidence, ...]:
    spans = [hit for hit in hits if hit.end > hit.start][:PIECES]
    return tuple(reading.evidence(reading.said, hit.start, hit.end, f"rule:{hit.rule}") for hit in spans)
