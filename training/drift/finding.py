"""One thing that was measured: how far it moved, whether by chance, and what that is in words."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from triage.training.gate.paired import significant

__all__ = ["ALPHA", "Finding", "Level", "judge"]

Level = Literal["none", "moderate", "strong"]

ALPHA = 0.01
"""Of the whole family of tests: a job that looks every day must not cry wolf every other week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was measured.

    Attributes:
        kind: ``labels``, ``embedding``, ``vocabulary``, ``length``, ``confidence``, ``review`` or ``accuracy``.
        name: of the facet, or of what was measured.
        measure: what ``size`` is.
        size: how far it moved, 0 and above.
        p: of the test that nothing moved, in [0, 1].
        limits: the sizes from which the move is moderate, and strong.
        level: ``none`` where it may be chance, or is too small to matter.
        words: for people.
    """

    kind: str
    name: str
    measure: str
    size: float
    p: float
    limits: tuple[float, float]
    level: Level = "none"
    words: str


def judge(findings: Sequence[Finding], *, alpha: float = ALPHA) -> tuple[Finding, ...]:
    """Return the findings with their levels, in the same order.

    A move counts when it is both beyond chance and large enough to matter: of a million complaints nothing is ever
    quite the same, and of fifty everything seems to move.

    Args:
        findings: as they were measured.
        alpha: the chance, in (0, 1), that any of them is called a move where nothing moved.
    """
    held = significant([finding.p for finding in findings], alpha=alpha)
    return tuple(
        dataclasses.replace(finding, level=_level(finding) if beyond else "none")
        for finding, beyond in zip(findings, held, strict=True)
    )


def _level(finding: Finding) -> Level:
    moderate, strong = finding.limits
    return "strong" if finding.size >= strong else "moderate" if finding.size >= moderate else "none"
