"""A report of sections as Markdown, and as one HTML file that needs nothing beside it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from triage.errors import OutputError
from triage.training.evaluate.sections import Section, Table

__all__ = ["html", "markdown", "table_lines", "write"]


def write(folder: Path, texts: Mapping[str, str]) -> tuple[Path, ...]:
    """Write texts by their file names into ``folder``, made if it is not there; return the files.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    files = {folder / name: text for name, text in texts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for file, text in files.items():
            file.write_text(text, encoding="utf-8")
    except OSError as error:
        said = f"{error.filename or folder}: {error.strerror}; legal: a folder that can be written"
        raise OutputError(said) from error
    return tuple(files)


def markdown(title: str, sections: Iterable[Section]) -> str:
    """Return a report as Markdown, without the pictures."""
    return "\n\n".join((f"# {title}", *(part for section in sections for part in _parts(section)))) + "\n"


def html(title: str, sections: Sequence[Section], pictures: Mapping[str, str]) -> str:
    """Return a report as one HTML document.

    Args:
        title: of the document.
        sections: its content.
        pictures: SVG documents by the names that the sections call them by; they stand in it as data, so that their
            ids cannot clash.
    """
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    data = {name: base64.b64encode(picture.encode()).decode() for name, picture in pictures.items()}
    return environment.get_template("report.html.jinja").render(title=title, sections=sections, pictures=data)


def table_lines(table: Table) -> list[str]:
    """Return the lines of a Markdown table."""
    ruler = ["---", *("---:" for _ in table.head[1:])]
    return [_line(table.head), f"|{'|'.join(ruler)}|", *map(_line, table.rows)]


def _parts(section: Section) -> Iterator[str]:
    yield f"{'#' * section.level} {section.title}"
    yield section.note
    for table in section.tables:
        yield "\n".join(table_lines(table))


def _line(cells: Iterable[str]) -> str:
    # Excerpts hold what customers write: it must not end a cell, or start a tag.
    safe = (cell.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;") for cell in cells)
    return f"| {' | '.join(safe)} |"
