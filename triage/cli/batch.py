"""``triage batch``: the progress bar and the summary around :func:`triage.batch.run`."""

from __future__ import annotations

import argparse
import sys
import time

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from triage.batch import run
from triage.batch.rows import Columns

__all__ = ["batch"]

SOME_ROWS_FAILED = 3


def batch(options: argparse.Namespace) -> int:
    """Decide every row of a file; return 0, or 3 if some rows carry an error."""
    console = Console(stderr=True)
    columns = Columns(
        text=options.text_column, id=options.id_column, channel=options.channel_column, received=options.received_column
    )
    started = time.monotonic()
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(),
        console=console, transient=True, disable=options.quiet or not sys.stderr.isatty(),
    )  # fmt: skip
    with bar:
        task = bar.add_task("reading")

        def progress(rows: int, errors: int) -> None:
            pace = rows / max(time.monotonic() - started, 1e-9)
            bar.update(task, description=f"{rows:,} rows, {errors:,} with an error, {pace:,.0f} rows/s")

        report = run(
            options.source,
            options.out,
            columns=columns,
            model=options.model,
            configs=options.configs,
            rules_only=options.rules_only,
            engine=options.engine,
            workers=options.workers,
            received=options.received,
            progress=progress,
        )
    if not options.quiet:
        resumed = f", {report.resumed:,} of them by an earlier run" if report.resumed else ""
        seconds = time.monotonic() - started
        print(
            f"{options.out}: {report.rows:,} rows{resumed}, {report.errors:,} with an error, {seconds:.1f} s",
            file=sys.stderr,
        )
    return SOME_ROWS_FAILED if report.errors else 0
