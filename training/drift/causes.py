"""The verdict in words: what moved, and what that points to."""

from __future__ import annotations

from collections.abc import Sequence

from triage.training.drift.finding import Finding
from triage.training.drift.words import Risen

__all__ = ["causes"]

TEXTS = frozenset({"embedding", "vocabulary", "length"})
JUDGEMENT = frozenset({"labels", "confidence", "review"})
RISEN = 6
SURELY = 3.0
"""Standard deviations from which on a word is named as a cause."""

Sides = tuple[tuple[str, ...], tuple[str, ...]]


def causes(findings: Sequence[Finding], risen: Sequence[Risen], *, origins: Sides, versions: Sides) -> tuple[str, ...]:
    """Return the verdict, its likely cause, and each move, the strong ones first.

    Args:
        findings: with their levels.
        risen: words that rose.
        origins: who said the labels of each side.
        versions: of the models that judged each side.
    """
    moved = [one for one in findings if one.level != "none"]
    if not moved:
        return ("No drift: nothing moved beyond chance and far enough to matter.",)
    moved.sort(key=lambda one: (one.level != "strong", -one.size / one.limits[0]))
    kinds = {one.kind for one in moved}
    said = [f"Drift: {len(moved)} of {len(findings)} measures moved."]
    if "accuracy" in kinds:
        said.append("Cause: the model is right less often than it was: label recent complaints and train it again.")
    if kinds & JUDGEMENT and not kinds & TEXTS:
        said.append(f"Cause: {_judgement_alone(origins, versions)}")
    elif kinds & TEXTS:
        told = "what customers write changed"
        told += ", and with it what they complain of." if "labels" in kinds else "; the mix of labels did not."
        words = [f"{one.word} ({one.before:.1%} → {one.after:.1%})" for one in risen if one.score >= SURELY][:RISEN]
        said.append(f"Cause: {told}" + (f" Words that rose: {'、'.join(words)}." if words else ""))
        if "confidence" in kinds:
            said.append("The model's confidence moved too: the new complaints are unlike those that it learnt from.")
    return (*said, *(f"{one.level}: {one.words}" for one in moved))


def _judgement_alone(origins: Sides, versions: Sides) -> str:
    if set(origins[0]) != set(origins[1]):
        return (
            f"the texts are alike, but labels of one side come from {'、'.join(origins[0])}, of the other from "
            f"{'、'.join(origins[1])}: compare like with like (--predict)."
        )
    if versions[0] != versions[1]:
        return (
            f"the texts are alike, but another model judged: {'、'.join(versions[0]) or '–'} before, "
            f"{'、'.join(versions[1]) or '–'} now."
        )
    return "the same kind of texts in another mix: the labels moved, the way of writing did not."
