"""How to train: every number that a run depends on, and what each is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Recipe"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Settings of one training run.

    Attributes:
        epochs: passes over the examples.
        tokens: of a batch, about.
        rate: highest learning rate of the encoder's last layer.
        decay_by_layer: factor on the rate for each layer further down (Howard and Ruder 2018).
        head_rate: learning rate of the heads.
        warm_up: share of the steps over which the rate rises; it falls in a straight line after.
        weight_decay: of AdamW, on matrices.
        clip: largest norm of the gradient.
        smoothing: label smoothing of single-label heads.
        dropout: in the encoder and before the heads.
        masking: share of the tokens of a text that are hidden behind ``<mask>``, drawn anew each time.
        weights: how much each facet's loss counts; 1 where absent.
        r_drop: weight of the agreement of two passes with other dropout (R-Drop, Liang et al. 2021); 0 is off.
        adversarial: length of the perturbation of word embeddings (FGM, Miyato et al. 2017); 0 is off.
        average: decay of the moving average of the weights over steps; 0 is off.
        seed: of everything drawn by chance.
        minutes: stop in time: the rate falls with the share of steps or of minutes that is used up, whichever is more.
    """

    epochs: int = 8
    tokens: int = 2_048
    rate: float = 2e-4
    decay_by_layer: float = 0.9
    head_rate: float = 1e-3
    warm_up: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    smoothing: float = 0.05
    dropout: float = 0.1
    masking: float = 0.0
    weights: Mapping[str, float] = field(default_factory=dict)
    r_drop: float = 0.0
    adversarial: float = 0.0
    average: float = 0.0
    seed: int = 1
    minutes: float | None = None
