"""One complaint as drift looks at it: its text, its labels, and who said them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

__all__ = ["Observed", "Origin"]

Origin = Literal["decision", "label", "prediction"]
"""A decision read from a file, a label that people gave, or what the model says here and now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A complaint.

    Attributes:
        text: without personal data; empty where only labels are known.
        origin: who said the labels.
        single: one label by facet; ``sentiment`` is the band of the score.
        multiple: the labels by facet.
        confidence: by facet, in [0, 1]; left out where there is none.
        review: whether a person had to look at it; None where nobody decided that.
        version: of the model that judged; empty for labels of people.
    """

    text: str
    origin: Origin
    single: Mapping[str, str]
    multiple: Mapping[str, frozenset[str]] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    review: bool | None = None
    version: str = ""
