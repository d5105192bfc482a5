"""What turns logits into probabilities that can be believed, fitted on rows that the model has not learnt from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from triage.model.heads import Head, Layout
from triage.model.spec import Calibration
from triage.training.learn.examples import Example, collate
from triage.training.learn.losses import head_loss

__all__ = ["calibrate"]

COVERAGES = (0.8, 0.9, 0.95)
"""How often a conformal set shall hold the right label."""
CANDIDATES = np.linspace(0.1, 0.9, 81)
PRIOR = 2.0
"""Positives and negatives that each label is taken to have beside those that were seen: rare labels stay near 0.5."""


def calibrate(
    logits: NDArray[np.float32],
    examples: Sequence[Example],
    layout: Layout,
    *,
    spoken: Mapping[str, NDArray[np.float32]] = MappingProxyType({}),
) -> Calibration:
    """Return the calibration of a model.

    Temperatures make the likelihood of the labels largest (Guo et al., ICML 2017), weight and temperature of a pool
    the likelihood of the pooled labels; thresholds of multi-label heads the F1 of each label; the spread of a score is
    the root of its mean squared error.

    Args:
        logits: ``[examples, outputs]``, of the model as it will run.
        examples: with their targets.
        layout: of the outputs.
        spoken: by facet, what the rules say of each label, ``[examples, labels]``; without it there are no pools.
    """
    batch = collate(examples, layout.heads)
    temperatures: dict[str, float] = {}
    pools: dict[str, tuple[float, float]] = {}
    thresholds: dict[str, tuple[float, ...]] = {}
    conformal: dict[str, dict[str, float]] = {}
    spread: dict[str, float] = {}
    for head in layout.heads:
        own, target = torch.from_numpy(logits[:, layout[head.facet]]), batch.targets[head.facet]
        if head.kind == "score":
            errors = torch.tanh(own[:, 0]) - target
            spread[head.facet] = round(float(errors[~errors.isnan()].square().mean().sqrt()), 4)
            continue
        temperature = temperatures[head.facet] = round(_temperature(head, own, target), 4)
        pool = _log_odds(head, own / temperature)
        if head.facet in spoken:
            said = torch.from_numpy(spoken[head.facet])
            weight, cooled = pools[head.facet] = _pool(head, pool, said, target)
            pool = (pool + weight * said) / cooled
        if head.kind != "multi":
            right = torch.softmax(pool, -1).gather(1, target.clamp_min(0)[:, None])[target >= 0, 0].numpy()
            conformal[head.facet] = {str(coverage): _least_of_set(right, coverage) for coverage in COVERAGES}
        else:
            probabilities = torch.sigmoid(pool).numpy()
            thresholds[head.facet] = tuple(
                _threshold(probabilities[:, place], target[:, place].numpy()) for place in range(len(head.labels))
            )
    return Calibration(
        temperatures=temperatures,
        pools=pools,
        thresholds=thresholds,
        conformal=conformal,
        spread=spread,
        calibrated=True,
    )


def _least_of_set(right: NDArray[np.float32], coverage: float) -> float:
    """Return the probability from which labels are in the set, from those that the right labels had.

    The rank is ``floor((n + 1)(1 - coverage))`` from below; where that is 0, every label is in the set.
    """
    rank = math.floor((len(right) + 1) * (1 - coverage) + 1e-9)
    return round(float(np.sort(right)[rank - 1]), 5) if rank else 0.0


def _temperature(head: Head, logits: Tensor, target: Tensor) -> float:
    (log,) = _least(lambda log: head_loss(head, logits / log.exp(), target).mean(), 0.0)
    return math.exp(log)


def _log_odds(head: Head, logits: Tensor) -> Tensor:
    """Return for each label the logarithm of its probability, of a multi-label head of its odds."""
    if head.kind != "ordinal":
        return logits if head.kind == "multi" else torch.log_softmax(logits, -1)
    up, stay = functional.logsigmoid(logits), functional.logsigmoid(-logits)
    zero = torch.zeros(len(logits), 1)
    return torch.cat((zero, up.cumsum(1)), 1) + torch.cat((stay, zero), 1)


def _pool(head: Head, own: Tensor, said: Tensor, target: Tensor) -> tuple[float, float]:
    """Return weight and temperature of the rules' scores beside the model's log-probabilities."""
    labels = head if head.kind == "multi" else Head(head.facet, "single", head.labels)

    def loss(weight: Tensor, log: Tensor) -> Tensor:
        # The square keeps the weight at 0 or above: rules never speak against themselves.
        return head_loss(labels, (own + weight.square() * said) / log.exp(), target).mean()

    weight, log = _least(loss, 0.5, 0.0)
    return round(weight**2, 4), round(math.exp(log), 4)


def _least(loss: Callable[..., Tensor], *start: float) -> list[float]:
    """Return the numbers that make a loss least."""
    numbers = [torch.tensor(value, requires_grad=True) for value in start]
    optimizer = torch.optim.LBFGS(numbers, max_iter=200, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss(*numbers)
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]
    return [float(number.detach()) for number in numbers]


def _threshold(probabilities: NDArray[np.float32], target: NDArray[np.float32]) -> float:
    """Return the candidate with the best F1, ties to the one nearest 0.5.

    Beside what was seen, ``PRIOR`` positives and negatives are spread evenly over all probabilities.
    """
    positive = target == 1
    scores = []
    for candidate in CANDIDATES:
        said = probabilities >= candidate
        hits = (said & positive).sum() + PRIOR * (1 - candidate**2)
        false = (said & ~positive).sum() + PRIOR * (1 - candidate) ** 2
        missed = (~said & positive).sum() + PRIOR * candidate**2
        scores.append(2 * hits / (2 * hits + false + missed))
    best = np.flatnonzero(np.isclose(scores, max(scores)))
    return round(float(min(CANDIDATES[best], key=lambda candidate: abs(candidate - 0.5))), 3)
