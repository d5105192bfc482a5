"""Batches: everything once, of like length, absent labels absent."""

from __future__ import annotations

from random import Random

import torch
from tiny import HEADS

from triage.training.learn.examples import Example, batches, collate, target


def test_targets() -> None:
    business, urgency, flags, _ = HEADS
    assert target(business, ["b"]) == 1
    assert target(urgency, ["critical"]) == 3
    assert target(flags, ["x", "y"]) == (0, 1)
    assert target(flags, []) == ()


def test_collate() -> None:
    whole = Example(((0, 5, 2), (0, 6, 7, 2)), {"business": 2, "urgency": 0, "flags": (1,), "sentiment": -0.5})
    bare = Example(((0, 2),), {"sentiment": 1.0}, weight=0.5)
    batch = collate([whole, bare], HEADS)
    assert batch.ids.tolist() == [[0, 5, 2, 1], [0, 6, 7, 2], [0, 2, 1, 1]]
    assert batch.mask.tolist() == [[1, 1, 1, 0], [1, 1, 1, 1], [1, 1, 0, 0]]
    assert batch.text.tolist() == [0, 0, 1]
    assert batch.targets["business"].tolist() == [2, -1]
    assert batch.targets["flags"][0].tolist() == [0, 1]
    assert torch.isnan(batch.targets["flags"][1]).all()
    assert batch.weights.tolist() == [1.0, 0.5]


def test_batches_hold_everything_once() -> None:
    random = Random(3)
    examples = [Example((tuple(range(random.randint(2, 60))),), {"sentiment": number / 100}) for number in range(100)]
    groups = list(batches(examples, tokens=128, random=Random(1)))
    assert sorted(e.targets["sentiment"] for group in groups for e in group) == [n / 100 for n in range(100)]
    assert all(sum(e.size for e in group) <= 128 or len(group) == 1 for group in groups)
    padded = sum(max(e.size for e in group) * len(group) for group in groups)
    assert padded < 1.25 * sum(e.size for e in examples)
    assert groups == list(batches(examples, tokens=128, random=Random(1)))
    assert groups != list(batches(examples, tokens=128, random=Random(2)))
