"""Rows of a history as a stream, wherever they lie: files, a folder of the datasets library, or a database."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.batch.readers import READERS, Cells, read_cells
from triage.errors import ColumnError, InputError

__all__ = ["columns_of", "is_url", "stream"]

ROWS_AT_ONCE = 1_000


def is_url(source: str) -> bool:
    """Return whether a source is the URL of a database, such as ``postgresql://…`` or ``sqlite:///file.db``."""
    return re.match(r"[a-z][a-z0-9+]*://", source) is not None


def stream(
    source: str, *, needed: Sequence[str] = (), wanted: Sequence[str] | None = None, query: str | None = None
) -> Iterator[Cells]:
    """Yield the rows of a source in their order; a row that cannot be read carries its error.

    Args:
        source: a file, a folder that ``datasets`` saved, or the URL of a database (SQLAlchemy's form).
        needed: columns without which the source is refused.
        wanted: columns that matter, where others can be left unread.
        query: what to ask the database.

    Raises:
        InputError: there is no such source, or it cannot be read at all.
        ColumnError: it lacks a needed column.
    """
    if is_url(source):
        yield from _database(source, query, needed)
        return
    path = Path(source)
    if path.is_dir():
        yield from _dataset(path, needed)
    elif not path.exists():
        raise InputError(f"{path}: no such file; legal: {', '.join(READERS)}, a datasets folder, or a database's URL")
    else:
        try:
            yield from _judged(read_cells(path, needed=needed, wanted=wanted), needed)
        except (UnicodeError, EOFError) as error:
            raise InputError(f"{path}: cut or in another encoding ({error}); legal: a whole file") from None
        except Exception as error:
            # Columnar readers have a tree of errors of their own; what breaks in the middle of a file is its fault.
            if type(error).__module__.split(".")[0] in {"pyarrow", "zipfile", "xml", "zlib"}:
                said = " ".join(str(error).split())
                raise InputError(f"{path}: cut or damaged ({said[:80]}); legal: a whole file") from None
            raise


def columns_of(source: str, *, query: str | None = None) -> list[str]:
    """Return the names of a source's columns: of its first row that can be read."""
    for cells in stream(source, query=query):
        if cells.error is None:
            return [str(name) for name in cells.cells]
    raise InputError(f"{source}: no row can be read; legal: a header and rows")


def _judged(rows: Iterator[Cells], needed: Sequence[str]) -> Iterator[Cells]:
    """Say of each row which column it lacks: objects of JSON lines each have their own."""
    for row in rows:
        lacks = [name for name in needed if name not in row.cells] if row.error is None else []
        yield Cells(row.number, error=f"no field {lacks[0]!r}") if lacks else row


def _dataset(path: Path, needed: Sequence[str]) -> Iterator[Cells]:
    from datasets import DatasetDict, load_from_disk  # noqa: PLC0415 - slow to import

    try:
        found = load_from_disk(str(path))
    except (FileNotFoundError, ValueError, OSError) as error:
        said = " ".join(str(error).split())
        raise InputError(f"{path}: not a folder that `datasets` saved ({said[:80]}); legal: save_to_disk") from None
    parts = list(found.values()) if isinstance(found, DatasetDict) else [found]
    number = 0
    for part in parts:
        _need(needed, part.column_names, str(path))
        for cells in part:
            number += 1
            yield Cells(number, cells)


def _database(url: str, query: str | None, needed: Sequence[str]) -> Iterator[Cells]:
    import sqlalchemy  # noqa: PLC0415 - slow to import

    shown = re.sub(r"//[^/@]*@", "//…@", url)
    if query is None:
        raise InputError(f"{shown}: no query; legal: --query 'SELECT …', or `query` in the mapping")
    try:
        engine = sqlalchemy.create_engine(url)
        with engine.connect().execution_options(stream_results=True, yield_per=ROWS_AT_ONCE) as connection:
            rows = connection.execute(sqlalchemy.text(query))
            _need(needed, list(rows.keys()), shown)
            for number, row in enumerate(rows.mappings(), start=1):
                cells: Mapping[str, Any] = dict(row)
                yield Cells(number, cells)
        engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        said = " ".join(str(getattr(error, "orig", None) or error).split())
        raise InputError(f"{shown}: the query failed ({said[:120]}); legal: a query that this database runs") from None


def _need(needed: Sequence[str], found: Sequence[str], where: str) -> None:
    for name in needed:
        if name not in found:
            raise ColumnError(name, file=where, found=list(found))
