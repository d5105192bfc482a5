"""The gate: every check of a candidate against the model in force, on the same rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from triage.config import Config
from triage.errors import InputError
from triage.registry.verdict import Check
from triage.training.evaluate.answer import SINGLE, Answer
from triage.training.evaluate.bootstrap import intervals
from triage.training.evaluate.headline import TARGETS
from triage.training.gate.golden import GoldenCase, faults
from triage.training.gate.limits import Drop, Limits
from triage.training.gate.paired import mcnemar, significant
from triage.training.gate.sides import Rows, Sides
from triage.training.labelled import Labelled

__all__ = ["gate", "golden_checks", "size_check", "speed_check"]

LOWER_IS_BETTER = frozenset({*(name for name, target in TARGETS.items() if target.at_most), "review share"})
FACETS = (*SINGLE, "category")
Ranges = Mapping[str, tuple[float, float]]


def gate(
    rows: Sequence[Labelled],
    current: Sequence[Answer],
    candidate: Sequence[Answer],
    config: Config,
    limits: Limits,
    *,
    seed: int = 0,
) -> tuple[Check, ...]:
    """Compare what two models say about the same labelled complaints.

    Intervals are of the paired difference, by bootstrap over stories (Efron and Tibshirani 1993; Koehn 2004,
    Statistical significance tests for machine translation evaluation); p is of McNemar's exact test. A drop is beyond
    chance when its interval lies below 0 and, where rows can be tested, the test holds among all of its group (Holm
    1979): alone, a bootstrap takes three or four lost rows for certain.

    Args:
        rows: the complaints, at least one.
        current: what the model in force says.
        candidate: what the candidate says.
        config: the labels and the policy.
        limits: how much worse it may be.
        seed: of the bootstrap.

    Raises:
        InputError: there is no complaint at all.
    """
    if not rows:
        raise InputError("there are no labelled complaints; legal: at least one row", field="data")
    sides = Sides(rows, current, candidate, config)
    classes = {
        f"{facet} {label} recall": (facet, places)
        for facet, label, places in sides.classes()
        if len(places) >= limits.classes.rows
    }
    slices = {
        f"category accuracy, {name}": ("category", places)
        for name, places in sides.slices()
        if len(places) >= limits.slices.rows
    }
    ranges = intervals(sides.differences(classes | slices), [row.story for row in rows], draws=limits.draws, seed=seed)
    return (
        *_protected(sides, limits),
        *_figures(sides, limits, ranges),
        *_groups("classes", classes, sides, limits.classes, ranges, alpha=limits.alpha),
        *_groups("slices", slices, sides, limits.slices, ranges, alpha=limits.alpha),
        *_calibration(sides, limits),
    )


def golden_checks(
    cases: Sequence[GoldenCase], current: Sequence[Answer], candidate: Sequence[Answer], config: Config
) -> Iterator[Check]:
    """Yield a check for each must-pass case that the candidate fails, or one for all of them when it fails none."""
    failed = 0
    for case, before, after in zip(cases, current, candidate, strict=True):
        wrong = faults(case, after, config)
        if wrong:
            failed += 1
            held = float(not faults(case, before, config))
            yield Check(
                group="golden", name=case.id, rows=1, current=held, candidate=0.0, passed=False, why="; ".join(wrong)
            )
    if cases and not failed:
        held = float(np.mean([not faults(case, said, config) for case, said in zip(cases, current, strict=True)]))
        yield Check(
            group="golden", name="must-pass cases", rows=len(cases), current=held, candidate=1.0, passed=True,
            why="all of them must pass",
        )  # fmt: skip


def size_check(current: int, candidate: int, limits: Limits) -> Check:
    """Compare the sizes of two models, in bytes."""
    most = limits.size.times * current
    return Check(
        group="size", name="bytes", rows=0, current=current, candidate=candidate, passed=candidate <= most,
        why=f"at most {limits.size.times:g} times",
    )  # fmt: skip


def speed_check(current: float, candidate: float, limits: Limits) -> Check:
    """Compare the times of two models, in milliseconds for a text."""
    return Check(
        group="speed", name="milliseconds a text", rows=limits.speed.texts, current=current, candidate=candidate,
        passed=candidate <= limits.speed.times * current, why=f"at most {limits.speed.times:g} times",
    )  # fmt: skip


def _protected(sides: Sides, limits: Limits) -> Iterator[Check]:
    for one in limits.protected:
        before, after, places = sides.protected(one)
        if len(places) < one.rows and not one.needed:
            continue
        current, candidate = sides.measured(one)
        enough = len(places) >= one.rows
        # A precision of nothing said is no drop; a recall is always there once there are rows.
        dropped = (current or 0.0) - (1.0 if candidate is None and one.measure == "precision" else candidate or 0.0)
        yield Check(
            group="protected",
            name=f"{one.facet} {one.label} {one.measure}",
            rows=len(places),
            current=current,
            candidate=candidate,
            p=mcnemar(before[places], after[places]) if len(places) else None,
            passed=enough and dropped <= one.drop + 1e-12,
            why=f"may drop by {one.drop:g}, be it by chance or not" if enough else f"needs {one.rows} rows",
        )


def _figures(sides: Sides, limits: Limits, ranges: Ranges) -> Iterator[Check]:
    current, candidate = sides.figures()
    names = [name for name in current if name in ranges or name not in candidate]
    facets = {name: facet for name in names if (facet := _facet_of(name)) is not None}
    tested = {facet: mcnemar(*sides.hits(facet)) for facet in dict.fromkeys(facets.values())}
    held = dict(zip(tested, significant(list(tested.values()), alpha=limits.alpha), strict=True))
    for name in names:
        if name not in candidate:
            yield Check(
                group="figures", name=name, rows=len(sides.rows), current=current[name], candidate=None, passed=False,
                why="the candidate does not judge it",
            )  # fmt: skip
            continue
        sign = -1 if name in LOWER_IS_BETTER else 1
        low, high = ranges[name]
        worst = high if sign > 0 else -low
        lost = sign * (current[name] - candidate[name])
        passed, why = _decided(lost, limits.figures, beyond=worst < 0 and held.get(facets.get(name, ""), True))
        yield Check(
            group="figures", name=name, rows=len(sides.rows), current=current[name], candidate=candidate[name],
            low=low, high=high, p=tested.get(facets.get(name, "")), passed=passed, why=why,
        )  # fmt: skip


def _facet_of(figure: str) -> str | None:
    """Return the facet whose rows a figure counts, right or wrong: those can be tested row by row."""
    if figure.startswith("critical "):
        return "urgency"
    first = figure.removeprefix("lead ").split(" ")[0]
    counted = figure.endswith((" accuracy", " macro-F1", " kappa"))
    return first if first in FACETS and counted else None


def _groups(
    group: str, members: Mapping[str, tuple[str, Rows]], sides: Sides, drop: Drop, ranges: Ranges, *, alpha: float
) -> Iterator[Check]:
    hits = {name: [side[places] for side in sides.hits(facet)] for name, (facet, places) in members.items()}
    tested = [mcnemar(*pair) for pair in hits.values()]
    held = significant(tested, alpha=alpha)
    for (name, (before, after)), p, holds in zip(hits.items(), tested, held, strict=True):
        low, high = ranges[name]
        lost = float(before.mean() - after.mean())
        passed, why = _decided(lost, drop, beyond=holds and high < 0)
        yield Check(
            group=group, name=name, rows=len(before), current=float(before.mean()), candidate=float(after.mean()),
            low=low, high=high, p=p, passed=passed, why=why,
        )  # fmt: skip


def _decided(lost: float, drop: Drop, *, beyond: bool) -> tuple[bool, str]:
    """Return whether a loss, in points, may be, and the rule that decided."""
    if lost > drop.outright + 1e-12:
        return False, f"a drop above {drop.outright:g} fails always"
    if lost > drop.drop + 1e-12:
        said = f"a drop above {drop.drop:g} fails when it is beyond chance"
        return not beyond, said if beyond else f"{said}; this may be chance"
    return True, f"may drop by {drop.drop:g}"


def _calibration(sides: Sides, limits: Limits) -> Iterator[Check]:
    limit = limits.calibration
    for facet in SINGLE:
        current, candidate, rows = sides.calibration(facet)
        if current is None or rows < limit.rows:
            continue
        # A model that is within the limit may move there; one beyond it may not get worse at all.
        most = min(current + limit.worse, max(limit.most, current))
        yield Check(
            group="calibration",
            name=f"{facet} expected calibration error",
            rows=rows,
            current=current,
            candidate=candidate,
            passed=candidate is not None and candidate <= most + 1e-12,
            why=f"may be {most:.4f}: {limit.worse:g} worse, and above {limit.most:g} no worse at all",
        )
