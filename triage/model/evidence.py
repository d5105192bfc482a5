"""From what tokens add to a label to the few stretches of text that carry it."""

from __future__ import annotations

from collections.abc import Sequence

from triage.model.opinions import Shares

__all__ = ["spans"]

MOST = 3
"""Stretches at most."""
ENOUGH = 0.7
"""Stretches are taken until they carry this share of all that speaks for the label."""
LEAST = 0.25
"""A token belongs to a stretch when it adds at least this share of what the strongest token adds."""
GAP = 2
"""Tokens that may stand between two tokens of one stretch."""
CLAUSE = 20
"""A stretch grows to its clause, the characters between two marks, where that has at most so many characters."""
MARGIN = 3
"""In a longer clause it grows by so many characters on both sides."""


def spans(shares: Shares, text: str) -> list[tuple[int, int]]:
    """Return the stretches ``[start, end)`` of the text that carry a label, in the order of the text.

    Args:
        shares: what each token adds.
        text: the normalised text.
    """
    weights = shares.weights
    strongest = max(weights, default=0.0)
    if strongest <= 0:
        return []
    total = sum(weight for weight in weights if weight > 0)
    runs = _runs([place for place, weight in enumerate(weights) if weight >= LEAST * strongest])
    weighed = [(sum(max(0.0, weight) for weight in weights[first : last + 1]), first, last) for first, last in runs]
    chosen: list[tuple[int, int]] = []
    carried = 0.0
    for weight, first, last in sorted(weighed, reverse=True)[:MOST]:
        run = shares.spans[first : last + 1]
        # Windows overlap: the order of tokens may step back.
        chosen.append(_grown(min(start for start, _ in run), max(end for _, end in run), text))
        carried += weight
        if carried >= ENOUGH * total:
            break
    return _merged(sorted((start, end) for start, end in chosen if end > start))


def _merged(stretches: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the stretches, those that touch as one."""
    merged: list[tuple[int, int]] = []
    for start, end in stretches:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _runs(places: Sequence[int]) -> list[tuple[int, int]]:
    runs = [[places[0], places[0]]]
    for place in places[1:]:
        if place - runs[-1][1] <= GAP + 1:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    return [(first, last) for first, last in runs]


def _grown(start: int, end: int, text: str) -> tuple[int, int]:
    """Return what a person reads as one piece: the clause around a stretch, or a little more than the stretch."""
    start, end = _trimmed(start, end, text)
    if start == end:
        return start, end
    left, right = start, end
    while left > 0 and _inside(text[left - 1]):
        left -= 1
    while right < len(text) and _inside(text[right]):
        right += 1
    if right - left <= CLAUSE:
        return left, right
    return max(left, start - MARGIN), min(right, end + MARGIN)


def _inside(char: str) -> bool:
    return char.isalnum()


def _trimmed(start: int, end: int, text: str) -> tuple[int, int]:
    """Return the stretch without marks and spaces at its ends."""
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return start, end
