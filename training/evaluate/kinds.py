"""Errors by kind: what was taken for what, what was missed, what was seen where nothing is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.training.evaluate.answer import MULTIPLE, SINGLE, Case
from triage.training.evaluate.mood import NEAR, sign_right

__all__ = ["Example", "Kind", "error_kinds"]

SHOWN = 3
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Example:
    """One row that is wrong; ``excerpt`` is the beginning of its redacted text, empty unless asked for."""

    id: str
    excerpt: str


@dataclass(frozen=True, slots=True)
class Kind:
    """Rows that are wrong in the same way."""

    facet: str
    kind: str
    count: int
    examples: tuple[Example, ...]


def error_kinds(cases: Sequence[Case], *, excerpts: bool) -> tuple[Kind, ...]:
    """Return the kinds of errors, facet by facet, the most frequent first.

    Args:
        cases: what is right and what was said.
        excerpts: whether the examples show the beginning of their redacted texts, 60 characters at most.
    """
    found: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        for facet, kind in _wrong(case):
            found.setdefault((facet, kind), []).append(case)
    facets = (*SINGLE, *MULTIPLE, "sentiment")
    kinds = [
        Kind(facet, kind, len(wrong), tuple(_example(case, excerpts=excerpts) for case in wrong[:SHOWN]))
        for (facet, kind), wrong in found.items()
    ]
    return tuple(sorted(kinds, key=lambda one: (facets.index(one.facet), -one.count, one.kind)))


def _wrong(case: Case) -> Iterator[tuple[str, str]]:
    for facet, label in case.said.single.items():
        if label != case.right.single[facet]:
            yield facet, f"{case.right.single[facet]} → {label}"
    for facet, labels in case.said.multiple.items():
        right = case.right.multiple[facet]
        yield from ((facet, f"missed {label}") for label in sorted(right - labels))
        yield from ((facet, f"needless {label}") for label in sorted(labels - right))
    if case.said.sentiment is not None and case.right.sentiment is not None:
        off = case.said.sentiment - case.right.sentiment
        if sign_right(case.right.sentiment, case.said.sentiment) is False:
            yield "sentiment", "wrong sign"
        elif abs(off) > NEAR + 1e-9:
            yield "sentiment", "too positive" if off > 0 else "too negative"


def _example(case: Case, *, excerpts: bool) -> Example:
    text = case.said.excerpt if excerpts else ""
    return Example(case.row.id, text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
