"""Writes decisions as JSON lines, CSV, Parquet or XLSX.

While a run lasts, its rows go to ``OUT.part`` as lines that can be appended to. At the end the part becomes the
output: renamed for JSON lines and CSV, converted row by row for Parquet and XLSX.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from triage.batch.flat import COLUMNS, error_row, escaped, flat
from triage.errors import OutputError
from triage.types import Decision

__all__ = ["SINKS", "Sink", "sink_for"]

_XLSX_ROWS = 1_048_575
_XLSX_CELL = 32_767


@dataclass(frozen=True, slots=True, kw_only=True)
class Sink:
    """How one kind of file is written.

    Attributes:
        header: what the part begins with.
        line: one row of the part, from an id and a decision or an error.
        finish: turns the part into the output.
    """

    header: bytes
    line: Callable[[str, Decision | str], bytes]
    finish: Callable[[Path, Path], None]


def sink_for(path: Path) -> Sink:
    """Return the sink for an output by its ending.

    Raises:
        OutputError: the ending is unknown, or needs an extra that is not installed.
    """
    sink = SINKS.get(path.suffix.lower())
    if sink is None:
        raise OutputError(f"{path}: the ending {path.suffix!r} is unknown; legal: {', '.join(SINKS)}")
    if path.suffix.lower() == ".parquet":
        _pyarrow(path)
    return sink


def _json_line(row_id: str, outcome: Decision | str) -> bytes:
    data = {"id": row_id, "error": outcome} if isinstance(outcome, str) else outcome.to_dict()
    return (json.dumps(data, ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _cells(row_id: str, outcome: Decision | str) -> Mapping[str, str | float | None]:
    return error_row(row_id, outcome) if isinstance(outcome, str) else flat(outcome)


def _flat_line(row_id: str, outcome: Decision | str) -> bytes:
    return (json.dumps(_cells(row_id, outcome), ensure_ascii=False) + "\n").encode("utf-8", "replace")


def _csv_line(row_id: str, outcome: Decision | str) -> bytes:
    cells = _cells(row_id, outcome)
    return _csv([escaped(cells[name]) for name in COLUMNS])


def _csv(cells: list[Any]) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")


def _rename(part: Path, out: Path) -> None:
    part.replace(out)


def _flat_rows(part: Path) -> Iterator[dict[str, Any]]:
    with part.open("rb") as lines:
        for line in lines:
            yield json.loads(line)


def _to_xlsx(part: Path, out: Path) -> None:
    from openpyxl import Workbook  # noqa: PLC0415 - slow to import
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)
    sheet = book.create_sheet("triage")
    sheet.append(list(COLUMNS))
    for number, row in enumerate(_flat_rows(part), start=1):
        if number > _XLSX_ROWS:
            raise OutputError(f"{out}: XLSX holds {_XLSX_ROWS} rows at most; the rows are kept in {part}, write CSV")
        cells = (escaped(row[name]) for name in COLUMNS)
        sheet.append([ILLEGAL_CHARACTERS_RE.sub("", c)[:_XLSX_CELL] if isinstance(c, str) else c for c in cells])
    unfinished = part.with_suffix(".xlsx~")
    book.save(unfinished)
    unfinished.replace(out)
    part.unlink()


def _to_parquet(part: Path, out: Path) -> None:
    arrow, parquet = _pyarrow(out)
    numbers = {name for name in COLUMNS if name == "sentiment" or name.endswith("_confidence")}
    kinds = [(name, arrow.float64() if name in numbers else arrow.string()) for name in COLUMNS]
    schema = arrow.schema(kinds)
    unfinished = part.with_suffix(".parquet~")
    with parquet.ParquetWriter(unfinished, schema) as writer:
        rows: list[dict[str, Any]] = []
        for row in _flat_rows(part):
            rows.append(row)
            if len(rows) == 4096:
                writer.write_table(arrow.Table.from_pylist(rows, schema))
                rows.clear()
        writer.write_table(arrow.Table.from_pylist(rows, schema))
    unfinished.replace(out)
    part.unlink()


def _pyarrow(path: Path) -> tuple[Any, Any]:
    try:
        import pyarrow  # noqa: PLC0415 - an extra, and slow to import
        import pyarrow.parquet  # noqa: PLC0415
    except ImportError as error:
        raise OutputError(f"{path}: Parquet needs pyarrow; install it with: pip install 'triage[scale]'") from error
    return pyarrow, pyarrow.parquet


_JSONL = Sink(header=b"", line=_json_line, finish=_rename)
# The mark lets a spreadsheet read the file as UTF-8.
_CSV = Sink(header=b"\xef\xbb\xbf" + _csv(list(COLUMNS)), line=_csv_line, finish=_rename)

SINKS: Mapping[str, Sink] = {
    ".jsonl": _JSONL,
    ".ndjson": _JSONL,
    ".csv": _CSV,
    ".parquet": Sink(header=b"", line=_flat_line, finish=_to_parquet),
    ".xlsx": Sink(header=b"", line=_flat_line, finish=_to_xlsx),
}
"""The sinks, by file ending."""
