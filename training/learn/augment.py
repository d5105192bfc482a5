"""Complaints inside longer texts, so that what matters is found wherever it stands."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from triage.model.tokens import Tokens
from triage.training.learn.examples import Example

__all__ = ["drowned"]

WINDOW = 254
"""Tokens of a window without the special ones."""


def drowned(example: Example, talk: Sequence[Example], random: Random) -> Example:
    """Return a complaint with other people's talk before and after it.

    Its labels stay, but for the sentiment, which the talk would change.

    Args:
        example: a complaint.
        talk: texts that are no complaints to a bank.
        random: draws which talk, and how much stands before.
    """
    own = _inner(example)
    before, after = (_inner(random.choice(talk)) if random.random() < 0.7 else () for _ in range(2))
    ids = (*before, *own, *after)
    windows = tuple(
        (Tokens.FIRST, *ids[start : start + WINDOW], Tokens.LAST) for start in range(0, max(1, len(ids)), WINDOW)
    )
    targets = {facet: value for facet, value in example.targets.items() if facet != "sentiment"}
    return Example(windows, targets, example.weight)


def _inner(example: Example) -> tuple[int, ...]:
    return tuple(token for window in example.windows for token in window[1:-1])
