"""Where rules and model meet."""

from __future__ import annotations

import pytest

from triage.config import load
from triage.pipeline.meeting import meet
from triage.pipeline.views import Choice, Mood, Tagged, View
from triage.route.schema import MeetingSpec
from triage.types import Evidence

TAXONOMY = load().taxonomy
SPEC = MeetingSpec.model_validate(
    {
        "budget": {"call": 1, "text": 1},
        "raise": {"urgency": {"critical": 0.05}, "flags": {"self_harm": 0.02}},
    }
)
RULE = (Evidence(0, 1, "卡", "rule:x"),)
MODEL = (Evidence(0, 1, "卡", "model"),)


def told(label: str, strength: float = 1.0, *, second: tuple[str, ...] = ()) -> Choice:
    return Choice(label=label, strength=strength, evidence=RULE, second=second, probabilities={})


def thought(alone: str | None = None, **probabilities: float) -> Choice:
    label = max(probabilities, key=probabilities.__getitem__)
    return Choice(
        label=label, confidence=probabilities[label], evidence=MODEL, probabilities=probabilities, alone=alone or label
    )


def views(
    rules: dict[str, Choice],
    model: dict[str, Choice],
    *,
    said: tuple[str, ...] = (),
    likely: dict[str, float] | None = None,
) -> tuple[View, View]:
    likely = likely or {}
    tags = tuple(Tagged(label=label, confidence=p) for label, p in likely.items() if p >= 0.5)
    return (
        View(rules, {"flags": tuple(Tagged(label=label, evidence=RULE) for label in said)}, Mood(score=0.5), {}, {}),
        View(
            model,
            {"flags": tags},
            Mood(score=-0.5, confidence=0.9),
            {"flags": frozenset(tag.label for tag in tags)},
            {"flags": likely},
        ),
    )


@pytest.mark.parametrize(
    ("rules", "model", "label", "source"),
    [
        # They agree.
        (told("high"), thought(high=0.9, critical=0.05, low=0.05), "high", "model"),
        # Rules raise, where the model does not object.
        (told("critical"), thought(high=0.9, critical=0.05, low=0.05), "critical", "hybrid"),
        (told("critical"), thought(high=0.96, critical=0.04), "high", "model"),
        # Nothing is lowered.
        (told("low"), thought(critical=0.6, low=0.4), "critical", "model"),
        # A label that is not named is not raised to.
        (told("high"), thought(low=0.6, high=0.4), "low", "model"),
    ],
)
def test_urgency(rules: Choice, model: Choice, label: str, source: str) -> None:
    view, who = meet(*views({"urgency": rules}, {"urgency": model}), SPEC, TAXONOMY)
    assert (view.choices["urgency"].label, who) == (label, source)


def test_a_label_that_the_pool_changed_is_not_the_models_alone() -> None:
    same = {"business": thought(loan=0.6, payment=0.4)}
    changed = {"business": thought("payment", loan=0.6, payment=0.4)}
    assert meet(*views({"business": told("loan")}, same), SPEC, TAXONOMY)[1] == "model"
    assert meet(*views({"business": told("loan")}, changed), SPEC, TAXONOMY)[1] == "hybrid"


@pytest.mark.parametrize(
    ("said", "likely", "found"),
    [
        (("self_harm",), {"self_harm": 0.02}, ["self_harm"]),
        (("self_harm",), {"self_harm": 0.01}, []),
        (("profanity",), {"profanity": 0.4}, []),
        ((), {"repeat": 0.8, "self_harm": 0.3}, ["repeat"]),
        (("self_harm",), {"self_harm": 0.3, "repeat": 0.8}, ["repeat", "self_harm"]),
    ],
)
def test_flags(said: tuple[str, ...], likely: dict[str, float], found: list[str]) -> None:
    view, _ = meet(*views({}, {}, said=said, likely=likely), SPEC, TAXONOMY)
    assert sorted(tag.label for tag in view.tags["flags"]) == found
    order = [label for label in TAXONOMY.facets["flags"].ids if label in found]
    assert [tag.label for tag in view.tags["flags"]] == order


def test_rules_that_agree_lend_their_evidence() -> None:
    view, who = meet(*views({"urgency": told("high")}, {"urgency": thought(high=0.9, low=0.1)}), SPEC, TAXONOMY)
    assert (view.choices["urgency"].evidence, who) == ((*MODEL, *RULE), "model")
    view, _ = meet(*views({"urgency": told("low")}, {"urgency": thought(high=0.9, low=0.1)}), SPEC, TAXONOMY)
    assert view.choices["urgency"].evidence == MODEL


def test_a_facet_that_the_model_does_not_judge_is_the_rules() -> None:
    rules, model = views({"urgency": told("high"), "channel": told("web")}, {"urgency": thought(high=0.9, low=0.1)})
    view, who = meet(rules, model, SPEC, TAXONOMY)
    assert (view.choices["channel"].label, who) == ("web", "hybrid")
    view, _ = meet(rules, View(model.choices, {}, None, {}, {}), SPEC, TAXONOMY)
    assert view.mood is not None
    assert view.mood.score == 0.5


def test_a_second_label_is_never_the_first() -> None:
    rules = told("loan", second=("payment", "savings"))
    view, _ = meet(*views({"business": rules}, {"business": thought(payment=0.9, loan=0.1)}), SPEC, TAXONOMY)
    assert view.choices["business"].second == ("savings",)
