"""One shape for what rules and model think, so that they can be compared and put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from triage.types import Alternative, Evidence

__all__ = ["Choice", "Mood", "Tagged", "View"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One label of a single-label facet.

    Attributes:
        label: its id.
        confidence: probability in [0, 1]; None where rules chose.
        strength: how far the rules' choice stands out, in [0, 1]; 0 where the model chose.
        alternatives: other labels, the likeliest first.
        evidence: what speaks for the label.
        second: clear second labels.
        probabilities: of every label; empty where rules chose.
        alone: the label that the model would have chosen without the rules; None where rules chose.
    """

    label: str
    confidence: float | None = None
    strength: float = 0.0
    alternatives: tuple[Alternative, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    second: tuple[str, ...] = ()
    probabilities: Mapping[str, float]
    alone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tagged:
    """One label of a multi-label facet."""

    label: str
    confidence: float | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Mood:
    """The sentiment: a score in [-1, 1], and how sure its band is."""

    score: float
    confidence: float | None = None
    strength: float = 0.0
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class View:
    """What a judge thinks of a complaint; a facet that it does not judge is not there.

    Attributes:
        choices: single-label facets.
        tags: multi-label facets: for each the labels that hold, in the order of the taxonomy.
        mood: the sentiment.
        alone: for multi-label facets, the labels that the model would have said without the rules.
        likely: for multi-label facets, the probability of every label; empty for rules.
    """

    choices: Mapping[str, Choice]
    tags: Mapping[str, tuple[Tagged, ...]]
    mood: Mood | None
    alone: Mapping[str, frozenset[str]]
    likely: Mapping[str, Mapping[str, float]]
