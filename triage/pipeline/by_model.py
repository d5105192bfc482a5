"""What the model thinks, as a view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from triage.config.taxonomy import Taxonomy
from triage.model.evidence import spans
from triage.model.opinions import Opinion, Share
from triage.pipeline.reading import Reading
from triage.pipeline.views import Choice, Mood, Tagged, View
from triage.route.schema import MeetingSpec
from triage.types import Alternative, Evidence

__all__ = ["by_model"]

LEAST_ALTERNATIVE = 0.01


def by_model(opinions: Mapping[str, Opinion], reading: Reading, taxonomy: Taxonomy, meeting: MeetingSpec) -> View:
    """Return the view of the model.

    A label with a bar is chosen as soon as its probability reaches the bar, whatever is likelier: missing it costs more
    than saying it once too often.
    """
    choices: dict[str, Choice] = {}
    tags: dict[str, tuple[Tagged, ...]] = {}
    likely: dict[str, Mapping[str, float]] = {}
    mood: Mood | None = None
    for facet, opinion in opinions.items():
        head = opinion.head
        if head.kind == "score":
            band = taxonomy.bounds(opinion.score)
            spoken = _evidence(opinion.shares[""], reading)
            mood = Mood(score=opinion.score, confidence=opinion.within(*band), evidence=spoken)
        elif head.kind == "multi":
            said = set(opinion.said)
            tags[facet] = tuple(
                Tagged(label=label, confidence=opinion[label], evidence=_evidence(opinion.shares[label], reading))
                for label in taxonomy.facets[facet].ids
                if label in said
            )
            likely[facet] = dict(zip(head.labels, opinion.probabilities, strict=True))
        else:
            choices[facet] = _choice(opinion, meeting.bars.get(facet, {}), reading)
    return View(choices, tags, mood, likely)


def _choice(opinion: Opinion, bars: Mapping[str, float], reading: Reading) -> Choice:
    ranked = opinion.ranked
    probabilities = dict(ranked)
    label = next((name for name, bar in bars.items() if probabilities.get(name, 0) >= bar), ranked[0][0])
    others = (pair for pair in ranked if pair[0] != label and pair[1] >= LEAST_ALTERNATIVE)
    return Choice(
        label=label,
        confidence=probabilities[label],
        alternatives=tuple(Alternative(name, round(probability, 4)) for name, probability in others)[:3],
        evidence=_evidence(opinion.shares.get(label, ()), reading),
        probabilities=probabilities,
    )


def _evidence(shares: Sequence[Share], reading: Reading) -> tuple[Evidence, ...]:
    found = spans(shares, reading.whole.text)
    return tuple(reading.evidence(reading.whole, start, end, "model") for start, end in found)
