"""The pictures of the drift report as SVG: labels are ids, so that no font for Chinese is needed."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from triage.training.drift.facets import FacetShift
from triage.training.drift.finding import Finding
from triage.training.drift.measure import Report
from triage.training.drift.periods import Period
from triage.training.evaluate.picture import ACCENT, FAINT, INK, SECOND, style, svg

__all__ = ["plots"]

BEFORE, AFTER = FAINT, ACCENT
COLOURS = {"none": FAINT, "moderate": SECOND, "strong": "#b42318"}


def plots(report: Report) -> dict[str, str]:
    """Return SVG documents by the names that sections call them by."""
    with style():
        found = {"findings": _findings(report.findings)}
        found |= {f"labels-{shift.facet}": _labels(shift) for shift in report.facets}
        found |= {f"accuracy-{facet}": _accuracy(facet, one) for facet, one in report.periods.items() if len(one) > 1}
    return found


def _findings(findings: tuple[Finding, ...]) -> str:
    """Draw every size as a multiple of the one from which a move is moderate."""
    figure = Figure(figsize=(7.2, 1 + 0.26 * len(findings)), layout="constrained")
    axes = figure.add_subplot()
    sizes = [min(one.size / one.limits[0], 8.0) for one in findings]
    axes.barh(range(len(findings)), sizes, color=[COLOURS[one.level] for one in findings])
    axes.axvline(1, color=INK, linestyle="--", linewidth=1)
    axes.set_yticks(range(len(findings)), [f"{one.kind}: {one.name}" for one in findings])
    axes.invert_yaxis()
    axes.set(xlabel="size, as a multiple of a moderate move (8 at most)")
    return svg(figure)


def _labels(shift: FacetShift) -> str:
    figure = Figure(figsize=(6.4, 0.9 + 0.34 * len(shift.labels)), layout="constrained")
    axes = figure.add_subplot()
    places = np.arange(len(shift.labels))
    axes.barh(places - 0.19, [one.before for one in shift.labels], 0.36, color=BEFORE, label="reference")
    axes.barh(places + 0.19, [one.after for one in shift.labels], 0.36, color=AFTER, label="new")
    axes.set_yticks(places, [one.label for one in shift.labels])
    axes.invert_yaxis()
    axes.set(xlabel="share of complaints")
    axes.legend(frameon=False, loc="lower right")
    return svg(figure)


def _accuracy(facet: str, periods: tuple[Period, ...]) -> str:
    figure = Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.add_subplot()
    places = range(len(periods))
    axes.fill_between(places, [one.low for one in periods], [one.high for one in periods], color=AFTER, alpha=0.15)
    axes.plot(places, [one.accuracy for one in periods], color=AFTER, marker="o", markersize=4)
    axes.set_xticks(places, [one.name for one in periods], rotation=45, ha="right")
    axes.set(ylim=(0, 1.02), ylabel=f"{facet}: share right")
    return svg(figure)
