"""Reads CSV, JSON lines, Parquet and XLSX row by row; memory does not grow with the file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from triage.batch.rows import Columns, Row, row_of
from triage.errors import ColumnError, InputError

__all__ = ["READERS", "Cells", "read_cells", "read_rows"]

_SAMPLE = 1 << 20
_LONGEST_LINE = 32 << 20
_LONGEST_FIELD = 8 << 20


@dataclass(frozen=True, slots=True)
class Cells:
    """One row as it stands in a file: its number from 1, headers not counted, and its cells or what is wrong."""

    number: int
    cells: Mapping[str, Any] = field(default_factory=dict)
    error: str | None = None


def read_rows(path: Path, columns: Columns) -> Iterator[Row]:
    """Yield every row of ``path``, in order; a row that cannot be read comes with its ``error``.

    Raises:
        InputError: the file's ending is unknown, or the file cannot be read at all.
        ColumnError: the table has no column of texts.
    """
    wanted = (columns.text, columns.id, columns.channel, columns.received)
    for row in read_cells(path, needed=(columns.text,), wanted=wanted):
        if row.error is not None:
            yield Row(number=row.number, id=str(row.number), error=row.error)
        else:
            yield row_of(row.number, row.cells, columns)


def read_cells(path: Path, *, needed: Sequence[str] = (), wanted: Sequence[str] | None = None) -> Iterator[Cells]:
    """Yield the cells of every row of ``path``, in order.

    Args:
        path: CSV, TSV, JSON lines, Parquet or XLSX, by its ending.
        needed: columns without which a table is refused; a JSON object is judged row by row by its reader.
        wanted: columns that matter, where a format can leave the others unread; all by default.

    Raises:
        InputError: the file's ending is unknown, or the file cannot be read at all.
        ColumnError: the table lacks a needed column.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: the ending {path.suffix!r} is unknown; legal: {', '.join(READERS)}")
    try:
        yield from reader(path, needed, wanted)
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror or error})") from error


def _csv(path: Path, needed: Sequence[str], wanted: Sequence[str] | None, *, delimiter: str = ",") -> Iterator[Cells]:
    csv.field_size_limit(_LONGEST_FIELD)
    with path.open("rb") as raw:
        encoding = _encoding(raw, path)
        lines = io.TextIOWrapper(raw, encoding=encoding, errors="surrogateescape", newline="")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header = [name.strip() for name in next(reader, [])]
        _need(needed, header, path)
        number = 0
        while True:
            first = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error as error:
                number += 1
                where = f"line {first}" if reader.line_num <= first else f"lines {first} to {reader.line_num}"
                yield Cells(number, error=f"{where}: not CSV ({error}); look for a lost quote")
                continue
            if cells is None:
                return
            if not cells:
                continue
            number += 1
            if len(cells) > len(header):
                said = f"the row has {len(cells)} cells, the header {len(header)}; quote cells that hold the delimiter"
                yield Cells(number, error=said)
                continue
            yield Cells(number, dict(zip(header, cells, strict=False)))


def _tsv(path: Path, needed: Sequence[str], wanted: Sequence[str] | None) -> Iterator[Cells]:
    return _csv(path, needed, wanted, delimiter="\t")


def _jsonl(path: Path, needed: Sequence[str], wanted: Sequence[str] | None) -> Iterator[Cells]:
    with path.open("rb") as raw:
        encoding = _encoding(raw, path)
        number = 0
        for line in _lines(raw):
            if line is not None and not line.strip():
                continue
            number += 1
            try:
                yield Cells(number, _object(line, encoding))
            except InputError as error:
                yield Cells(number, error=str(error))


def _object(line: bytes | None, encoding: str) -> Mapping[str, Any]:
    if line is None:
        raise InputError(f"the line is longer than {_LONGEST_LINE} bytes")
    try:
        value = json.loads(line.decode(encoding, "surrogateescape"))
    except (ValueError, RecursionError) as error:
        raise InputError(f"the line is not JSON ({' '.join(str(error).split())})") from error
    if not isinstance(value, dict):
        raise InputError(f"the line is a JSON {type(value).__name__}; legal: an object with a text")
    return value


def _lines(raw: BinaryIO) -> Iterator[bytes | None]:
    """Yield lines; None for one that is too long, of which the rest is skipped unread."""
    while line := raw.readline(_LONGEST_LINE):
        if line.endswith(b"\n") or len(line) < _LONGEST_LINE:
            yield line
            continue
        while (rest := raw.readline(_LONGEST_LINE)) and not rest.endswith(b"\n"):
            pass
        yield None


def _parquet(path: Path, needed: Sequence[str], wanted: Sequence[str] | None) -> Iterator[Cells]:
    try:
        from pyarrow import ArrowException, parquet  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise InputError(f"{path}: Parquet needs pyarrow; install it with: pip install 'triage[scale]'") from error
    try:
        file = parquet.ParquetFile(path)
    except ArrowException as error:
        raise InputError(f"{path}: not a Parquet file ({' '.join(str(error).split())})") from error
    names = file.schema_arrow.names
    _need(needed, names, path)
    read = names if wanted is None else [name for name in dict.fromkeys(wanted) if name in names]
    number = 0
    for batch in file.iter_batches(batch_size=1024, columns=read):
        for cells in batch.to_pylist():
            number += 1
            yield Cells(number, cells)


def _xlsx(path: Path, needed: Sequence[str], wanted: Sequence[str] | None) -> Iterator[Cells]:
    from zipfile import BadZipFile  # noqa: PLC0415

    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import
    from openpyxl.utils.exceptions import InvalidFileException  # noqa: PLC0415

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, BadZipFile, KeyError, ValueError) as error:
        raise InputError(f"{path}: not an XLSX file ({' '.join(str(error).split())})") from error
    try:
        rows = book.worksheets[0].iter_rows(values_only=True)
        header = ["" if name is None else str(name).strip() for name in next(rows, ())]
        _need(needed, header, path)
        number = 0
        for cells in rows:
            if all(cell is None for cell in cells):
                continue
            number += 1
            yield Cells(number, dict(zip(header, cells, strict=False)))
    finally:
        book.close()


READERS: Mapping[str, Callable[[Path, Sequence[str], Sequence[str] | None], Iterator[Cells]]] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
"""The readers, by file ending."""


def _encoding(raw: BinaryIO, path: Path) -> str:
    """Return how the bytes of a file are to be read: UTF-8, UTF-16 with its mark, or GB18030."""
    sample = raw.read(_SAMPLE)
    raw.seek(0)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if sample.startswith(b"\xef\xbb\xbf"):
        raw.seek(3)
        return "utf-8"
    for encoding in ("utf-8", "gb18030"):
        try:
            sample.decode(encoding)
        except UnicodeDecodeError as error:
            # A sample may end in the middle of a character.
            if len(sample) == _SAMPLE and error.start >= len(sample) - 4:
                return encoding
        else:
            return encoding
    if sample.count(b"\0") > len(sample) // 10:
        raise InputError(f"{path}: not a text file; legal: UTF-8 or GB18030")
    # Mostly one of the two, with broken rows: each row is judged for itself.
    return "utf-8"


def _need(columns: Sequence[str], header: list[str], path: Path) -> None:
    for column in columns:
        if column not in header:
            raise ColumnError(column, file=str(path), found=header)
