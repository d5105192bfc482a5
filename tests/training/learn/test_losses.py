"""The loss of each kind of head, worked out by hand."""

from __future__ import annotations

import math

import pytest
import torch

from triage.model.heads import Head
from triage.training.learn.losses import head_loss

NAN = math.nan


def log_sigmoid(value: float) -> float:
    return -math.log1p(math.exp(-value))


def test_single() -> None:
    head = Head("a", "single", ("x", "y"))
    loss = head_loss(head, torch.tensor([[2.0, 0.0], [2.0, 0.0], [2.0, 0.0]]), torch.tensor([0, 1, -1]))
    assert loss.tolist() == pytest.approx([-log_sigmoid(2), -log_sigmoid(-2), 0.0], abs=1e-6)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, -log_sigmoid(-1.0)),
        (1, -log_sigmoid(1.0) - log_sigmoid(-0.5)),
        (2, -log_sigmoid(1.0) - log_sigmoid(0.5)),
        (-1, 0.0),
    ],
)
def test_ordinal_steps_count_only_as_far_as_they_are_reached(place: int, expected: float) -> None:
    head = Head("a", "ordinal", ("low", "mid", "top"))
    loss = head_loss(head, torch.tensor([[1.0, 0.5]]), torch.tensor([place]))
    assert loss.item() == pytest.approx(expected, abs=1e-6)


def test_multi() -> None:
    head = Head("a", "multi", ("x", "y"))
    loss = head_loss(head, torch.tensor([[1.0, -1.0], [1.0, -1.0]]), torch.tensor([[1.0, 1.0], [NAN, NAN]]))
    assert loss.tolist() == pytest.approx([-log_sigmoid(1) - log_sigmoid(-1), 0.0], abs=1e-6)


@pytest.mark.parametrize("score", [-1.0, -0.4, 0.0, 0.7, 1.0])
def test_score_is_least_where_tanh_meets_the_target(score: float) -> None:
    head = Head("a", "score")
    logits = torch.linspace(-3, 3, 6001)[:, None]
    losses = head_loss(head, logits, torch.full((6001,), score))
    best = torch.tanh(logits[losses.argmin(), 0]).item()
    assert best == pytest.approx(math.copysign(math.tanh(3), score) if abs(score) == 1 else score, abs=2e-3)
    assert head_loss(head, torch.zeros(1, 1), torch.tensor([NAN])).item() == 0
