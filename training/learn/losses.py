"""One loss for each kind of head; rows without a label are left out."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from triage.model.heads import Head

__all__ = ["head_loss"]


def head_loss(head: Head, logits: Tensor, target: Tensor, *, smoothing: float = 0.0) -> Tensor:
    """Return the loss of every example, ``[examples]``, 0 where it has no label.

    Args:
        head: its kind decides: cross-entropy; CORN for ordinal labels (conditional probabilities of each step up, Shi,
            Cao and Raschka 2021); binary cross-entropy for each of several labels, summed; binary cross-entropy of
            the score's place between -1 and 1, whose logit is twice the score's own.
        logits: ``[examples, outputs]``.
        target: as :class:`~triage.training.learn.examples.Batch` holds it.
        smoothing: label smoothing of single-label heads, in [0, 1).
    """
    if head.kind == "single":
        return functional.cross_entropy(logits, target, ignore_index=-1, reduction="none", label_smoothing=smoothing)
    if head.kind == "ordinal":
        steps = torch.arange(head.outputs, device=logits.device)
        known = (target[:, None] >= steps) & (target[:, None] >= 0)
        above = (target[:, None] > steps).float()
        losses = functional.binary_cross_entropy_with_logits(logits, above, reduction="none")
        return (losses * known).sum(1)
    known = ~target.isnan()
    if head.kind == "multi":
        losses = functional.binary_cross_entropy_with_logits(logits, target.nan_to_num(), reduction="none")
        return (losses * known).sum(1)
    share = (target.nan_to_num() + 1) / 2
    return functional.binary_cross_entropy_with_logits(2 * logits[:, 0], share, reduction="none") * known
