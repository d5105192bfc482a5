"""Whether confidences mean what they say: expected calibration error and reliability diagrams.

Guo et al., On Calibration of Modern Neural Networks, ICML 2017; bins of equal mass after Nguyen and O'Connor 2015,
because bins of equal width leave most of a confident model's rows in one bin.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["Bin", "CalibrationScore", "score_calibration"]

BINS = 15
"""As many as Guo et al. use; fewer where there are fewer rows."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Rows of about the same confidence: their mean confidence, and the share that is right."""

    rows: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationScore:
    """How well calibrated a facet is.

    Attributes:
        facet: its name.
        rows: how many complaints carry a confidence.
        said: whether the answers call themselves calibrated.
        confidence: the mean confidence; above ``accuracy`` it is overconfident.
        accuracy: the share that is right.
        equal_width: expected calibration error over bins of equal width, in [0, 1].
        equal_mass: the same over bins that hold equally many rows.
        bins: the bins of equal mass, by rising confidence.
    """

    facet: str
    rows: int
    said: bool
    confidence: float
    accuracy: float
    equal_width: float
    equal_mass: float
    bins: tuple[Bin, ...]


def score_calibration(
    facet: str, confidence: Sequence[float], right: Sequence[bool], *, said: bool, bins: int = BINS
) -> CalibrationScore:
    """Score the confidences of a facet.

    Args:
        facet: its name.
        confidence: shape (rows,), in [0, 1]; at least one.
        right: shape (rows,), whether the label is right.
        said: whether the answers call themselves calibrated.
        bins: how many bins, 1 and above.
    """
    sure, hit = np.asarray(confidence, dtype=float), np.asarray(right, dtype=float)
    # A bin of equal width is open below and closed above, as in the paper; 0 itself falls into the first.
    width = np.clip(np.ceil(sure * bins).astype(int) - 1, 0, bins - 1)
    by_width = [np.flatnonzero(width == place) for place in range(bins)]
    by_mass = np.array_split(np.argsort(sure, kind="stable"), min(bins, len(sure)))
    return CalibrationScore(
        facet=facet,
        rows=len(sure),
        said=said,
        confidence=float(sure.mean()),
        accuracy=float(hit.mean()),
        equal_width=_error(sure, hit, by_width),
        equal_mass=_error(sure, hit, by_mass),
        bins=tuple(Bin(len(rows), float(sure[rows].mean()), float(hit[rows].mean())) for rows in by_mass),
    )


def _error(
    sure: npt.NDArray[np.float64], hit: npt.NDArray[np.float64], groups: Sequence[npt.NDArray[np.intp]]
) -> float:
    """Return the gap between accuracy and confidence, averaged over the groups by their share of the rows."""
    gaps = [len(rows) * abs(hit[rows].mean() - sure[rows].mean()) for rows in groups if len(rows)]
    return float(sum(gaps) / len(sure))
