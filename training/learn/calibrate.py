"""What turns logits into probabilities that can be believed, fitted on rows that the model has not learnt from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from triage.model.heads import Head, Layout
from triage.model.spec import Calibration
from triage.training.learn.examples import Example, collate
from triage.training.learn.losses import head_loss

__all__ = ["calibrate"]

CANDIDATES = np.linspace(0.1, 0.9, 81)
PRIOR = 2.0
"""Positives and negatives that each label is taken to have beside those that were seen: rare labels stay near 0.5."""


def calibrate(logits: NDArray[np.float32], examples: Sequence[Example], layout: Layout) -> Calibration:
    """Return the calibration of a model.

    Temperatures make the likelihood of the labels largest (Guo et al., ICML 2017); thresholds of multi-label heads
    the F1 of each label; the spread of a score is the root of its mean squared error.

    Args:
        logits: ``[examples, outputs]``, of the model as it will run.
        examples: with their targets.
        layout: of the outputs.
    """
    batch = collate(examples, layout.heads)
    temperatures: dict[str, float] = {}
    thresholds: dict[str, tuple[float, ...]] = {}
    spread: dict[str, float] = {}
    for head in layout.heads:
        own, target = torch.from_numpy(logits[:, layout[head.facet]]), batch.targets[head.facet]
        if head.kind == "score":
            errors = torch.tanh(own[:, 0]) - target
            spread[head.facet] = round(float(errors[~errors.isnan()].square().mean().sqrt()), 4)
            continue
        temperatures[head.facet] = round(_temperature(head, own, target), 4)
        if head.kind == "multi":
            probabilities = torch.sigmoid(own / temperatures[head.facet]).numpy()
            thresholds[head.facet] = tuple(
                _threshold(probabilities[:, place], target[:, place].numpy()) for place in range(len(head.labels))
            )
    return Calibration(temperatures=temperatures, thresholds=thresholds, spread=spread, calibrated=True)


def _temperature(head: Head, logits: torch.Tensor, target: torch.Tensor) -> float:
    log = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.LBFGS([log], max_iter=100, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = head_loss(head, logits / log.exp(), target).mean()
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(log.detach().exp())


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
