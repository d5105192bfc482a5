"""Rows of a prepared history as examples: windows from disk, targets from arrays, and batches by length."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from triage.model.heads import Head
from triage.training.history.store import Texts
from triage.training.learn.examples import Example, Target

__all__ = ["Rows", "class_weights", "grouped"]

WEIGHTS = (0.3, 3.0)
"""Bounds of a label's weight: a label that is seen ten times must not outshout one that is seen ten thousand times."""


class Rows:
    """The rows of a prepared history.

    Args:
        texts: their windows.
        targets: by facet for each row the places of its labels, or its score; None where it has none.
    """

    def __init__(self, texts: Texts, targets: Mapping[str, Sequence[Target | None]]) -> None:
        self.texts = texts
        self.targets = targets

    def examples(self, rows: Sequence[int] | NDArray[np.int64]) -> list[Example]:
        """Return the examples of some rows."""
        return [self._example(int(row)) for row in rows]

    def _example(self, row: int) -> Example:
        own = {facet: values[row] for facet, values in self.targets.items()}
        return Example(self.texts[row], {facet: value for facet, value in own.items() if value is not None})


def grouped(
    sizes: NDArray[np.int64], rows: NDArray[np.int64], *, tokens: int, random: Random
) -> list[NDArray[np.int64]]:
    """Return all rows once, in groups of like length and about ``tokens`` tokens, in random order."""
    jitter = np.array([1 + 0.15 * random.random() for _ in range(len(rows))])
    order = rows[np.argsort(sizes[rows] * jitter, kind="stable")]
    groups: list[NDArray[np.int64]] = []
    start, used = 0, 0
    for place, size in enumerate(sizes[order].tolist()):
        if used + size > tokens and place > start:
            groups.append(order[start:place])
            start, used = place, 0
        used += size
    groups.append(order[start:])
    random.shuffle(groups)
    return groups


def class_weights(head: Head, targets: Sequence[Target | None], rows: NDArray[np.int64]) -> Tensor | None:
    """Return the weight of each label of a head with one label a row, ``[labels]``: mean 1 over the rows.

    The weight falls with the root of the label's count. The whole inverse would help rare labels more, and cost
    calibration and the frequent ones (Cui et al., CVPR 2019, discuss what lies between).
    """
    if head.kind not in ("single", "ordinal"):
        return None
    counts = np.zeros(len(head.labels))
    for row in rows.tolist():
        place = targets[row]
        if isinstance(place, int):
            counts[place] += 1
    weights = 1 / np.sqrt(np.maximum(counts, 1))
    weights /= max((weights * counts).sum() / max(counts.sum(), 1), 1e-9)
    return torch.tensor(np.clip(weights, *WEIGHTS), dtype=torch.float32)
