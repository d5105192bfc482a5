"""The labels of a facet on both sides, and which of them moved the most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from triage.config import Config
from triage.training.drift.distances import chance_of_stability, homogeneity, jensen_shannon, stability
from triage.training.drift.finding import Finding
from triage.training.drift.observed import Observed

__all__ = ["STABILITY", "FacetShift", "LabelShift", "facet_finding", "facet_name", "facet_shifts"]

STABILITY = (0.1, 0.25)
"""Siddiqi 2006: what is above the first is a moderate move, above the second a strong one."""

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department", "sentiment")
MULTIPLE = ("demands", "flags")
SHOWN = 3


@dataclass(frozen=True, slots=True)
class LabelShift:
    """A label: its id, its name, its share of the complaints before and after, and its part of the index."""

    label: str
    name: str
    before: float
    after: float
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FacetShift:
    """A facet.

    Attributes:
        facet: its id.
        name: what people call it.
        rows: complaints of each side that carry it.
        stability: the population stability index; of a facet with several labels, that of the label that moved most.
        by_chance: the index to be expected where nothing moved.
        jensen_shannon: in bits; likewise.
        p: of the test that nothing moved.
        labels: those that occur, the one that moved most first.
    """

    facet: str
    name: str
    rows: tuple[int, int]
    stability: float
    by_chance: float
    jensen_shannon: float
    p: float
    labels: tuple[LabelShift, ...]


def facet_shifts(reference: Sequence[Observed], new: Sequence[Observed], config: Config) -> tuple[FacetShift, ...]:
    """Return every facet that both sides carry, in the order of the taxonomy."""
    found = []
    for facet in SINGLE:
        sides = [[row.single[facet] for row in side if facet in row.single] for side in (reference, new)]
        if all(sides):
            found.append(_single(facet, sides[0], sides[1], config))
    for facet in MULTIPLE:
        several = [[row.multiple[facet] for row in side if facet in row.multiple] for side in (reference, new)]
        if all(several) and any(labels for side in several for labels in side):
            found.append(_multiple(facet, several[0], several[1], config))
    return tuple(found)


def facet_finding(shift: FacetShift) -> Finding:
    """Return how far a facet moved, beyond what chance alone makes of the index."""
    shown = "、".join(f"{one.name}从 {one.before:.1%} 到 {one.after:.1%}" for one in shift.labels[:SHOWN])
    return Finding(
        kind="labels",
        name=shift.facet,
        measure="PSI beyond chance",
        size=max(0.0, shift.stability - shift.by_chance),
        p=shift.p,
        limits=STABILITY,
        words=f"{shift.name}: {shown} (PSI {shift.stability:.2f}, by chance {shift.by_chance:.2f}; "
        f"Jensen–Shannon {shift.jensen_shannon:.3f} bit)",
    )


def _single(facet: str, before: Sequence[str], after: Sequence[str], config: Config) -> FacetShift:
    labels = list(dict.fromkeys((*_names(facet, config), *sorted({*before, *after}))))
    counted = [Counter(side) for side in (before, after)]
    labels = [label for label in labels if counted[0][label] + counted[1][label]]
    one, other = (np.array([count[label] for label in labels]) for count in counted)
    return FacetShift(
        facet=facet,
        name=facet_name(facet, config),
        rows=(len(before), len(after)),
        stability=stability(one, other),
        by_chance=chance_of_stability(len(before), len(after), len(labels)),
        jensen_shannon=jensen_shannon(one, other),
        p=homogeneity(one, other),
        labels=_shifts(labels, one, other, sizes=(len(before), len(after)), names=_names(facet, config)),
    )


def _multiple(
    facet: str, before: Sequence[frozenset[str]], after: Sequence[frozenset[str]], config: Config
) -> FacetShift:
    """Each label is a facet of two, said or not; the one that moved most speaks for all (Bonferroni)."""
    known = {label for side in (before, after) for labels in side for label in labels}
    labels = [
        *(label for label in _names(facet, config) if label in known),
        *sorted(known - set(_names(facet, config))),
    ]
    one, other = (np.array([sum(label in row for row in side) for label in labels]) for side in (before, after))
    sizes = (len(before), len(after))
    pairs = [([a, sizes[0] - a], [b, sizes[1] - b]) for a, b in zip(one.tolist(), other.tolist(), strict=True)]
    most = max(range(len(labels)), key=lambda place: stability(*pairs[place]))
    return FacetShift(
        facet=facet,
        name=facet_name(facet, config),
        rows=sizes,
        stability=stability(*pairs[most]),
        by_chance=chance_of_stability(*sizes, 2),
        jensen_shannon=jensen_shannon(*pairs[most]),
        p=min(1.0, len(labels) * homogeneity(*pairs[most])),
        labels=_shifts(labels, one, other, sizes=sizes, names=_names(facet, config)),
    )


def _shifts(
    labels: Sequence[str],
    before: npt.NDArray[np.int_],
    after: npt.NDArray[np.int_],
    *,
    sizes: tuple[int, int],
    names: dict[str, str],
) -> tuple[LabelShift, ...]:
    found = []
    for label, one, other in zip(labels, before / sizes[0], after / sizes[1], strict=True):
        low, high = max(float(one), 0.5 / sizes[0]), max(float(other), 0.5 / sizes[1])
        part = (high - low) * np.log(high / low)
        found.append(LabelShift(label, names.get(label, label), float(one), float(other), float(part)))
    return tuple(sorted(found, key=lambda one: -one.part))


def _names(facet: str, config: Config) -> dict[str, str]:
    if facet == "sentiment":
        return {band.id: band.name for band in config.taxonomy.sentiment}
    if facet == "department":
        return {label.id: label.name for label in config.taxonomy.departments}
    return {label.id: label.name for label in config.taxonomy.facets[facet].labels}


def facet_name(facet: str, config: Config) -> str:
    """Return what people call a facet."""
    named = config.taxonomy.facets.get(facet)
    return named.name if named is not None else {"department": "主办部门", "sentiment": "情绪"}.get(facet, facet)
