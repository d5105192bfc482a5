"""One opinion of two judges: the logarithmic pool of the model's probabilities and the rules' scores.

``log p = (log p_model + weight x score of the rules) / temperature + constant``: a product of experts, as Genest and
Zidek (Statistical Science 1986) describe it for opinions. Where the model is sure, rules hardly move it; where it is
unsure, they decide. Both numbers are fitted with the model's calibration, on rows that neither has learnt from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from triage.model.opinions import Opinion
from triage.rules import Judgement

__all__ = ["pooled", "scores"]

LEAST = 1e-6
"""Probability that a label has at least: the rules can always be heard."""


def scores(judgement: Judgement, *, multiple: bool) -> dict[str, float]:
    """Return the scores that enter a pool: the rules' own, or 1 for each label that they say of a multi-label facet."""
    return dict.fromkeys(judgement.labels, 1.0) if multiple else judgement.scores


def pooled(opinion: Opinion, said: Mapping[str, float], *, weight: float, temperature: float) -> Opinion:
    """Return the opinion of model and rules together.

    Args:
        opinion: the model's, of a facet with labels.
        said: the rules' scores by label; 0 where absent.
        weight: of the rules, at least 0.
        temperature: above 0.
    """
    own = np.clip(np.array(opinion.probabilities), LEAST, 1 - LEAST)
    spoken = weight * np.array([said.get(label, 0.0) for label in opinion.head.labels])
    if opinion.head.kind == "multi":
        logits = (np.log(own) - np.log1p(-own) + spoken) / temperature
        return replace(opinion, probabilities=tuple((1 / (1 + np.exp(-logits))).tolist()))
    logits = (np.log(own) + spoken) / temperature
    exponents = np.exp(logits - logits.max())
    return replace(opinion, probabilities=tuple((exponents / exponents.sum()).tolist()))
