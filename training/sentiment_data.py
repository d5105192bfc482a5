"""Public sentiment data: the rows of a folder of ``sentiment_<set>.csv.gz`` files, and which part a text belongs to.

The same review may stand in several files (hotel reviews also stand among the shopping reviews), with other spaces
and widths. The part therefore hangs on the characters of the text alone, not on its file or place.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

from triage.errors import InputError

__all__ = ["Mood", "Part", "SentimentRow", "part", "read_sentiment"]

Mood = Literal["negative", "neutral", "positive"]
Part = Literal["train", "held"]

HELD_SHARE = 0.1
PREFIX, SUFFIX = "sentiment_", ".csv.gz"


@dataclass(frozen=True, slots=True)
class SentimentRow:
    """One text with its label; ``set`` is the name of its file between ``sentiment_`` and ``.csv.gz``."""

    set: str
    text: str
    label: Mood


def part(text: str) -> Part:
    """Return the part of a text: about one text in ten is held aside.

    The part stays the same in every process and file. Widths, cases, spaces and marks do not count, so copies of a
    text that differ in those alone fall to the same side.
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    key = "".join(char for char in folded if char.isalnum()) or folded.strip()
    digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
    return "held" if int.from_bytes(digest[:8], "big") < HELD_SHARE * 2**64 else "train"


def read_sentiment(folder: Path) -> list[SentimentRow]:
    """Return the rows of every ``sentiment_*.csv.gz`` of ``folder``, file by file in the order of their names.

    Raises:
        InputError: there is no such file, or a file is no gzip of UTF-8 text, lacks the columns ``text`` and
            ``label``, or holds an empty text or an unknown label.
    """
    files = sorted(folder.glob(f"{PREFIX}*{SUFFIX}"))
    if not files:
        raise InputError(f"{folder}: no file {PREFIX}*{SUFFIX}; legal: a folder with at least one", field="folder")
    return [row for file in files for row in _rows(file)]


def _rows(file: Path) -> Iterator[SentimentRow]:
    try:
        text = gzip.decompress(file.read_bytes()).decode("utf-8-sig")
    except (OSError, EOFError, UnicodeDecodeError, zlib.error) as error:
        raise InputError(f"{file}: {error}; legal: CSV in UTF-8, packed by gzip", field="file") from error
    reader = csv.DictReader(io.StringIO(text, newline=""))
    found = list(reader.fieldnames or ())
    if not {"text", "label"} <= set(found):
        raise InputError(f"{file}: the columns are {', '.join(found) or 'none'}; legal: text, label", field="label")
    name = file.name.removeprefix(PREFIX).removesuffix(SUFFIX)
    moods = {mood: mood for mood in get_args(Mood)}
    for number, row in enumerate(reader, 1):
        if row["label"] not in moods:
            legal = ", ".join(moods)
            raise InputError(f"{file}: label of row {number} is {row['label']!r}; legal: {legal}", field="label")
        words = (row["text"] or "").removeprefix("\ufeff").strip()
        if not words:
            raise InputError(f"{file}: text of row {number} is empty; legal: at least one character", field="text")
        yield SentimentRow(name, words, moods[row["label"]])
