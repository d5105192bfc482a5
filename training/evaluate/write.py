"""The evaluation report as Markdown, as JSON, and as one HTML file that needs nothing beside it."""

from __future__ import annotations

from pathlib import Path

from triage.config import Config
from triage.training.evaluate import document
from triage.training.evaluate.plots import plots
from triage.training.evaluate.report import Report
from triage.training.evaluate.sections import sections

__all__ = ["html", "markdown", "write"]

TITLE = "Evaluation of the triage"


def write(report: Report, folder: Path, config: Config) -> tuple[Path, ...]:
    """Write ``report.md``, ``report.html`` and ``report.json`` into ``folder``, made if it is not there.

    Returns:
        The files.

    Raises:
        OutputError: the folder or a file cannot be written.
    """
    texts = {"md": markdown(report, config), "html": html(report, config), "json": report.to_json() + "\n"}
    return document.write(folder, {f"report.{ending}": text for ending, text in texts.items()})


def markdown(report: Report, config: Config) -> str:
    """Return the report as Markdown, without the pictures."""
    return document.markdown(TITLE, sections(report, config))


def html(report: Report, config: Config) -> str:
    """Return the report as one HTML document."""
    return document.html(TITLE, list(sections(report, config)), plots(report))
