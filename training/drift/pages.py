"""The drift report as Markdown, as JSON, and as one HTML file that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from triage.training.drift.facets import FacetShift
from triage.training.drift.measure import Report
from triage.training.drift.plots import plots
from triage.training.evaluate import document
from triage.training.evaluate.sections import Section, Table

__all__ = ["html", "markdown", "write"]

TITLE = "Drift of the complaints"


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """Write ``drift.md``, ``drift.html`` and ``drift.json`` into ``folder``, made if it is not there.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    texts = {"md": markdown(report), "html": html(report), "json": report.to_json() + "\n"}
    return document.write(folder, {f"drift.{ending}": text for ending, text in texts.items()})


def markdown(report: Report) -> str:
    """Return the report as Markdown, without the pictures."""
    return document.markdown(TITLE, _sections(report))


def html(report: Report) -> str:
    """Return the report as one HTML document, in the form of the evaluation report."""
    return document.html(TITLE, list(_sections(report)), plots(report))


def _sections(report: Report) -> Iterator[Section]:
    yield _verdict(report)
    yield _findings(report)
    yield Section(
        "Labels", "Shares of the complaints on both sides; of a facet, the label that moved most comes first."
    )
    yield from map(_facet, report.facets)
    if report.risen:
        rows = tuple((one.word, f"{one.before:.1%}", f"{one.after:.1%}", f"{one.score:.1f}") for one in report.risen)
        note = (
            "Words of at least five new texts, by log-odds with a prior (Monroe et al. 2008), in standard deviations."
        )
        yield Section("Words that rose", note, (Table(("word", "reference", "new", "z"), rows),))
    if report.periods:
        yield Section("Accuracy on feedback", "What people labelled, and whether the model says the same.")
    for facet, periods in report.periods.items():
        rows = tuple(
            (one.name, str(one.rows), f"{one.accuracy:.3f}", f"{one.low:.3f}–{one.high:.3f}") for one in periods
        )
        head = ("period", "complaints", "accuracy", "95% interval")
        yield Section(facet, "Intervals after Wilson.", (Table(head, rows),), (f"accuracy-{facet}",), level=3)


def _verdict(report: Report) -> Section:
    sides = (
        (
            side,
            str(rows),
            "、".join(origins),
            "、".join(versions) or "–",
            "、".join(files) or "–",
        )
        for side, rows, origins, versions, files in zip(
            ("reference", "new"),
            report.rows,
            report.origins,
            report.versions,
            (report.reference, report.new),
            strict=True,
        )
    )
    head = ("side", "complaints", "labels by", "models", "files")
    told = Table(("in words",), tuple((line,) for line in report.causes[1:] or report.causes))
    return Section("Verdict", report.causes[0], (told, Table(head, tuple(sides))))


def _findings(report: Report) -> Section:
    rows = tuple(
        (
            f"{one.kind}: {one.name}",
            one.measure,
            f"{one.size:.4f}",
            f"{one.limits[0]:g} / {one.limits[1]:g}",
            f"{one.p:.2g}",
            f"{one.level} {'✓' if one.level == 'none' else '✗'}",
        )
        for one in report.findings
    )
    note = (
        "A move counts when it is beyond chance (Holm 1979 over all of them) and large enough to matter. "
        f"Texts became vectors by: {report.embedded or 'not at all'}."
    )
    head = ("what", "measure", "size", "moderate / strong", "p", "level")
    return Section("Measures", note, (Table(head, rows),), ("findings",))


def _facet(shift: FacetShift) -> Section:
    rows = tuple(
        (f"{one.label} {one.name}", f"{one.before:.1%}", f"{one.after:.1%}", f"{one.part:.3f}") for one in shift.labels
    )
    note = (
        f"PSI {shift.stability:.3f} ({shift.by_chance:.3f} by chance alone), Jensen–Shannon "
        f"{shift.jensen_shannon:.3f} bit, p {shift.p:.2g}; {shift.rows[0]} and {shift.rows[1]} complaints."
    )
    table = Table(("label", "reference", "new", "part of PSI"), rows)
    return Section(f"{shift.facet} {shift.name}", note, (table,), (f"labels-{shift.facet}",), level=3)
