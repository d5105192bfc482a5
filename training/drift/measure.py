"""Everything that is measured about two sides, and the verdict."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from triage.config import Config
from triage.errors import InputError
from triage.training.baselines.words import words
from triage.training.drift.causes import causes
from triage.training.drift.discrepancy import discrepancy
from triage.training.drift.distances import homogeneity, stability
from triage.training.drift.embed import Embed
from triage.training.drift.facets import FacetShift, facet_finding, facet_name, facet_shifts
from triage.training.drift.finding import ALPHA, Finding, judge
from triage.training.drift.observed import Observed
from triage.training.drift.periods import Judged, Period, accuracy_finding, periods
from triage.training.drift.words import Risen, risen, terms, unseen

__all__ = ["Report", "measure"]

FEWEST = 20
"""Complaints of a side: with fewer, hardly any move could be told from chance."""

EMBEDDING = (0.01, 0.05)
VOCABULARY = (0.02, 0.05)
LENGTH = (0.1, 0.25)
CONFIDENCE = (0.1, 0.25)
REVIEW = (0.05, 0.15)

DECILES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What was measured.

    Attributes:
        reference: what was read, for people; ``new`` likewise.
        rows: how many complaints each side has.
        origins: who said the labels of each side: ``decision``, ``label``, ``prediction``.
        versions: of the models that judged each side.
        findings: everything that was tested, with its level.
        causes: the verdict and its cause, in words.
        facets: the shares of labels on both sides.
        risen: words that rose.
        periods: accuracy on feedback by facet and period.
        embedded: how texts became vectors, in words.
    """

    reference: tuple[str, ...]
    new: tuple[str, ...]
    rows: tuple[int, int]
    origins: tuple[tuple[str, ...], tuple[str, ...]]
    versions: tuple[tuple[str, ...], tuple[str, ...]]
    findings: tuple[Finding, ...]
    causes: tuple[str, ...]
    facets: tuple[FacetShift, ...]
    risen: tuple[Risen, ...]
    periods: dict[str, tuple[Period, ...]]
    embedded: str

    @property
    def moved(self) -> tuple[Finding, ...]:
        """The findings that are a move, the strong ones first."""
        return tuple(
            sorted((one for one in self.findings if one.level != "none"), key=lambda one: one.level != "strong")
        )

    @property
    def drift(self) -> bool:
        """Whether anything moved."""
        return bool(self.moved)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists."""
        plain: dict[str, Any] = json.loads(json.dumps({"drift": self.drift, **dataclasses.asdict(self)}))
        return plain

    def to_json(self) -> str:
        """Return the report as one JSON object, indented; Chinese stays readable."""
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)


def measure(
    reference: Sequence[Observed],
    new: Sequence[Observed],
    config: Config,
    *,
    embed: Embed | None = None,
    embedded: str = "",
    feedback: Sequence[Judged] = (),
    by: str = "week",
    names: tuple[Sequence[str], Sequence[str]] = ((), ()),
    alpha: float = ALPHA,
    seed: int = 0,
) -> Report:
    """Compare new complaints with those of a reference.

    Args:
        reference: at least 20 complaints.
        new: at least 20 complaints.
        config: names the labels.
        embed: makes texts into vectors; the embedding is left out by default.
        embedded: how, in words.
        feedback: complaints that people labelled, and whether the model says the same.
        by: ``week`` or ``month``, of the feedback.
        names: what was read, for people.
        alpha: the chance that something is called a move where nothing moved.
        seed: of what is drawn by chance.

    Raises:
        InputError: a side has too few complaints.
    """
    for side, rows in (("reference", reference), ("new", new)):
        if len(rows) < FEWEST:
            raise InputError(f"{side} has {len(rows)} complaints; legal: {FEWEST} and above", field=side)
    shifts = facet_shifts(reference, new, config)
    before, after = ([terms(words(row.text)) for row in side if row.text] for side in (reference, new))
    over_time = {
        facet: periods(feedback, facet, by=by) for facet in dict.fromkeys(f for one in feedback for f in one.right)
    }
    findings = [facet_finding(shift) for shift in shifts]
    if min(len(before), len(after)) >= FEWEST:
        findings += [*_texts(reference, new), _vocabulary(before, after, seed=seed)]
        if embed is not None:
            findings.append(_embedding(reference, new, embed, seed=seed))
    findings += [*_confidence(reference, new, config), *_review(reference, new)]
    for facet, found in over_time.items():
        one = accuracy_finding(found, facet=facet, name=facet_name(facet, config))
        findings += [one] if one is not None else []
    graded = judge(findings, alpha=alpha)
    rose = risen(before, after) if before and after else ()
    versions = (_versions(reference), _versions(new))
    return Report(
        reference=tuple(names[0]),
        new=tuple(names[1]),
        rows=(len(reference), len(new)),
        origins=(_origins(reference), _origins(new)),
        versions=versions,
        findings=graded,
        causes=causes(graded, rose, origins=(_origins(reference), _origins(new)), versions=versions),
        facets=shifts,
        risen=rose,
        periods=over_time,
        embedded=embedded if embed is not None else "",
    )


def _texts(reference: Sequence[Observed], new: Sequence[Observed]) -> Iterator[Finding]:
    one, other = ([len(row.text) for row in side if row.text] for side in (reference, new))
    test = stats.ks_2samp(one, other, method="asymp")
    yield Finding(
        kind="length",
        name="characters",
        measure="Kolmogorov–Smirnov D",
        size=float(test.statistic),
        p=float(test.pvalue),
        limits=LENGTH,
        words=f"length: median from {np.median(one):.0f} to {np.median(other):.0f} characters",
    )


def _vocabulary(before: Sequence[Sequence[str]], after: Sequence[Sequence[str]], *, seed: int) -> Finding:
    """Compare the words that half of the reference does not know: in its other half, and in the new texts."""
    order = np.random.default_rng(seed).permutation(len(before))
    known = [before[place] for place in order[: len(order) // 2]]
    rest = unseen(known, [before[place] for place in order[len(order) // 2 :]])
    fresh = unseen(known, after)
    test = stats.mannwhitneyu(fresh, rest, alternative="greater", method="asymptotic")
    return Finding(
        kind="vocabulary",
        name="words",
        measure="more words unseen",
        size=max(0.0, float(np.mean(fresh) - np.mean(rest))),
        p=float(test.pvalue) if np.ptp([*fresh, *rest]) > 0 else 1.0,
        limits=VOCABULARY,
        words=f"vocabulary: words unseen in half of the reference from {np.mean(rest):.1%} to {np.mean(fresh):.1%}",
    )


def _embedding(reference: Sequence[Observed], new: Sequence[Observed], embed: Embed, *, seed: int) -> Finding:
    chance = np.random.default_rng(seed)
    sides = []
    for side in (reference, new):
        texts = [row.text for row in side if row.text]
        # Only what is compared is worth the model's time.
        drawn = chance.permutation(len(texts))[:500]
        sides.append(embed([texts[place] for place in sorted(drawn)]))
    size, p = discrepancy(*sides, seed=seed)
    return Finding(
        kind="embedding",
        name="texts",
        measure="squared MMD",
        size=max(0.0, size),
        p=p,
        limits=EMBEDDING,
        words=f"embedding: squared maximum mean discrepancy {size:.4f}, p {p:.3g} by permutation",
    )


def _confidence(reference: Sequence[Observed], new: Sequence[Observed], config: Config) -> Iterator[Finding]:
    facets = dict.fromkeys(facet for row in (*reference, *new) for facet in row.confidence)
    for facet in facets:
        one, other = ([row.confidence[facet] for row in side if facet in row.confidence] for side in (reference, new))
        if min(len(one), len(other)) < FEWEST:
            continue
        edges = np.unique(np.quantile(one, np.linspace(0, 1, DECILES + 1)[1:-1]))
        counts = [
            np.bincount(np.searchsorted(edges, side, side="right"), minlength=len(edges) + 1) for side in (one, other)
        ]
        size = stability(*counts)
        yield Finding(
            kind="confidence",
            name=facet,
            measure="PSI of deciles",
            size=size,
            p=homogeneity(*counts),
            limits=CONFIDENCE,
            words=f"{facet_name(facet, config)}: mean confidence from {np.mean(one):.3f} to {np.mean(other):.3f} "
            f"(PSI {size:.2f})",
        )


def _review(reference: Sequence[Observed], new: Sequence[Observed]) -> Iterator[Finding]:
    one, other = ([row.review for row in side if row.review is not None] for side in (reference, new))
    if min(len(one), len(other)) < FEWEST:
        return
    before, after = sum(one) / len(one), sum(other) / len(other)
    table = [[sum(one), len(one) - sum(one)], [sum(other), len(other) - sum(other)]]
    yield Finding(
        kind="review",
        name="review share",
        measure="difference of shares",
        size=abs(after - before),
        p=float(stats.fisher_exact(table).pvalue),
        limits=REVIEW,
        words=f"review: share of complaints for a person from {before:.1%} to {after:.1%}",
    )


def _origins(rows: Sequence[Observed]) -> tuple[str, ...]:
    return tuple(sorted({row.origin for row in rows}))


def _versions(rows: Sequence[Observed]) -> tuple[str, ...]:
    return tuple(sorted({row.version for row in rows if row.version}))
