"""The report as Markdown, as JSON, and as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triage.config import Config
from triage.errors import OutputError
from triage.training.evaluate.plots import plots
from triage.training.evaluate.report import Report
from triage.training.evaluate.sections import Section, Table, sections

__all__ = ["html", "markdown", "table_lines", "write"]

TITLE = "Evaluation of the triage"


def write(report: Report, folder: Path, config: Config) -> tuple[Path, ...]:
    """Write ``report.md``, ``report.html`` and ``report.json`` into ``folder``, made if it is not there.

    Returns:
        The files.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    texts = {"md": markdown(report, config), "html": html(report, config), "json": report.to_json() + "\n"}
    files = {folder / f"report.{ending}": text for ending, text in texts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        said = f"{error.filename or folder}: {error.strerror}; legal: a folder that can be written"
        raise OutputError(said) from error
    return tuple(files)


def markdown(report: Report, config: Config) -> str:
    """Return the report as Markdown, without the pictures."""
    parts = [f"# {TITLE}", *(part for section in sections(report, config) for part in _section(section))]
    return "\n\n".join(parts) + "\n"


def _section(section: Section) -> Iterable[str]:
    yield f"{'#' * section.level} {section.title}"
    yield section.note
    for table in section.tables:
        yield "\n".join(table_lines(table))


def table_lines(table: Table) -> list[str]:
    """Return the lines of a Markdown table."""
    ruler = ["---", *("---:" for _ in table.head[1:])]
    return [_line(table.head), f"|{'|'.join(ruler)}|", *map(_line, table.rows)]


def _line(cells: Iterable[str]) -> str:
    # Excerpts hold what customers write: it must not end a cell, or start a tag.
    safe = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for cell in cells)
    return f"| {' | '.join(safe)} |"


def html(report: Report, config: Config) -> str:
    """Return the report as one HTML document; the pictures stand in it as data, so that their ids cannot clash."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pictures = {name: base64.b64encode(svg.encode()).decode() for name, svg in plots(report).items()}
    template = environment.get_template("report.html.jinja")
    return template.render(title=TITLE, sections=list(sections(report, config)), pictures=pictures)
