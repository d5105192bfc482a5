"""Labelled rows as numbers: tokens in windows, and one target for each head (absent where a row lacks the label)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from random import Random

import numpy as np
import torch
from torch import Tensor

from triage.model.heads import Head
from triage.model.tokens import Tokens

__all__ = ["Batch", "Example", "Target", "batches", "collate", "target"]

Target = int | float | tuple[int, ...]
"""The place of a label; for a multi-label head the places of all; for a score a number in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Example:
    """One text.

    Attributes:
        windows: token ids of each window, with the special ones.
        targets: by facet; a facet that is not there teaches nothing.
        weight: how much the row counts.
    """

    windows: tuple[tuple[int, ...], ...]
    targets: dict[str, Target] = field(default_factory=dict)
    weight: float = 1.0

    @property
    def size(self) -> int:
        """Tokens in all windows."""
        return sum(map(len, self.windows))


@dataclass(frozen=True, slots=True)
class Batch:
    """Several examples as tensors.

    Attributes:
        ids: token ids, ``[windows, tokens]``, int64, padded.
        mask: 1 for a token, 0 for padding, like ``ids``.
        text: for each window the number of its example, ``[windows]``, int64.
        targets: by facet. single and ordinal: ``[examples]`` int64, -1 where absent; multi: ``[examples, labels]``
            float32 and score: ``[examples]`` float32, NaN where absent.
        weights: ``[examples]``, float32.
    """

    ids: Tensor
    mask: Tensor
    text: Tensor
    targets: dict[str, Tensor]
    weights: Tensor


def target(head: Head, labels: Sequence[str]) -> Target:
    """Return the target of a head for a row's labels, which must be the head's own."""
    places = tuple(head.labels.index(label) for label in labels)
    return places if head.kind == "multi" else places[0]


def collate(examples: Sequence[Example], heads: Sequence[Head]) -> Batch:
    """Return the examples as one batch."""
    windows = [(window, number) for number, example in enumerate(examples) for window in example.windows]
    longest = max(len(window) for window, _ in windows)
    ids = torch.full((len(windows), longest), Tokens.PADDING, dtype=torch.int64)
    for row, (window, _) in enumerate(windows):
        ids[row, : len(window)] = torch.tensor(window)
    return Batch(
        ids=ids,
        mask=(ids != Tokens.PADDING).long(),
        text=torch.tensor([number for _, number in windows]),
        targets={head.facet: _targets(examples, head) for head in heads},
        weights=torch.tensor([example.weight for example in examples]),
    )


def batches(examples: Sequence[Example], *, tokens: int, random: Random) -> Iterator[list[Example]]:
    """Yield all examples once, in batches of like length and about ``tokens`` tokens, in random order."""
    pool = sorted(examples, key=lambda example: example.size + random.random() * 0.15 * example.size)
    groups: list[list[Example]] = [[]]
    room = tokens
    for example in pool:
        if example.size > room and groups[-1]:
            groups.append([])
            room = tokens
        groups[-1].append(example)
        room -= example.size
    random.shuffle(groups)
    yield from groups


def _targets(examples: Iterable[Example], head: Head) -> Tensor:
    values = [example.targets.get(head.facet) for example in examples]
    if head.kind == "multi":
        rows = np.full((len(values), len(head.labels)), np.nan, np.float32)
        for row, value in zip(rows, values, strict=True):
            if isinstance(value, tuple):
                row[:] = 0
                row[list(value)] = 1
        return torch.from_numpy(rows)
    if head.kind == "score":
        return torch.tensor([np.nan if value is None else value for value in values], dtype=torch.float32)
    return torch.tensor([-1 if value is None else value for value in values], dtype=torch.int64)
