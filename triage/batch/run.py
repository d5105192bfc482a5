"""Runs a file through the pipeline: chunks of rows to worker processes, results back in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from triage.batch.checkpoint import Part
from triage.batch.engines import ENGINES
from triage.batch.readers import read_rows
from triage.batch.rows import Columns, Row
from triage.batch.sinks import Sink, sink_for
from triage.errors import InputError, OutputError, TriageError
from triage.pipeline import Triage, load
from triage.types import Decision

__all__ = ["Report", "run"]

CHUNK = 200
"""Rows that travel to a worker together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """How a run ended: rows written, rows with an error among them, rows that an earlier run had done."""

    rows: int
    errors: int
    resumed: int


def run(
    source: Path,
    out: Path,
    *,
    columns: Columns | None = None,
    configs: Path | None = None,
    engine: str = "local",
    workers: int = 1,
    received: datetime | None = None,
    progress: Callable[[int, int], None] = lambda _rows, _errors: None,
) -> Report:
    """Decide every row of ``source`` and write one row for each to ``out``, in the order of the input.

    Args:
        source: CSV, TSV, JSON lines, Parquet or XLSX, by its ending.
        out: CSV, JSON lines, Parquet or XLSX, by its ending.
        columns: which columns hold what.
        configs: a folder of configuration over the default one.
        engine: ``local``, or ``ray`` for the actors of a Ray cluster.
        workers: processes; 1 works in this process, when the engine is local.
        received: when the rows were received that do not say so; the time of the call by default.
        progress: called with rows and errors so far after each chunk.

    Raises:
        InputError: the input cannot be read.
        OutputError: the output cannot be written; whole rows are kept and the same call goes on from there.
        ConfigError: the configuration is not legal.
    """
    columns = columns or Columns()
    if not source.is_file():
        raise InputError(f"{source}: no such file")
    if out.exists() and out.samefile(source):
        raise OutputError(f"{out}: is the input; name another output")
    sink = sink_for(out)
    triage = load(configs=configs)
    with Part(out, header=sink.header, task=_task(source, columns, triage, received)) as part:
        worker = _Worker(
            configs, received or datetime.now(UTC), sink, triage if (engine, workers) == ("local", 1) else None
        )
        resumed = part.rows
        rows = islice(read_rows(source, columns), resumed, None)
        with ENGINES[engine](worker, _chunks(rows), workers) as results:
            for lines, errors in results:
                part.write(lines, errors=errors)
                progress(part.rows, part.errors)
        path = part.finished()
        try:
            sink.finish(path, out)
        except OSError as error:
            raise OutputError(f"{out}: cannot be written ({error.strerror}); the rows are kept in {path}") from error
        return Report(rows=part.rows, errors=part.errors, resumed=resumed)


def _task(source: Path, columns: Columns, triage: Triage, received: datetime | None) -> dict[str, object]:
    stat = source.stat()
    return {
        "source": str(source.resolve()),
        "size": stat.st_size,
        "changed": stat.st_mtime_ns,
        "columns": [columns.text, columns.id, columns.channel, columns.received],
        "received": received.isoformat() if received else None,
        "versions": list(triage.versions),
    }


def _chunks(rows: Iterator[Row]) -> Iterator[list[Row]]:
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


Lines = tuple[list[bytes], int]


class _Worker:
    """Decides chunks of rows. A forked process inherits what is loaded; where it must travel, it loads again there."""

    def __init__(self, configs: Path | None, received: datetime, sink: Sink, triage: Triage | None) -> None:
        self._configs, self._received, self._sink, self._triage = configs, received, sink, triage

    def __reduce__(self) -> tuple[type[_Worker], tuple[Path | None, datetime, Sink, None]]:
        return _Worker, (self._configs, self._received, self._sink, None)

    def __call__(self, rows: list[Row]) -> Lines:
        if self._triage is None:
            self._triage = load(configs=self._configs)
        outcomes = [(row.id, self._decided(row, self._triage)) for row in rows]
        errors = sum(isinstance(outcome, str) for _, outcome in outcomes)
        return [self._sink.line(row_id, outcome) for row_id, outcome in outcomes], errors

    def _decided(self, row: Row, triage: Triage) -> Decision | str:
        if row.error is not None:
            return row.error
        try:
            received = row.received or self._received
            return triage.predict(row.text, id=row.id, channel=row.channel, received=received)
        except TriageError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - one row that trips a defect must not cost the others
            return f"internal error: {type(error).__name__}: {error}"
