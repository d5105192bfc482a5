"""Weighted words: what the words of a text say for each label, beside the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from triage.rules.hits import Hit, Reading
from triage.rules.matcher import Span
from triage.schema import Ident, Spec

__all__ = ["Lexicon", "LexiconSpec", "Spoken"]

Weight = Annotated[float, Field(ge=-50, le=50, allow_inf_nan=False)]
_SHOWN = 3


class LexiconSpec(Spec):
    """``rules/lexicon.csv``: rows of facet, word, label, weight.

    The weight is what the word adds to the label when it occurs, however often and in whatever scope; the empty word
    gives what the label has before any word is read. Weights are in the units of the rules and are fitted beside them
    (``triage.training.fit_lexicon``); any row may be edited, added or dropped.

    Attributes:
        weights: by facet and word, the weight for each label.
    """

    weights: dict[Ident, dict[str, dict[Ident, Weight]]] = {}


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the lexicon says of one text: a score for each label, and where each word that counts stands first."""

    scores: Mapping[str, float]
    words: Mapping[str, Span]


class Lexicon:
    """The words of one facet.

    Args:
        spec: the file.
        facet: the facet.
    """

    def __init__(self, spec: LexiconSpec, facet: str) -> None:
        weights = spec.weights.get(facet, {})
        self._rule = f"lexicon.{facet}"
        self._start = weights.get("", {})
        self._rows = {word: tuple(row.items()) for word, row in weights.items() if word}

    @property
    def words(self) -> Iterable[str]:
        """Every word that must be searched for."""
        return self._rows

    def read(self, present: Iterable[str], reading: Reading) -> Spoken:
        """Return what the words of a text say; nothing when none of them occurs.

        Args:
            present: those of the words that occur in the text.
            reading: where they occur.
        """
        words = {word: reading.occurrences[word][0] for word in present}
        if not words:
            return Spoken({}, {})
        scores = dict(self._start)
        for word in words:
            for label, weight in self._rows[word]:
                scores[label] = scores.get(label, 0.0) + weight
        return Spoken(scores, words)

    def hits(self, spoken: Spoken, label: str, *, most: int | None = _SHOWN) -> Sequence[Hit]:
        """Return the words that speak for or against ``label`` as hits, the strongest first; at most ``most``."""
        rows = ((word, weight) for word in spoken.words for name, weight in self._rows[word] if name == label)
        ranked = sorted(rows, key=lambda row: (-abs(row[1]), row[0]))[:most]
        return [Hit(self._rule, label, *spoken.words[word], weight) for word, weight in ranked]
