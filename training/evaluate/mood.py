"""Sentiment: how far the score is from the label, and whether its sign is right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

__all__ = ["NEUTRAL", "MoodScore", "score_mood", "sign_right"]

NEUTRAL = 0.2
"""A score nearer to 0 than this has no sign to get wrong: the neutral band of the label guide."""

NEAR = 0.25
"""How far off a score may be and still count as near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoodScore:
    """How the sentiment score does.

    Attributes:
        rows: how many complaints were scored.
        mean_absolute_error: of the score, in [0, 2].
        near: the share of scores within 0.25 of the label.
        sign_rows: how many labels have a sign: are not in the neutral band.
        sign_accuracy: the share of those whose score has the same sign; None where there are none.
        correlation: Pearson's, in [-1, 1]; None where either side is constant.
    """

    rows: int
    mean_absolute_error: float
    near: float
    sign_rows: int
    sign_accuracy: float | None
    correlation: float | None


def sign_right(right: float, said: float) -> bool | None:
    """Return whether the signs agree, or None where the right score has none."""
    return None if abs(right) < NEUTRAL else bool(np.sign(right) == np.sign(said))


def score_mood(right: Sequence[float], said: Sequence[float]) -> MoodScore:
    """Score sentiments in [-1, 1]; both sides are as long, with at least one score."""
    one, other = np.asarray(right, dtype=float), np.asarray(said, dtype=float)
    off = np.abs(one - other)
    signs = [same for same in map(sign_right, right, said) if same is not None]
    varied = len(one) > 1 and one.std() > 0 and other.std() > 0
    return MoodScore(
        rows=len(one),
        mean_absolute_error=float(off.mean()),
        # Scores are written with two digits or three; what is 0.25 apart by them must not fall to the arithmetic.
        near=float(np.mean(off <= NEAR + 1e-9)),
        sign_rows=len(signs),
        sign_accuracy=float(np.mean(signs)) if signs else None,
        correlation=float(np.corrcoef(one, other)[0, 1]) if varied else None,
    )
