"""The pictures of the report as SVG: labels are ids, so that no font for Chinese is needed."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from triage.training.evaluate.calibration import CalibrationScore
from triage.training.evaluate.classes import FacetScore
from triage.training.evaluate.picture import ACCENT, FAINT, INK, SECOND, style, svg
from triage.training.evaluate.report import Report

__all__ = ["plots"]

STEADY = 0.05


def plots(report: Report) -> dict[str, str]:
    """Return SVG documents by the names that sections call them by; those that have nothing to show are left out."""
    with style():
        found = {f"confusion-{facet.facet}": _confusion(facet) for facet in report.facets}
        if report.calibration:
            found["reliability"] = _reliability(report)
        if report.coverage:
            found["coverage"] = _coverage(report)
    return found


def _confusion(score: FacetScore) -> str:
    """Draw the shares of each right label, with their counts written in."""
    counts = np.array(score.confusion)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = 2.6 + 0.36 * len(score.labels)
    figure = Figure(figsize=(side, side), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    places = range(len(score.labels))
    axes.set_xticks(places, score.labels, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, score.labels)
    axes.set(xlabel="said", ylabel="right")
    for (row, column), count in np.ndenumerate(counts):
        if count:
            colour = "white" if shares[row, column] > 0.5 else INK
            axes.text(column, row, str(count), ha="center", va="center", color=colour, fontsize=7)
    return svg(figure)


def _reliability(report: Report) -> str:
    columns = min(3, len(report.calibration))
    lines = -(-len(report.calibration) // columns)
    figure = Figure(figsize=(3.1 * columns, 3.1 * lines), layout="constrained")
    for place, score in enumerate(report.calibration, 1):
        _diagram(figure.add_subplot(lines, columns, place), score)
    return svg(figure)


def _diagram(axes: Axes, score: CalibrationScore) -> None:
    sure, right = [one.confidence for one in score.bins], [one.accuracy for one in score.bins]
    axes.plot([0, 1], [0, 1], color=FAINT, linestyle="--", linewidth=1)
    axes.vlines(sure, sure, right, color=SECOND, linewidth=2, alpha=0.6)
    axes.plot(sure, right, color=ACCENT, marker="o", markersize=4, linewidth=1)
    axes.set(xlim=(0, 1.02), ylim=(0, 1.02), xlabel="confidence", ylabel="share right")
    axes.set_title(f"{score.facet}: ECE {score.equal_mass:.3f}", fontsize=9)


def _coverage(report: Report) -> str:
    figure = Figure(figsize=(5.6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    for score, colour in zip(report.coverage, (ACCENT, SECOND), strict=True):
        share, precise = [one.coverage for one in score.points], [one.precision for one in score.points]
        axes.plot(
            share, precise, color=colour, drawstyle="steps-post", label=f"{score.rule}: {score.at_wanted:.2f} at 95%"
        )
    axes.axhline(0.95, color=FAINT, linestyle="--", linewidth=1)
    # The first few rows jump between 0 and 1: they shall not set the scale.
    steady = [one.precision for score in report.coverage for one in score.points if one.coverage >= STEADY]
    lowest = min(steady)
    axes.set(
        xlim=(0, 1.01), ylim=(max(0.0, lowest - 0.05), 1.01), xlabel="coverage", ylabel="precision of the category"
    )
    axes.legend(frameon=False, loc="lower left")
    return svg(figure)
