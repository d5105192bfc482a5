"""Urgency and department from the category alone: a head that does not beat this has learnt nothing of its own."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Self

from triage.config import Config
from triage.training.evaluate.answer import Answer, right_answer
from triage.training.labelled import Labelled

__all__ = ["CategoryAlone"]

FACETS = ("urgency", "department")


class CategoryAlone:
    """The most frequent urgency and department of each business × reason among the rows that it learnt from.

    A category that it never saw gets the most frequent label of the business, and then of all.
    """

    name = "category alone"

    def __init__(self) -> None:
        self._most: Mapping[str, Mapping[tuple[str, ...], str]] = {}

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Count ``rows``, at least one; return itself."""
        counts: dict[str, dict[tuple[str, ...], Counter[str]]] = {f: defaultdict(Counter) for f in FACETS}
        for row in rows:
            right = right_answer(row, config)
            for facet in FACETS:
                for key in _keys(right):
                    counts[facet][key][right.single[facet]] += 1
        self._most = {
            facet: {key: min(found, key=lambda label: (-found[label], label)) for key, found in by_key.items()}
            for facet, by_key in counts.items()
        }
        return self

    def predict_from(self, categories: Sequence[Answer]) -> list[Answer]:
        """Answer for the business and the reason of each answer: the right ones, or those that somebody said."""
        return [
            Answer(single={facet: next(most[k] for k in _keys(one) if k in most) for facet, most in self._most.items()})
            for one in categories
        ]


def _keys(answer: Answer) -> tuple[tuple[str, ...], ...]:
    business, reason = answer.single["business"], answer.single["reason"]
    return (business, reason), (business,), ()
