"""What the model thinks, as a view."""

from __future__ import annotations

from collections.abc import Mapping

from triage.config.taxonomy import Taxonomy
from triage.model.evidence import spans
from triage.model.opinions import Opinion, Shares
from triage.model.spec import Calibration
from triage.pipeline.pooling import pooled, scores
from triage.pipeline.reading import Reading
from triage.pipeline.views import Choice, Mood, Tagged, View
from triage.route.schema import MeetingSpec
from triage.rules import Judgement
from triage.types import Alternative, Evidence

__all__ = ["by_model"]

ALTERNATIVES = 3
LEAST_ALTERNATIVE = 0.01


def by_model(
    opinions: Mapping[str, Opinion],
    judged: Mapping[str, Judgement],
    reading: Reading,
    *,
    taxonomy: Taxonomy,
    meeting: MeetingSpec,
    calibration: Calibration,
) -> View:
    """Return the view of the model, pooled with what the rules say where its calibration has a pool.

    A label with a bar is chosen as soon as its probability reaches the bar, whatever is likelier: missing it costs more
    than saying it once too often.
    """
    choices: dict[str, Choice] = {}
    tags: dict[str, tuple[Tagged, ...]] = {}
    likely: dict[str, Mapping[str, float]] = {}
    alone: dict[str, frozenset[str]] = {}
    mood: Mood | None = None
    for facet, own in opinions.items():
        head, opinion = own.head, own
        if facet in calibration.pools:
            weight, temperature = calibration.pools[facet]
            said = scores(judged[facet], multiple=head.kind == "multi")
            opinion = pooled(own, said, weight=weight, temperature=temperature)
        if head.kind == "score":
            band = taxonomy.bounds(opinion.score)
            spoken = _evidence(opinion.shares[""], reading)
            mood = Mood(score=opinion.score, confidence=opinion.within(*band), evidence=spoken)
        elif head.kind == "multi":
            found = set(opinion.said)
            tags[facet] = tuple(
                Tagged(
                    label=label,
                    confidence=opinion[label],
                    evidence=_evidence(opinion.shares.get(label, Shares()), reading),
                )
                for label in taxonomy.facets[facet].ids
                if label in found
            )
            alone[facet] = frozenset(own.said)
            likely[facet] = dict(zip(head.labels, opinion.probabilities, strict=True))
        else:
            least = calibration.conformal.get(facet, {}).get(str(meeting.coverage))
            choices[facet] = _choice(own, opinion, meeting.bars.get(facet, {}), reading, least=least)
    return View(choices, tags, mood, alone, likely)


def _choice(
    own: Opinion, opinion: Opinion, bars: Mapping[str, float], reading: Reading, *, least: float | None
) -> Choice:
    ranked = opinion.ranked
    probabilities = dict(ranked)
    label = _chosen(opinion, bars)
    floor, most = (LEAST_ALTERNATIVE, ALTERNATIVES) if least is None else (least, len(ranked))
    others = (pair for pair in ranked if pair[0] != label and pair[1] >= floor)
    return Choice(
        label=label,
        confidence=probabilities[label],
        alternatives=tuple(Alternative(name, round(probability, 4)) for name, probability in others)[:most],
        evidence=_evidence(opinion.shares.get(label, Shares()), reading),
        probabilities=probabilities,
        alone=_chosen(own, bars),
    )


def _chosen(opinion: Opinion, bars: Mapping[str, float]) -> str:
    ranked = opinion.ranked
    probabilities = dict(ranked)
    return next((name for name, bar in bars.items() if probabilities.get(name, 0) >= bar), ranked[0][0])


def _evidence(shares: Shares, reading: Reading) -> tuple[Evidence, ...]:
    found = spans(shares, reading.whole.text)
    return tuple(reading.evidence(reading.whole, start, end, "model") for start, end in found)
