"""Folding for matching only: every character to one character, so that positions stay.

Full-width and other compatibility forms become ASCII, digits of any script and in circles become 0-9, every dash
becomes ``-``, every space ``" "``, and traditional characters become simplified ones. Characters that show nothing
(zero-width, direction and variation marks) are left out of the :class:`View`, which keeps the map back.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import opencc

__all__ = ["MARK", "View", "fold", "fold_spelled_digits"]

Span = tuple[int, int]

MARK = "\ufffc"
"""Stands in a view for a stretch that is settled: a tag, or personal data already found."""

# Zero-width and direction marks, soft hyphen, variation selectors, the keycap frame of 1️⃣, combining strokes.
_INVISIBLE = re.compile(
    "[\u00ad\u0300-\u036f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u20e3\ufe00-\ufe0f\ufeff"
    "\U000e0000-\U000e01ef]+"
)

_SPELLED = dict(zip("零〇一二三四五六七八九幺两洞拐勾壹贰叁肆伍陆柒捌玖", "0012345678912079123456789", strict=True))
_SPELLED_TABLE = str.maketrans(_SPELLED)
_SPELLED_ANY = re.compile(f"[{''.join(_SPELLED)}]")
# Six or fewer spelled digits in a row are words (一九九零年, 三五个), not a number that someone hides.
_SPELLED_RUN = re.compile(rf"[0-9{''.join(_SPELLED)}](?:[ .\-]{{0,2}}[0-9{''.join(_SPELLED)}]){{6,}}")

# Everything that a complaint can hold and that may fold: the BMP below the surrogates without Hangul, the
# compatibility blocks, and the styled letters and digits of plane 1.
_RANGES = (
    range(0x80, 0xAC00),
    range(0xF900, 0xFB00),
    range(0xFE30, 0xFFEF),
    range(0x1D400, 0x1D800),
    range(0x1F100, 0x1F190),
    range(0x1FBF0, 0x1FBFA),
)

_HAN = (range(0x3400, 0xA000), range(0xF900, 0xFB00))


@dataclass(frozen=True, slots=True)
class View:
    """A folded text without what shows nothing, each settled stretch shrunk to one :data:`MARK`.

    Attributes:
        text: what is searched.
        starts: for each character of ``text``, the first character of the original that it stands for; None when
            both are the same, character by character.
        ends: and one past the last.
    """

    text: str
    starts: Sequence[int] | None = None
    ends: Sequence[int] | None = None

    @classmethod
    def of(cls, folded: str, settled: Iterable[Span] = ()) -> View:
        """Return the view of a folded text; ``settled`` are spans in order that do not overlap."""
        edits = [(start, end, MARK) for start, end in settled]
        hidden = [(match.start(), match.end(), "") for match in _INVISIBLE.finditer(folded)]
        if hidden and edits:
            covered = [(start, end) for start, end, _ in edits]
            edits += [edit for edit in hidden if not _inside(edit[0], covered)]
            edits.sort()
        elif hidden:
            edits = hidden
        if not edits:
            return cls(folded)
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        place = 0
        for start, end, new in edits:
            parts += (folded[place:start], new)
            starts += range(place, start)
            ends += range(place + 1, start + 1)
            if new:
                starts.append(start)
                ends.append(end)
            place = end
        parts.append(folded[place:])
        starts += range(place, len(folded))
        ends += range(place + 1, len(folded) + 1)
        return cls("".join(parts), starts, ends)

    def span(self, start: int, end: int) -> Span:
        """Return the stretch of the original that stands behind ``[start, end)`` of the view."""
        if self.starts is None or self.ends is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def fold(text: str) -> str:
    """Return ``text`` folded, with as many characters."""
    return text if text.isascii() else text.translate(_table())


def fold_spelled_digits(text: str) -> tuple[str, tuple[Span, ...]]:
    """Return ``text`` with spelled-out digits (幺三八…) of long runs as 0-9, and those runs.

    Only runs of seven digits and more, at least one of them spelled out, are touched.
    """
    runs = [
        match.span()
        for match in (_SPELLED_RUN.finditer(text) if _SPELLED_ANY.search(text) else ())
        if _SPELLED_ANY.search(match[0])
    ]
    if not runs:
        return text, ()
    parts: list[str] = []
    place = 0
    for start, end in runs:
        parts += (text[place:start], text[start:end].translate(_SPELLED_TABLE))
        place = end
    return "".join((*parts, text[place:])), tuple(runs)


def _inside(place: int, spans: Sequence[Span]) -> bool:
    low, high = 0, len(spans)
    while low < high:
        middle = (low + high) // 2
        if spans[middle][1] <= place:
            low = middle + 1
        else:
            high = middle
    return low < len(spans) and spans[low][0] <= place


class _Table(dict[int, str]):
    """What :meth:`str.translate` looks up; a character is folded when it is met first, for few ever are."""

    def __init__(self) -> None:
        super().__init__()
        self._simplify = opencc.OpenCC("t2s").convert

    def __missing__(self, code: int) -> str:
        self[code] = new = self._new(code)
        return new

    def _new(self, code: int) -> str:
        old = chr(code)
        # Half a character of a broken encoding: RE2 reads UTF-8, which cannot hold it.
        if 0xD800 <= code < 0xE000:
            return "\ufffd"
        new = _folded(old) if any(code in part for part in _RANGES) else old
        if any(code in part for part in _HAN):
            simple: str = self._simplify(new)
            if len(simple) == 1 and simple != old:
                return simple
        return new


@cache
def _table() -> _Table:
    return _Table()


def _folded(char: str) -> str:
    category = unicodedata.category(char)
    if category == "Pd" or char in "−ー":
        return "-"
    if category == "Zs":
        return " "
    if char in "・•‧∙⋅":
        return "·"
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    plain = unicodedata.normalize("NFKC", char)
    kept = plain.isascii() or plain == "¥" or category == "Lo"
    return plain if len(plain) == 1 and kept and plain.isprintable() else char
