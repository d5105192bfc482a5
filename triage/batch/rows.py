"""One row of an input, whatever file it came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from triage.errors import InputError

__all__ = ["Columns", "Row", "row_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Which columns hold what. ``channel`` and ``received`` are used when they are there."""

    text: str = "text"
    id: str = "id"
    channel: str = "channel"
    received: str = "received"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A complaint to decide, or, where ``error`` is set, a row that could not be read.

    Attributes:
        number: the row's number, from 1, headers not counted.
        id: the caller's id; the number where there is none.
        text: the complaint.
        channel: the label of the facet, if a column gives it.
        received: when it was received, if a column says so.
        error: what is wrong with the row.
    """

    number: int
    id: str
    text: str = ""
    channel: str | None = None
    received: datetime | None = None
    error: str | None = None


def row_of(number: int, cells: Mapping[str, Any], columns: Columns) -> Row:
    """Return the row of these cells; what is wrong with it stands in its ``error``."""
    raw_id = cells.get(columns.id)
    row_id = str(number) if raw_id in (None, "") else str(raw_id)
    try:
        return Row(
            number=number,
            id=row_id,
            text=_text(cells, columns.text),
            channel=_optional(cells, columns.channel),
            received=_received(cells, columns.received),
        )
    except InputError as error:
        return Row(number=number, id=row_id, error=str(error))


def _text(cells: Mapping[str, Any], column: str) -> str:
    if column not in cells:
        raise InputError(f"no field {column!r}; the fields are: {', '.join(map(str, cells)) or 'none'}", field=column)
    value = cells[column]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        value = str(value)
    if value is None:
        value = ""
    if not isinstance(value, str):
        raise InputError(f"the field {column!r} is {type(value).__name__}; legal: text", field=column)
    return _recovered(value)


def _recovered(value: str) -> str:
    """Return ``value`` with bytes that were not UTF-8 read as GB18030, as desks' exports mix them."""
    if not any("\udc80" <= char <= "\udcff" for char in value):
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode("gb18030")
    except UnicodeDecodeError as error:
        raise InputError("the text is neither UTF-8 nor GB18030", field="text") from error


def _optional(cells: Mapping[str, Any], column: str) -> str | None:
    value = cells.get(column)
    return None if value in (None, "") else str(value)


def _received(cells: Mapping[str, Any], column: str) -> datetime | None:
    value = cells.get(column)
    if value in (None, "") or isinstance(value, datetime):
        return value or None
    try:
        return datetime.fromisoformat(str(value))
    except ValueError as error:
        raise InputError(
            f"{column} is {value!r}; legal: ISO 8601 such as 2026-11-24T09:00:00+08:00", field=column
        ) from error
