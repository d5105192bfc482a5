"""Texts that are nearly the same: MinHash over character 5-grams, then the exact Jaccard similarity.

Broder, On the resemblance and containment of documents, 1997.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from datasketch import MinHash, MinHashLSH

__all__ = ["near_twins", "shingles"]

LENGTH = 5
PERMUTATIONS = 128


def shingles(text: str) -> frozenset[str]:
    """Return the character 5-grams of ``text`` without whitespace; a shorter text is its own."""
    joined = re.sub(r"\s+", "", text)
    return frozenset(joined[place : place + LENGTH] for place in range(max(1, len(joined) - LENGTH + 1)))


def near_twins(texts: Sequence[str], *, least: float) -> Iterator[tuple[int, int, float]]:
    """Yield the places of two texts, the earlier first, and their similarity, from ``least`` in (0, 1] on."""
    sets = [shingles(text) for text in texts]
    # Look a little below: the sketch only estimates.
    index = MinHashLSH(threshold=max(0.05, least - 0.15), num_perm=PERMUTATIONS)
    for place, grams in enumerate(sets):
        sketch = MinHash(num_perm=PERMUTATIONS)
        sketch.update_batch([gram.encode() for gram in grams])
        for other in sorted(index.query(sketch)):
            similarity = len(grams & sets[other]) / len(grams | sets[other])
            if similarity >= least:
                yield other, place, similarity
        index.insert(place, sketch)
