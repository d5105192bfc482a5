"""Where rules and model meet: their pooled opinion leads, and safety rules may raise what it says, never lower it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from triage.config.taxonomy import Taxonomy
from triage.pipeline.views import Choice, Tagged, View
from triage.route.schema import MeetingSpec
from triage.types import Alternative, Source

__all__ = ["meet"]


def meet(rules: View, model: View, spec: MeetingSpec, taxonomy: Taxonomy) -> tuple[View, Source]:
    """Return the view that counts, and who made it: ``hybrid`` as soon as one label is not what the model alone says.

    - Labels of ``raise`` that rules see are taken where the model sees too little to object. Nothing is ever lowered.
    - A facet that the model does not judge is the rules'.
    - Rules that come to the same label lend it their evidence.
    """
    choices = {facet: _choice(facet, rules, model, spec, taxonomy) for facet in rules.choices}
    tags = {facet: _tags(facet, rules, model, spec, taxonomy) for facet in rules.tags}
    mood = model.mood or rules.mood
    own = all(
        facet in model.choices and choice.label == model.choices[facet].alone for facet, choice in choices.items()
    )
    same = all(facet in model.alone and {tag.label for tag in tags[facet]} == model.alone[facet] for facet in tags)
    source: Source = "model" if own and same and model.mood is not None else "hybrid"
    return View(choices, tags, mood, model.alone, model.likely), source


def _choice(facet: str, rules: View, model: View, spec: MeetingSpec, taxonomy: Taxonomy) -> Choice:
    told, thought = rules.choices[facet], model.choices.get(facet)
    if thought is None:
        return told
    second = tuple(label for label in (*told.second, told.label) if label != thought.label)
    if told.label == thought.label:
        return replace(thought, evidence=(*thought.evidence, *told.evidence), second=told.second)
    if _raised(facet, told, thought, spec, taxonomy):
        # How likely the model finds it is still the best number that there is.
        return replace(told, confidence=thought.probabilities.get(told.label, 0.0), alternatives=_others(told, thought))
    return replace(thought, second=tuple(label for label in told.second if label in second))


def _raised(facet: str, told: Choice, thought: Choice, spec: MeetingSpec, taxonomy: Taxonomy) -> bool:
    bar = spec.raise_.get(facet, {}).get(told.label)
    if bar is None or thought.probabilities.get(told.label, 0.0) < bar:
        return False
    order = taxonomy.facets[facet].ids
    return order.index(told.label) < order.index(thought.label)


def _others(told: Choice, thought: Choice) -> tuple[Alternative, ...]:
    first = Alternative(thought.label, thought.confidence)
    return tuple(other for other in (first, *thought.alternatives) if other.label != told.label)[:3]


def _tags(facet: str, rules: View, model: View, spec: MeetingSpec, taxonomy: Taxonomy) -> tuple[Tagged, ...]:
    if facet not in model.tags:
        return rules.tags[facet]
    told = {tag.label: tag for tag in rules.tags[facet]}
    found: dict[str, Tagged] = {}
    for tag in model.tags[facet]:
        also = told[tag.label].evidence if tag.label in told else ()
        found[tag.label] = replace(tag, evidence=(*tag.evidence, *also))
    bars: Mapping[str, float] = spec.raise_.get(facet, {})
    for label, tag in told.items():
        probability = model.likely[facet].get(label, 0.0)
        if label not in found and label in bars and probability >= bars[label]:
            found[label] = replace(tag, confidence=probability)
    return tuple(found[label] for label in taxonomy.facets[facet].ids if label in found)
