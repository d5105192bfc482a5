"""Rows that tell the same story: a name of their own, or texts that are nearly the same.

MinHash over character 5-grams (Broder, 1997) with locality-sensitive bands. The sketch of a row is 32 numbers, so that
millions of rows fit into memory; :mod:`triage.training.near_twins` is exact and keeps every text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["Sketches", "digest", "groups", "sketch"]

LENGTH = 5
PERMUTATIONS = 32
BANDS = 8
LEAST = 0.7
"""From this share of equal numbers on, an estimate of the Jaccard similarity, two texts tell one story."""

Sketches = NDArray[np.uint32]

_RANDOM = np.random.default_rng(20_201)
_FACTORS = _RANDOM.integers(1, 2**63, PERMUTATIONS, dtype=np.uint64) | np.uint64(1)
_POWERS = np.array([1_000_003**place % 2**64 for place in range(LENGTH)], dtype=np.uint64)


def sketch(text: str) -> Sketches:
    """Return the sketch of a text, ``[PERMUTATIONS]``; spaces do not count."""
    codes = np.frombuffer("".join(text.split()).encode("utf-32-le", "surrogatepass"), np.uint32).astype(np.uint64)
    if len(codes) < LENGTH:
        codes = np.pad(codes, (0, LENGTH - len(codes)))
    grams = np.lib.stride_tricks.sliding_window_view(codes, LENGTH) @ _POWERS
    mixed = (grams ^ (grams >> np.uint64(29)))[:, None] * _FACTORS
    lowest: Sketches = (mixed >> np.uint64(32)).min(0).astype(np.uint32)
    return lowest


def digest(text: str) -> int:
    """Return 63 bits over the letters and digits of a text: equal for equal texts, whatever their marks."""
    kept = "".join(char for char in text.lower() if char.isalnum())
    return int.from_bytes(hashlib.blake2b(kept.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big") >> 1


def groups(sketches: Sketches, names: Mapping[int, str] | None = None) -> NDArray[np.int64]:
    """Return for each row the first row of its story, ``[rows]``.

    Args:
        sketches: ``[rows, PERMUTATIONS]``.
        names: by row, the story that the history itself names.
    """
    parent = np.arange(len(sketches), dtype=np.int64)
    width = PERMUTATIONS // BANDS
    for band in range(BANDS):
        part = np.ascontiguousarray(sketches[:, band * width : (band + 1) * width])
        keys = part.view(np.dtype((np.void, part.dtype.itemsize * width))).ravel()
        order = np.argsort(keys, kind="stable")
        same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
        for place in same.tolist():
            one, other = int(order[place]), int(order[place + 1])
            if (sketches[one] == sketches[other]).mean() >= LEAST:
                _join(parent, one, other)
    first: dict[str, int] = {}
    for row, name in (names or {}).items():
        _join(parent, first.setdefault(name, row), row)
    return np.array([_root(parent, row) for row in range(len(parent))], dtype=np.int64)


def sizes(group: Sequence[int] | NDArray[np.int64]) -> dict[int, int]:
    """Return how many rows each story with more than one has, by its first row."""
    first, counts = np.unique(np.asarray(group), return_counts=True)
    return {int(row): int(count) for row, count in zip(first, counts, strict=True) if count > 1}


def _root(parent: NDArray[np.int64], row: int) -> int:
    while parent[row] != row:
        parent[row] = parent[parent[row]]
        row = int(parent[row])
    return row


def _join(parent: NDArray[np.int64], one: int, other: int) -> None:
    roots = sorted((_root(parent, one), _root(parent, other)))
    parent[roots[1]] = roots[0]
