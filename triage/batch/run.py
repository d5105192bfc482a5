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
from triage.pipeline import Request, Triage, load
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
    model: Path | None = None,
    configs: Path | None = None,
    rules_only: bool = False,
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
        model: a trained model's folder; the embedded one by default.
        configs: a folder of configuration over the default one.
        rules_only: judge by rules alone.
        engine: ``local``, or ``ray`` for the actors of a Ray cluster.
        workers: processes; 1 works in this process, when the engine is local.
        received: when the rows were received that do not say so; the time of the call by default.
        progress: called with rows and errors so far after each chunk.

    Raises:
        InputError: the input cannot be read.
        OutputError: the output cannot be written; whole rows are kept and the same call goes on from there.
        ConfigError: the configuration is not legal.
        ModelError: the model cannot be used.
    """
    columns = columns or Columns()
    if not source.is_file():
        raise InputError(f"{source}: no such file")
    if out.exists() and out.samefile(source):
        raise OutputError(f"{out}: is the input; name another output")
    sink = sink_for(out)
    # A process of many has one thread: no pool of threads, which a fork would lose, and no fight for processors.
    how = _How(model, configs, rules_only, None if (engine, workers) == ("local", 1) else 1)
    triage = how.load()
    with Part(out, header=sink.header, task=_task(source, columns, triage, received)) as part:
        worker = _Worker(how, received or datetime.now(UTC), sink, triage)
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


@dataclass(frozen=True, slots=True)
class _How:
    """How to load a triage, in this process or in another."""

    model: Path | None
    configs: Path | None
    rules_only: bool
    threads: int | None

    def load(self) -> Triage:
        return load(self.model, configs=self.configs, rules_only=self.rules_only, threads=self.threads)


class _Worker:
    """Decides chunks of rows. A forked process inherits what is loaded; where it must travel, it loads again there."""

    def __init__(self, how: _How, received: datetime, sink: Sink, triage: Triage | None) -> None:
        self._how, self._received, self._sink, self._triage = how, received, sink, triage

    def __reduce__(self) -> tuple[type[_Worker], tuple[_How, datetime, Sink, None]]:
        return _Worker, (self._how, self._received, self._sink, None)

    def __call__(self, rows: list[Row]) -> Lines:
        if self._triage is None:
            self._triage = self._how.load()
        outcomes = self._decided(rows, self._triage)
        errors = sum(isinstance(outcome, str) for outcome in outcomes)
        return [self._sink.line(row.id, outcome) for row, outcome in zip(rows, outcomes, strict=True)], errors

    def _decided(self, rows: list[Row], triage: Triage) -> list[Decision | str]:
        asked = {place: self._request(row) for place, row in enumerate(rows) if row.error is None}
        try:
            decided = dict(zip(asked, triage.decide(list(asked.values())), strict=True))
        except Exception:  # noqa: BLE001 - one row that trips a defect must not cost the others
            decided = {place: _alone(request, triage) for place, request in asked.items()}
        outcomes: list[Decision | str] = []
        for place, row in enumerate(rows):
            outcome = decided.get(place)
            outcomes.append(
                outcome if isinstance(outcome, Decision) else str(row.error if outcome is None else outcome)
            )
        return outcomes

    def _request(self, row: Row) -> Request:
        return Request(text=row.text, id=row.id, channel=row.channel, received=row.received or self._received)


def _alone(request: Request, triage: Triage) -> Decision | TriageError:
    try:
        return triage.decide([request])[0]
    except Exception as error:  # noqa: BLE001 - becomes the error of its row
        return TriageError(f"internal error: {type(error).__name__}: {error}")
