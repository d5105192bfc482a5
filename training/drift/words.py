"""The words that one sample uses more than another, and those that the other has never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

__all__ = ["Risen", "risen", "terms", "unseen"]

LEAST_TEXTS = 5
"""Texts that a word must stand in to be shown: what fewer people say may say who they are."""


@dataclass(frozen=True, slots=True)
class Risen:
    """A word: in what share of the texts it stood and stands, and how surely it rose, in standard deviations."""

    word: str
    before: float
    after: float
    score: float


def terms(words: Sequence[str]) -> list[str]:
    """Return the words of a text, and pairs of single characters that stand beside each other.

    A word that the segmenter does not know, as every new one, falls into its characters.
    """
    pairs = [
        one + other
        for one, other in pairwise(words)
        if len(one) == len(other) == 1 and one.isalpha() and other.isalpha()
    ]
    return [word for word in words if word.isalnum()] + pairs


def risen(reference: Sequence[Iterable[str]], new: Sequence[Iterable[str]], *, most: int = 12) -> tuple[Risen, ...]:
    """Return the words that rose the most surely.

    The log-odds ratio with an informative Dirichlet prior, the prior being both samples together (Monroe, Colaresi and
    Quinn 2008, Fightin' words, equations 15, 16, 22), over the number of texts that hold a word.

    Args:
        reference: the words of each text.
        new: likewise.
        most: how many words to return.
    """
    one, other = _texts(reference), _texts(new)
    both = one + other
    prior = both.total()
    found = []
    for word, count in both.items():
        if other[word] < LEAST_TEXTS or len(word) < 2:
            continue
        after = np.log((other[word] + count) / (other.total() + prior - other[word] - count))
        before = np.log((one[word] + count) / (one.total() + prior - one[word] - count))
        score = (after - before) / np.sqrt(1 / (other[word] + count) + 1 / (one[word] + count))
        if score > 0:
            found.append(Risen(word, one[word] / len(reference), other[word] / len(new), float(score)))
    return tuple(sorted(found, key=lambda one: (-one.score, one.word))[:most])


def unseen(known: Sequence[Iterable[str]], texts: Sequence[Iterable[str]]) -> list[float]:
    """Return for each text the share of its words, in [0, 1], that no text of ``known`` holds; 0 for an empty text."""
    vocabulary = {word for words in known for word in words}
    found = []
    for words in texts:
        own = list(words)
        found.append(sum(word not in vocabulary for word in own) / len(own) if own else 0.0)
    return found


def _texts(texts: Sequence[Iterable[str]]) -> Counter[str]:
    """Return in how many texts each word stands."""
    return Counter(word for words in texts for word in set(words))
