"""Fine-tuning that a kill interrupts and the same command continues, with one result for both.

What is drawn by chance depends on the seed, the epoch and the batch alone: the order of the batches, and the dropout of
each. So a run that goes on from a checkpoint sees what it would have seen, and two processes see what one would that
accumulates the gradients of two batches.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from triage.training.learn.examples import Batch, collate
from triage.training.learn.fit import groups, shape
from triage.training.learn.losses import head_loss
from triage.training.learn.network import Network
from triage.training.learn.recipe import Recipe
from triage.training.tuning.checkpoint import load, save
from triage.training.tuning.data import Rows, class_weights, grouped
from triage.training.tuning.scores import headline
from triage.training.tuning.world import World

__all__ = ["Curve", "Settings", "Teacher", "Told", "tune"]

CHECKPOINT, BEST = "checkpoint.pt", "best.pt"
KEPT_WEIGHT = 0.2
"""How much the loss of heads that are kept counts, beside 1 for each head that is learned."""

Teacher = NDArray[np.float32]
"""What the model that training starts from says of each row, ``[rows, outputs]``; the heads that are kept follow it."""


@dataclass(frozen=True, slots=True)
class Curve:
    """One line of the curves: after an epoch, or its break in time."""

    epoch: int
    step: int
    loss: float
    validation_loss: float
    score: float
    seconds: float


Told = Callable[[int, int, float, float], None]
"""Hears of every step: steps done, steps in all, the step's loss, seconds."""


@dataclass(slots=True)
class _State:
    """Where a run stands."""

    epoch: int = 0
    place: int = 0
    step: int = 0
    best: float = -math.inf
    bad: int = 0
    seconds: float = 0.0
    losses: list[float] = field(default_factory=list)
    curves: list[Curve] = field(default_factory=list)
    done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to run, beside the recipe.

    Attributes:
        accumulate: batches of a step, of all processes together; a multiple of their number.
        patience: epochs without a better score after which training stops.
        checkpoint: seconds between checkpoints.
        device: where to compute.
    """

    accumulate: int = 1
    patience: int = 2
    checkpoint: float = 60.0
    device: str = "cpu"


def tune(
    network: Network,
    data: Rows,
    parts: Mapping[str, NDArray[np.int64]],
    recipe: Recipe,
    *,
    settings: Settings,
    folder: Path,
    teacher: Teacher | None = None,
    world: World | None = None,
    told: Told | None = None,
    seen: Callable[[Curve], None] | None = None,
) -> list[Curve]:
    """Train a network in place, up to its best state on the validation rows, and return the curves.

    Args:
        network: heads that no row has a target for are kept.
        data: the rows.
        parts: the rows of ``train`` and ``validation``.
        recipe: how; ``minutes`` counts what earlier runs of this folder used too.
        settings: see there.
        folder: for the checkpoints.
        teacher: for heads that are kept.
        world: the processes.
        told: hears of every step.
        seen: hears of every epoch.

    Raises:
        OutputError: a checkpoint cannot be written.
    """
    world = world or World()
    device = torch.device(settings.device)
    network.to(device)
    optimizer = torch.optim.AdamW(groups(network, recipe), fused=True)
    rates = [group["lr"] for group in optimizer.param_groups]
    state = _resumed(folder, network, optimizer)
    learner = _Learner(network=network, data=data, rows=parts["train"], recipe=recipe, teacher=teacher, device=device)
    sizes = data.texts.sizes
    started, saved = time.monotonic() - state.seconds, time.monotonic()
    per_epoch = math.ceil(len(_epoch(sizes, parts["train"], recipe, 0)) / settings.accumulate)
    total = recipe.epochs * per_epoch
    while state.epoch < recipe.epochs and not state.done:
        batches = _epoch(sizes, parts["train"], recipe, state.epoch)
        network.train()
        while state.place * settings.accumulate < len(batches):
            used = world.agreed(_used(time.monotonic() - started, recipe))
            if used >= 1:
                state.done = True
                break
            first = state.place * settings.accumulate
            step = list(enumerate(batches))[first : first + settings.accumulate]
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * shape(max(state.step / total, used), recipe.warm_up)
            optimizer.zero_grad(set_to_none=True)
            loss = learner.step(step[world.rank :: world.size], sum(len(rows) for _, rows in step), state.epoch)
            loss = world.total(loss)
            world.summed(network.parameters())
            torch.nn.utils.clip_grad_norm_(network.parameters(), recipe.clip)
            optimizer.step()
            state.place, state.step = state.place + 1, state.step + 1
            state.losses.append(loss)
            state.seconds = time.monotonic() - started
            if told is not None:
                told(state.step, total, loss, state.seconds)
            if world.leads and time.monotonic() - saved >= settings.checkpoint:
                _save(folder, network, optimizer, state)
                saved = time.monotonic()
        _judge(
            network=network,
            learner=learner,
            rows=parts["validation"],
            state=state,
            settings=settings,
            world=world,
            folder=folder,
        )
        state.epoch, state.place, state.losses = state.epoch + 1, 0, []
        state.seconds = time.monotonic() - started
        if seen is not None:
            seen(state.curves[-1])
        if world.leads:
            _save(folder, network, optimizer, state)
            saved = time.monotonic()
    world.wait()
    best = load(folder / BEST)
    if best is not None:
        network.load_state_dict(best["network"])
    network.to("cpu").eval()
    return state.curves


class _Learner:
    """Loss and gradient of batches."""

    def __init__(
        self,
        *,
        network: Network,
        data: Rows,
        rows: NDArray[np.int64],
        recipe: Recipe,
        teacher: Teacher | None,
        device: torch.device,
    ) -> None:
        self.network, self.data, self._recipe, self._teacher, self.device = network, data, recipe, teacher, device
        self.learned = [head for head in network.layout.heads if head.facet in data.targets]
        self._kept = [head for head in network.layout.heads if head.facet not in data.targets]
        weights = {head.facet: class_weights(head, data.targets[head.facet], rows) for head in self.learned}
        self._weights = {facet: own.to(device) for facet, own in weights.items() if own is not None}
        # Where the processor has no unit for it, bfloat16 is slower than what it replaces.
        self._half = device.type != "cpu" or bool(torch.cpu.get_capabilities().get("avx512_bf16"))

    def step(self, batches: list[tuple[int, NDArray[np.int64]]], rows: int, epoch: int) -> float:
        """Add the gradients of some batches of a step of so many rows; return their share of its mean loss."""
        total = 0.0
        for number, members in batches:
            torch.manual_seed((self._recipe.seed * 1_000_003 + epoch) * 1_000_003 + number)
            batch = self._batch(members)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
                logits = self.network(batch)
            loss = self._loss(logits.float(), batch, members).sum() / rows
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        return total

    def logits(self, rows: NDArray[np.int64]) -> Tensor:
        """Return the logits of rows, ``[rows, outputs]``, on the processor."""
        self.network.eval()
        found = torch.empty(len(rows), self.network.layout.outputs)
        order = np.argsort(self.data.texts.sizes[rows], kind="stable")
        with torch.no_grad(), torch.autocast(self.device.type, torch.bfloat16, enabled=self._half):
            for first in range(0, len(order), 32):
                places = order[first : first + 32]
                found[torch.from_numpy(places)] = self.network(self._batch(rows[places])).float().cpu()
        return found

    def validation_loss(self, logits: Tensor, rows: NDArray[np.int64]) -> float:
        """Return the mean loss of rows, all learned heads together, without smoothing."""
        targets = collate(self.data.examples(rows), self.learned).targets
        losses = [
            head_loss(head, logits[:, self.network.layout[head.facet]], targets[head.facet]) for head in self.learned
        ]
        return float(torch.stack(losses).sum(0).mean())

    def _batch(self, rows: NDArray[np.int64]) -> Batch:
        batch = collate(self.data.examples(rows), self.learned)
        on = self.device
        return Batch(
            batch.ids.to(on), batch.mask.to(on), batch.text.to(on),
            {facet: own.to(on) for facet, own in batch.targets.items()}, batch.weights.to(on),
        )  # fmt: skip

    def _loss(self, logits: Tensor, batch: Batch, rows: NDArray[np.int64]) -> Tensor:
        layout, smoothing = self.network.layout, self._recipe.smoothing
        total = logits.new_zeros(len(rows))
        for head in self.learned:
            target = batch.targets[head.facet]
            loss = head_loss(head, logits[:, layout[head.facet]], target, smoothing=smoothing)
            if head.facet in self._weights:
                loss = loss * self._weights[head.facet][target.clamp_min(0)]
            total = total + self._recipe.weights.get(head.facet, 1.0) * loss
        if self._teacher is not None:
            # Heads without targets stay what they were on the institution's own texts, though the encoder moves
            # (learning without forgetting, Li and Hoiem, ECCV 2016).
            said = torch.from_numpy(np.array(self._teacher[rows])).to(logits.device)
            for head in self._kept:
                own = layout[head.facet]
                total = total + KEPT_WEIGHT * (logits[:, own] - said[:, own]).square().mean(1)
        return total


def _epoch(sizes: NDArray[np.int64], rows: NDArray[np.int64], recipe: Recipe, epoch: int) -> list[NDArray[np.int64]]:
    return grouped(sizes, rows, tokens=recipe.tokens, random=Random(f"{recipe.seed}/{epoch}"))


def _used(seconds: float, recipe: Recipe) -> float:
    return seconds / (60 * recipe.minutes) if recipe.minutes else 0.0


def _judge(
    *,
    network: Network,
    learner: _Learner,
    rows: NDArray[np.int64],
    state: _State,
    settings: Settings,
    world: World,
    folder: Path,
) -> None:
    """Score the network, keep it if it is the best so far, and say when to stop."""
    score, loss = 0.0, 0.0
    if world.leads:
        logits = learner.logits(rows)
        examples = learner.data.examples(rows)
        score = headline(logits.numpy(), examples, network.layout, [head.facet for head in learner.learned])
        loss = learner.validation_loss(logits, rows)
    score = world.agreed(score)
    mean = sum(state.losses) / max(1, len(state.losses))
    state.curves.append(Curve(state.epoch + 1, state.step, mean, loss, score, state.seconds))
    if score > state.best:
        state.best, state.bad = score, 0
        if world.leads:
            save(folder / BEST, {"network": network.state_dict()})
    else:
        state.bad += 1
        state.done = state.done or state.bad >= settings.patience


def _save(folder: Path, network: Network, optimizer: torch.optim.Optimizer, state: _State) -> None:
    plain: dict[str, Any] = {name: getattr(state, name) for name in _State.__slots__}
    plain["curves"] = [[getattr(curve, name) for name in Curve.__slots__] for curve in state.curves]
    save(
        folder / CHECKPOINT,
        {"network": network.state_dict(), "optimizer": optimizer.state_dict(), "state": plain},
    )


def _resumed(folder: Path, network: Network, optimizer: torch.optim.Optimizer) -> _State:
    found = load(folder / CHECKPOINT)
    if found is None:
        return _State()
    network.load_state_dict(found["network"])
    optimizer.load_state_dict(found["optimizer"])
    plain = found["state"]
    plain["curves"] = [Curve(*row) for row in plain["curves"]]
    return _State(**plain)
