"""A history on disk as numbers: token ids in one file that is mapped into memory, labels and sketches in small arrays.

Rows stream through; what stays in memory for each is its labels, its time and its sketch.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.errors import OutputError
from triage.model.tokens import Tokens
from triage.training.history.migrate import Migrator
from triage.training.history.rows import HistoryRow
from triage.training.history.stories import PERMUTATIONS, Sketches, digest, sketch

__all__ = ["Collected", "Texts", "collect"]

ROWS_AT_ONCE = 256
IDS, WINDOWS, FIRSTS = "ids.bin", "windows.npy", "firsts.npy"


@dataclass(slots=True)
class Collected:
    """What is known of the rows of a history, beside their tokens.

    Attributes:
        labels: by facet the row's labels as places in ``names``; empty where it has none.
        names: by facet the labels as the history spells them, in the order of their first row.
        sentiment: ``[rows]``, float32, NaN where there is none.
        time: ``[rows]``, seconds since 1970, NaN where there is none.
        stories: by row, the name of its story.
        digests: ``[rows]``, equal for equal texts.
        sketches: ``[rows, PERMUTATIONS]``.
        numbers: of the rows in their sources, from 1.
        read: rows of the sources.
        errors: what was wrong with rows that were left out, with their number.
        personal: kinds of personal data that were hidden, with how often.
    """

    labels: dict[str, list[tuple[int, ...]]] = field(default_factory=dict)
    names: dict[str, dict[str, int]] = field(default_factory=dict)
    sentiment: NDArray[np.float32] = field(default_factory=lambda: np.empty(0, np.float32))
    time: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    stories: dict[int, str] = field(default_factory=dict)
    digests: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    sketches: Sketches = field(default_factory=lambda: np.empty((0, PERMUTATIONS), np.uint32))
    numbers: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    read: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    personal: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        """How many rows can be used."""
        return len(self.digests)

    def counts(self, facet: str) -> Counter[str]:
        """Return how many rows have each label of a facet."""
        names = list(self.names[facet])
        counted = Counter(place for row in self.labels[facet] for place in row)
        return Counter({names[place]: count for place, count in counted.items()})


def collect(
    rows: Iterable[HistoryRow],
    *,
    facets: Sequence[str],
    tokens: Tokens | None = None,
    folder: Path | None = None,
    migrator: Migrator | None = None,
    progress: Callable[[int], None] | None = None,
) -> Collected:
    """Read all rows; with ``tokens`` and ``folder`` keep their token ids there.

    Raises:
        OutputError: the folder cannot be written.
    """
    found = Collected(labels={facet: [] for facet in facets}, names={facet: {} for facet in facets})
    kept: dict[str, list[Any]] = {"sentiment": [], "time": [], "digests": [], "sketches": [], "numbers": []}
    writer = _Writer(folder, tokens) if folder is not None and tokens is not None else None
    migrate = migrator or Migrator()
    try:
        for group in _batched(rows):
            good = [row for row in group if row.error is None]
            found.read += len(group)
            found.errors.update(_kind(row.error) for row in group if row.error is not None)
            for row in good:
                if row.story is not None:
                    found.stories[len(kept["time"])] = row.story
                found.personal.update(row.personal)
                for facet in facets:
                    names = found.names[facet]
                    own = migrate(facet, row.labels.get(facet, ()))
                    found.labels[facet].append(tuple(names.setdefault(label, len(names)) for label in own))
                kept["sentiment"].append(np.nan if row.sentiment is None else row.sentiment)
                kept["time"].append(np.nan if row.time is None else row.time)
                kept["digests"].append(digest(row.text))
                kept["sketches"].append(sketch(row.text))
                kept["numbers"].append(row.number)
            if writer is not None and good:
                writer.add([row.text for row in good])
            if progress is not None:
                progress(found.read)
        if writer is not None:
            writer.close()
    except OSError as error:
        if error.errno is None or folder is None:
            raise
        raise OutputError(f"{folder}: cannot be written ({error.strerror}); legal: a disk with room") from None
    finally:
        if writer is not None:
            writer.shut()
    found.sentiment = np.array(kept["sentiment"], np.float32)
    found.time = np.array(kept["time"], np.float64)
    found.digests = np.array(kept["digests"], np.int64)
    found.numbers = np.array(kept["numbers"], np.int64)
    if kept["sketches"]:
        found.sketches = np.stack(kept["sketches"])
    return found


class Texts:
    """The token ids of a history, mapped from disk.

    Args:
        folder: that :func:`collect` wrote.
    """

    def __init__(self, folder: Path) -> None:
        self._ids = np.memmap(folder / IDS, np.int32, "r")
        self._ends = np.load(folder / WINDOWS)
        self._firsts = np.load(folder / FIRSTS)
        ends = np.concatenate(([0], self._ends))
        starts = ends[self._firsts]
        self.sizes: NDArray[np.int64] = np.diff(starts)
        """Tokens of each row, ``[rows]``."""

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self._firsts) - 1

    def __getitem__(self, row: int) -> tuple[tuple[int, ...], ...]:
        """Return the windows of a row, with the special tokens."""
        found = []
        for window in range(self._firsts[row], self._firsts[row + 1]):
            start = self._ends[window - 1] if window else 0
            found.append(tuple(self._ids[start : self._ends[window]].tolist()))
        return tuple(found)


class _Writer:
    """Writes token ids as they come, and where windows and rows end."""

    def __init__(self, folder: Path, tokens: Tokens) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._tokens = folder, tokens
        self._file = (folder / IDS).open("wb")
        self._ends: list[int] = []
        self._firsts = [0]
        self._written = 0

    def add(self, texts: Sequence[str]) -> None:
        for windows in self._tokens(texts):
            for window in windows:
                self._file.write(np.array(window.ids, np.int32).tobytes())
                self._written += len(window.ids)
                self._ends.append(self._written)
            self._firsts.append(len(self._ends))

    def shut(self) -> None:
        self._file.close()

    def close(self) -> None:
        self.shut()
        np.save(self._folder / WINDOWS, np.array(self._ends, np.int64))
        np.save(self._folder / FIRSTS, np.array(self._firsts, np.int64))


def _batched(rows: Iterable[HistoryRow]) -> Iterable[tuple[HistoryRow, ...]]:
    group: list[HistoryRow] = []
    for row in rows:
        group.append(row)
        if len(group) == ROWS_AT_ONCE:
            yield tuple(group)
            group = []
    if group:
        yield tuple(group)


def _kind(error: str) -> str:
    """Return an error without what is particular to its row."""
    return error.split(";", maxsplit=1)[0].split("(", maxsplit=1)[0].strip()
