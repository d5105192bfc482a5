"""A few figures of logits against targets, by facet: for early stopping, and for a run's ``metrics.json``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from triage.model.heads import Head, Layout
from triage.model.spec import Calibration
from triage.training.learn.examples import Example

__all__ = ["figures", "headline", "probabilities"]

Floats = NDArray[np.float32]
BINS = 10


def probabilities(head: Head, logits: Floats, *, temperature: float = 1.0) -> Floats:
    """Return the probabilities of a head's labels, ``[rows, labels]``; of a score head its score, ``[rows, 1]``."""
    if head.kind == "score":
        return np.tanh(logits)
    scaled = logits / temperature
    if head.kind == "multi":
        return _sigmoid(scaled)
    if head.kind == "ordinal":
        up = _sigmoid(scaled)
        one = np.ones((len(up), 1), np.float32)
        reach = np.concatenate((one, np.cumprod(up, 1)), 1)
        return np.asarray(reach * np.concatenate((1 - up, one), 1), np.float32)
    exponents = np.exp(scaled - scaled.max(1, keepdims=True))
    return np.asarray(exponents / exponents.sum(1, keepdims=True), np.float32)


def figures(head: Head, logits: Floats, examples: Sequence[Example], calibration: Calibration) -> dict[str, float]:
    """Return a facet's figures on the rows that have a target.

    Single and ordinal: ``macro_f1`` over the labels that occur, ``accuracy`` and ``ece`` (expected calibration error,
    bins of equal size); multi: ``macro_f1``; score: ``mean_error``. Each with ``rows``.
    """
    rows = [row for row, example in enumerate(examples) if head.facet in example.targets]
    if not rows:
        return {"rows": 0}
    targets = [examples[row].targets[head.facet] for row in rows]
    found = probabilities(head, logits[rows], temperature=calibration.temperatures.get(head.facet, 1.0))
    if head.kind == "score":
        return {"rows": len(rows), "mean_error": float(np.abs(found[:, 0] - np.array(targets)).mean())}
    if head.kind == "multi":
        bars = np.array(calibration.thresholds.get(head.facet, (0.5,) * len(head.labels)))
        right = np.zeros(found.shape, int)
        for row, places in enumerate(targets):
            right[row, list(places) if isinstance(places, tuple) else []] = 1
        occurs = np.flatnonzero(right.any(0))
        if not len(occurs):
            return {"rows": len(rows)}
        said = (found >= bars).astype(int)
        return {
            "rows": len(rows),
            "macro_f1": float(f1_score(right, said, labels=occurs, average="macro", zero_division=0)),
        }
    chosen, right = found.argmax(1), np.array(targets)
    return {
        "rows": len(rows),
        "macro_f1": float(f1_score(right, chosen, labels=np.unique(right), average="macro", zero_division=0)),
        "accuracy": float((chosen == right).mean()),
        "ece": _ece(found.max(1), chosen == right),
    }


def headline(logits: Floats, examples: Sequence[Example], layout: Layout, facets: Sequence[str]) -> float:
    """Return one number to stop by: the mean over facets of macro-F1, or of 1 less a score's mean error."""
    rows = [
        figures(head, logits[:, layout[head.facet]], examples, Calibration())
        for head in layout.heads
        if head.facet in facets
    ]
    scores = [row.get("macro_f1", 1 - row.get("mean_error", 1.0)) for row in rows if row["rows"]]
    return float(np.mean(scores)) if scores else 0.0


def _ece(confidence: Floats, right: NDArray[np.bool_]) -> float:
    order = np.argsort(confidence, kind="stable")
    bins = [own for own in np.array_split(order, min(BINS, len(order))) if len(own)]
    gaps = [abs(float(confidence[own].mean()) - float(right[own].mean())) * len(own) for own in bins]
    return sum(gaps) / len(order)


def _sigmoid(values: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(values, -40, 40))), np.float32)
