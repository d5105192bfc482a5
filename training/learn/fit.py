"""The training loop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from triage.training.learn.examples import Batch, Example, batches, collate
from triage.training.learn.losses import head_loss
from triage.training.learn.network import Network
from triage.training.learn.recipe import Recipe

__all__ = ["Progress", "fit", "groups", "shape"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands after a step: steps done and in all, the step's loss, seconds since the start."""

    step: int
    total: int
    loss: float
    seconds: float


FIRST_ORDINARY = 4
"""Ids below are the special tokens."""

Watch = Callable[[int, Network, float], None]
"""Called after every epoch with its number, the network (averaged, where averaging is on) and its mean loss."""


def fit(
    network: Network,
    examples: Callable[[int], Sequence[Example]],
    recipe: Recipe,
    *,
    watch: Watch | None = None,
    progress: Callable[[Progress], None] | None = None,
) -> Network:
    """Train a network in place and return it, or the average of its weights where the recipe asks for that.

    Args:
        network: encoder and heads.
        examples: what to learn from in an epoch, by its number from 0.
        recipe: how.
        watch: sees the network after each epoch.
        progress: hears of every step.
    """
    torch.manual_seed(recipe.seed)
    random = Random(recipe.seed)
    optimizer = torch.optim.AdamW(groups(network, recipe), fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    total = recipe.epochs * sum(1 for _ in batches(examples(0), tokens=recipe.tokens, random=Random(recipe.seed)))
    clock = _Clock(recipe.minutes)
    averaged = _averaged(network, recipe)
    step = 0
    for epoch in range(recipe.epochs):
        network.train()
        sum_of_losses, seen = 0.0, 0
        for batch in _collated(network, examples(epoch), recipe, random):
            share = max(step / total, clock.used)
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * shape(share, recipe.warm_up)
            optimizer.zero_grad(set_to_none=True)
            loss = _backward(network, batch, recipe)
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimizer.step()
            if averaged is not None:
                averaged.update_parameters(network)
            sum_of_losses, seen, step = sum_of_losses + loss, seen + 1, step + 1
            if progress is not None:
                progress(Progress(step, total, loss, clock.seconds))
            if clock.used >= 1:
                break
        network.eval()
        if watch is not None:
            watch(
                epoch, network if averaged is None else cast("Network", averaged.module), sum_of_losses / max(1, seen)
            )
        if clock.used >= 1:
            break
    return network if averaged is None else cast("Network", averaged.module)


def _averaged(network: Network, recipe: Recipe) -> AveragedModel | None:
    if not recipe.average:
        return None
    return AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.average))  # type: ignore[no-untyped-call]


def loss_of(network: Network, logits: Tensor, batch: Batch, recipe: Recipe) -> Tensor:
    """Return the mean loss of a batch, all heads weighed together."""
    losses = [
        recipe.weights.get(head.facet, 1.0)
        * head_loss(head, logits[:, network.layout[head.facet]], batch.targets[head.facet], smoothing=recipe.smoothing)
        for head in network.layout.heads
    ]
    return (torch.stack(losses).sum(0) * batch.weights).mean()


def _backward(network: Network, batch: Batch, recipe: Recipe) -> float:
    with torch.autocast("cpu", torch.bfloat16):
        logits = network(batch)
        loss = loss_of(network, logits, batch, recipe)
        if recipe.r_drop:
            again = network(batch)
            loss = (loss + loss_of(network, again, batch, recipe)) / 2
            loss = loss + recipe.r_drop * _disagreement(network, logits, again)
    loss.backward()  # type: ignore[no-untyped-call]
    if recipe.adversarial:
        _adversarial(network, batch, recipe)
    return float(loss.detach())


def _adversarial(network: Network, batch: Batch, recipe: Recipe) -> None:
    """Add the gradient at word embeddings moved against the loss."""
    words = network.encoder.embeddings.word_embeddings.weight
    assert words.grad is not None
    norm = words.grad.norm()
    if not torch.isfinite(norm) or norm == 0:
        return
    move = recipe.adversarial * words.grad / norm
    with torch.no_grad():
        words.add_(move)
    with torch.autocast("cpu", torch.bfloat16):
        loss = loss_of(network, network(batch), batch, recipe)
    loss.backward()  # type: ignore[no-untyped-call]
    with torch.no_grad():
        words.sub_(move)


def _disagreement(network: Network, first: Tensor, second: Tensor) -> Tensor:
    """Return the symmetric Kullback–Leibler divergence of two passes, single-label heads only."""
    parts = []
    for head in network.layout.heads:
        if head.kind == "single":
            a = functional.log_softmax(first[:, network.layout[head.facet]], -1)
            b = functional.log_softmax(second[:, network.layout[head.facet]], -1)
            both = functional.kl_div(a, b, reduction="none", log_target=True)
            parts.append((both + functional.kl_div(b, a, reduction="none", log_target=True)).sum(-1) / 2)
    return torch.stack(parts).sum(0).mean()


def _collated(network: Network, examples: Sequence[Example], recipe: Recipe, random: Random) -> Iterator[Batch]:
    for group in batches(examples, tokens=recipe.tokens, random=random):
        batch = collate(group, network.layout.heads)
        yield replace(batch, ids=_masked(network, batch, recipe.masking)) if recipe.masking else batch


def _masked(network: Network, batch: Batch, share: float) -> Tensor:
    """Return the token ids with a share of them hidden; special ones stay."""
    hidden = (torch.rand(batch.ids.shape) < share) & (batch.ids >= FIRST_ORDINARY)
    # The last piece of a trimmed vocabulary.
    return batch.ids.masked_fill(hidden, network.encoder.config.vocab_size - 1)


def groups(network: Network, recipe: Recipe) -> list[dict[str, object]]:
    """Return parameter groups: the rate falls layer by layer towards the input."""
    layers = network.encoder.config.num_hidden_layers
    groups: dict[tuple[float, bool], list[nn.Parameter]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith("encoder.encoder.layer."):
            rate = recipe.rate * recipe.decay_by_layer ** (layers - 1 - int(name.split(".")[3]))
        elif name.startswith("encoder."):
            rate = recipe.rate * recipe.decay_by_layer**layers
        else:
            rate = recipe.head_rate
        groups.setdefault((rate, parameter.ndim < 2), []).append(parameter)
    # Norms and biases do not decay.
    return [
        {"params": members, "lr": rate, "weight_decay": 0.0 if flat else recipe.weight_decay}
        for (rate, flat), members in groups.items()
    ]


def shape(share: float, warm_up: float) -> float:
    """Return the factor on the rate after a share of the steps: up in a straight line, then down to 0."""
    return max(share, 1e-3) / warm_up if share < warm_up else max(0.0, (1 - share) / (1 - warm_up))


class _Clock:
    """How much of the allowed time is used up."""

    def __init__(self, minutes: float | None) -> None:
        self._allowed = minutes * 60 if minutes else None
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    @property
    def used(self) -> float:
        return self.seconds / self._allowed if self._allowed else 0.0
