"""The report as sections of tables: what Markdown and HTML both say, written down once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from triage.config import Config
from triage.training.evaluate.classes import ClassScore, FacetScore
from triage.training.evaluate.headline import Target
from triage.training.evaluate.report import Report
from triage.training.evaluate.several import SeveralScore

__all__ = ["Section", "Table", "comparison", "sections"]

CONFUSED = 10
"""Confused pairs, and kinds of errors, that a facet shows."""

ECE = Target(0.03, at_most=True)

SLICED = (
    "business accuracy",
    "reason accuracy",
    "urgency macro-F1",
    "critical recall",
    "lead department accuracy",
    "sentiment mean absolute error",
    "flags micro-F1",
    "demands micro-F1",
    "category accuracy",
    "category coverage at 95% precision",
    "review share",
)

NAMES = {"co": "co-departments", "department": "lead department", "whole": "whole complaint"}


@dataclass(frozen=True, slots=True)
class Table:
    """Cells as they are shown; a plain cell stands to the left in the first column and to the right elsewhere."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A heading, what to know about it, its tables, and the names of the plots that belong to it."""

    title: str
    note: str
    tables: tuple[Table, ...] = ()
    plots: tuple[str, ...] = ()
    level: int = 2


def sections(report: Report, config: Config) -> Iterator[Section]:
    """Yield the sections of the report; labels stand with their names from the taxonomy."""
    names = _names(config)
    yield _headline(report)
    yield _overview(report)
    for facet in report.facets:
        yield _facet(facet, names, kappa=report.weighted_kappa if facet.facet == "urgency" else None)
    yield from (_several(facet, names) for facet in report.several)
    yield _mood(report)
    yield _calibration(report)
    yield _coverage(report)
    yield _decisions(report)
    yield _slices(report)
    yield _errors(report)


def comparison(columns: Mapping[str, Mapping[str, float]]) -> Table:
    """Return the headline figures of several sides, a column each."""
    figures: list[str] = []
    for column in columns.values():
        place = 0
        for name in column:
            # A figure that the columns before lack goes behind the one that it follows in its own.
            if name not in figures:
                figures.insert(place, name)
            place = figures.index(name) + 1
    rows = tuple((name, *(_number(column.get(name)) for column in columns.values())) for name in figures)
    return Table(("figure", *columns), rows)


def _headline(report: Report) -> Section:
    rows = []
    for one in report.headline:
        met = "" if one.met is None else " ✓" if one.met else " ✗"
        others = [_number(figures.get(one.name)) for figures in report.compared.values()]
        interval = f"{one.low:.3f}–{one.high:.3f}"
        rows.append((one.name, _number(one.value), interval, f"{one.target or ''}{met}", *others))
    sources = "、".join(f"{name} {count}" for name, count in report.sources.items())
    model, taxonomy, policy = report.versions
    note = (
        f"{report.rows} complaints of {'、'.join(report.data)}. Judged by: {sources}. Versions: model {model}, "
        f"taxonomy {taxonomy}, policy {policy}. Intervals: 95%, bootstrap over stories. Macro-F1 is the mean over the "
        "labels that are right somewhere in these complaints. Departments that are right follow from the right labels "
        "by the policy."
    )
    return Section(
        "Figures", note, (Table(("figure", "value", "95% interval", "target", *report.compared), tuple(rows)),)
    )


def _overview(report: Report) -> Section:
    single = [
        (
            NAMES.get(one.facet, one.facet),
            _number(one.accuracy),
            _number(one.macro_f1),
            str(sum(bool(c.support) for c in one.classes)),
        )
        for one in report.facets
    ]
    several = [
        (NAMES.get(one.facet, one.facet), _number(one.micro_f1), _number(one.macro_f1), _number(one.exact))
        for one in report.several
    ]
    return Section(
        "Facets",
        "Single-label facets, then the facets of any number of labels.",
        (
            Table(("facet", "accuracy", "macro-F1", "labels that occur"), tuple(single)),
            Table(("facet", "micro-F1", "macro-F1", "whole set right"), tuple(several)),
        ),
    )


def _facet(facet: FacetScore, names: Mapping[str, str], *, kappa: float | None) -> Section:
    pairs = [
        (f"{pair.right} → {pair.said}", str(pair.count), "、".join(pair.ids)) for pair in facet.confused[:CONFUSED]
    ]
    note = f"Accuracy {facet.accuracy:.3f}, macro-F1 {facet.macro_f1:.3f}."
    if kappa is not None:
        note += f" Kappa with quadratic weights {kappa:.3f}."
    tables = [_classes(facet.classes, names)]
    if pairs:
        tables.append(Table(("most confused: right → said", "complaints", "such as"), tuple(pairs)))
    title = NAMES.get(facet.facet, facet.facet)
    return Section(title, note, tuple(tables), (f"confusion-{facet.facet}",), level=3)


def _several(facet: SeveralScore, names: Mapping[str, str]) -> Section:
    note = f"Micro-F1 {facet.micro_f1:.3f}, macro-F1 {_number(facet.macro_f1)}, whole set right {facet.exact:.3f}."
    return Section(NAMES.get(facet.facet, facet.facet), note, (_classes(facet.labels, names),), level=3)


def _classes(classes: tuple[ClassScore, ...], names: Mapping[str, str]) -> Table:
    rows = [
        (
            f"{one.label} {names.get(one.label, '')}".strip(),
            *map(_number, (one.precision, one.recall, one.f1)),
            str(one.support),
        )
        for one in classes
    ]
    return Table(("label", "precision", "recall", "F1", "support"), tuple(rows))


def _mood(report: Report) -> Section:
    mood = report.mood
    row = (
        _number(mood.mean_absolute_error),
        _number(mood.near),
        f"{_number(mood.sign_accuracy)} of {mood.sign_rows}",
        _number(mood.correlation),
    )
    head = ("mean absolute error", "within 0.25", "sign right", "correlation")
    note = "A label within 0.2 of 0 is neutral: it has no sign to get wrong."
    return Section("sentiment", note, (Table(head, (row,)),), level=3)


def _calibration(report: Report) -> Section:
    if not report.calibration:
        return Section("Calibration", "No answer carries a confidence: rules give none.")
    rows = [
        (
            NAMES.get(one.facet, one.facet),
            "yes" if one.said else "no",
            f"{one.equal_mass:.3f} {'✓' if ECE.met(one.equal_mass) else '✗'}",
            *map(_number, (one.equal_width, one.confidence, one.accuracy)),
            str(one.rows),
        )
        for one in report.calibration
    ]
    head = (
        "facet",
        "said calibrated",
        f"ECE, equal mass ({ECE})",
        "ECE, equal width",
        "mean confidence",
        "accuracy",
        "rows",
    )
    note = (
        "Expected calibration error (Guo et al. 2017), 15 bins. A few hundred complaints give a perfectly calibrated "
        "model some hundredths too: read it beside the number of rows."
    )
    return Section("Calibration", note, (Table(head, tuple(rows)),), ("reliability",))


def _coverage(report: Report) -> Section:
    if not report.coverage:
        return Section("Coverage", "No answer carries a confidence, so none can be held back: rules give none.")
    rows = [
        (
            one.rule,
            _number(one.at_wanted),
            _number(one.threshold),
            _number(one.precision),
        )
        for one in report.coverage
    ]
    head = ("confidence of the category", "coverage at 95% precision", "from confidence", "precision of all")
    note = (
        "Business and reason both right, the surest first. The threshold is the best one for these very complaints; "
        "one that was chosen on others reaches somewhat less."
    )
    return Section("Coverage", note, (Table(head, tuple(rows)),), ("coverage",))


def _decisions(report: Report) -> Section:
    rows = [
        (f"{NAMES.get(one.facet, one.facet)}: {one.decision}", str(one.rows), _number(one.share), _number(one.right))
        for one in report.decisions
    ]
    note = "What may be done without a person. A whole complaint is right when business and reason are."
    return Section("Decisions", note, (Table(("decision", "complaints", "share", "right"), tuple(rows)),))


def _slices(report: Report) -> Section:
    shown = [name for name in SLICED if any(name in one.figures for one in report.slices)]
    cuts = dict.fromkeys(one.cut for one in report.slices)
    tables = [
        Table(
            (cut, "complaints", *shown),
            tuple(
                (one.value, str(one.rows), *(_number(one.figures.get(name)) for name in shown))
                for one in report.slices
                if one.cut == cut
            ),
        )
        for cut in cuts
    ]
    note = "By voice, by length in characters, by script. A slice of few complaints says little."
    return Section("Slices", note, tuple(tables))


def _errors(report: Report) -> Section:
    tables = []
    for facet in dict.fromkeys(kind.facet for kind in report.errors):
        kinds = [kind for kind in report.errors if kind.facet == facet]
        rows = [
            (kind.kind, str(kind.count), "；".join(f"{one.id} {one.excerpt}".strip() for one in kind.examples))
            for kind in kinds[:CONFUSED]
        ]
        title = f"{NAMES.get(facet, facet)}: {sum(kind.count for kind in kinds)} errors"
        tables.append(Table((title, "complaints", "such as"), tuple(rows)))
    note = f"The {CONFUSED} most frequent kinds of each facet; right → said." if tables else "There are none."
    return Section("Errors by kind", note, tuple(tables))


def _names(config: Config) -> dict[str, str]:
    labels = [label for facet in config.taxonomy.facets.values() for label in facet.labels]
    return {label.id: label.name for label in (*labels, *config.taxonomy.departments)}


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
