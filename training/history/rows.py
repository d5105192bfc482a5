"""A row of a history as training may see it: personal data hidden, the text in normal form, labels cleaned."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from triage.batch.readers import Cells
from triage.config import Config
from triage.errors import InputError
from triage.pipeline import Request
from triage.pipeline.reading import Reader
from triage.training.history.mapping import MULTIPLE, SENTIMENT, ColumnMap, FacetColumn
from triage.training.history.sources import stream

__all__ = ["HistoryReader", "HistoryRow", "moment"]

LONGEST = 4_000
"""Characters of a normalised text that count."""
SEPARATORS = r"[;；,，、|]"
POLARITY = {"negative": -0.6, "neutral": 0.0, "positive": 0.6, "负面": -0.6, "中性": 0.0, "正面": 0.6}


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One row.

    Attributes:
        number: in its source, from 1.
        text: as the model will read it: personal data hidden, in normal form.
        labels: by facet; empty where the row says nothing. A row's departments stand there too.
        sentiment: in [-1, 1], or None.
        time: seconds since 1970, or None.
        story: the name of its story, or None.
        personal: the kinds of the personal data that were hidden.
        error: why the row cannot be used; everything else is then empty.
    """

    number: int
    text: str = ""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sentiment: float | None = None
    time: float | None = None
    story: str | None = None
    personal: tuple[str, ...] = ()
    error: str | None = None


class HistoryReader:
    """Reads histories.

    Args:
        config: its redaction and normal form are those of the library.
        columns: which column is what.
    """

    def __init__(self, config: Config, columns: ColumnMap) -> None:
        self._reader = Reader(config)
        self._columns = columns
        self._moods = _moods(config)

    def read(self, sources: Sequence[str]) -> Iterator[HistoryRow]:
        """Yield the rows of all sources, one after the other, numbered through.

        Raises:
            InputError: a source cannot be read at all.
            ColumnError: a source lacks a column of the mapping.
        """
        number = 0
        for source in sources:
            needed, query = self._columns.needed, self._columns.query
            for cells in stream(source, needed=needed, wanted=needed, query=query):
                number += 1
                yield self.row(Cells(number, cells.cells, cells.error))

    def row(self, row: Cells) -> HistoryRow:
        """Return the row of these cells; what is wrong with it stands in its ``error``."""
        if row.error is not None:
            return HistoryRow(number=row.number, error=row.error)
        try:
            text = row.cells[self._columns.text]
            reading = self._reader.read(Request(text="" if text is None else _whole(str(text))))
            facets = {name: spec for name, spec in self._columns.facets.items() if name != SENTIMENT}
            return HistoryRow(
                number=row.number,
                text=reading.whole.text[:LONGEST],
                labels={name: _labels(row.cells, name, spec) for name, spec in facets.items()},
                sentiment=self._sentiment(row.cells),
                time=self._time(row.cells),
                story=_cell(row.cells, self._columns.story) if self._columns.story else None,
                personal=tuple(item.entity_type for item in reading.redacted.items),
            )
        except InputError as error:
            return HistoryRow(number=row.number, error=str(error))

    def _time(self, cells: Mapping[str, Any]) -> float | None:
        return moment(cells.get(self._columns.time)) if self._columns.time else None

    def _sentiment(self, cells: Mapping[str, Any]) -> float | None:
        spec = self._columns.facets.get(SENTIMENT)
        said = _cell(cells, spec.column[0]) if spec else None
        if said is None:
            return None
        try:
            score = float(said)
        except ValueError:
            score = self._moods.get(said.lower(), math.nan)
        if not -1 <= score <= 1:
            raise InputError(f"sentiment is {said!r}; legal: -1 to 1, or {', '.join(self._moods)}", field=SENTIMENT)
        return score


def moment(value: object) -> float | None:
    """Return a time as seconds since 1970; None for an empty cell. A time without offset is taken as UTC.

    Raises:
        InputError: the value is no time.
    """
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        told = re.sub(r"[年月/.](?=\d{1,2}(\D|$))", "-", str(value).strip()).replace("日", " ").strip()
        told = re.sub(r"(?<=-)(\d)(?=\D|$)", r"0\1", told)
        told = re.sub(r"(?<=[ T])(\d)(?=:)", r"0\1", re.sub(r"\s+", " ", told))
        try:
            value = datetime.fromisoformat(told)
        except ValueError:
            raise InputError(f"time is {value!r}; legal: 2026-11-24 09:00, 2026/11/24, 2026年11月24日") from None
    return (value if value.tzinfo else value.replace(tzinfo=UTC)).timestamp()


def cleaned(label: str) -> str:
    """Return a label in one width, without spaces at its ends or twice in a row."""
    return " ".join(unicodedata.normalize("NFKC", _whole(label)).split())


def _labels(cells: Mapping[str, Any], facet: str, spec: FacetColumn) -> tuple[str, ...]:
    if facet in MULTIPLE:
        value = cells.get(spec.column[0])
        if isinstance(value, (list, tuple)):
            parts = [str(part) for part in value]
        else:
            told = _cell(cells, spec.column[0]) or ""
            parts = told.split(spec.separator) if spec.separator else re.split(SEPARATORS, told)
        return tuple(dict.fromkeys(name for name in map(cleaned, parts) if name))
    path = [name for name in (cleaned(_cell(cells, column) or "") for column in spec.column) if name]
    return ("/".join(path),) if path else ()


def _cell(cells: Mapping[str, Any], column: str) -> str | None:
    value = cells.get(column)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, float) and value.is_integer():
        # A spreadsheet's whole numbers come as 3.0.
        value = int(value)
    return str(value).strip() or None


def _whole(value: str) -> str:
    """Return a text with bytes that were not UTF-8 read as GB18030, as exports mix them.

    Raises:
        InputError: it is neither.
    """
    if not any("\udc80" <= char <= "\udcff" for char in value):
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode("gb18030")
    except UnicodeDecodeError:
        raise InputError("a cell is neither UTF-8 nor GB18030") from None


def _moods(config: Config) -> dict[str, float]:
    """Return the middle of each band by its id and its name."""
    bands = config.taxonomy.sentiment
    ends = [*(band.from_ for band in bands[1:]), 1.0]
    middles = {
        key: (band.from_ + end) / 2 for band, end in zip(bands, ends, strict=True) for key in (band.id, band.name)
    }
    return POLARITY | middles
