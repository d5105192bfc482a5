"""One normal form for a complaint, with a map back to the characters that the caller sent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import opencc
from ahocorasick_rs import AhoCorasick, MatchKind

from triage.text.homophones import Homophones
from triage.text.schema import TextSpec

__all__ = ["Normalised", "Normaliser"]

_DROPPED = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"))
_KEPT_CONTROLS = frozenset("\n\t ")
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0002ebef"
_LETTER_GAP = re.compile(rf"(?<=[{_HAN}])[ \t]+(?=[a-z](?![a-z\d]))")
_SPACES = re.compile(r"[ \t]*\n\s*|[ \t]{2,}|\t")

Edit = tuple[int, int, str]


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in normal form.

    Attributes:
        original: what the caller sent.
        text: the normal form.
        starts: for each character of ``text`` the first character of ``original`` that it stands for.
        ends: and one past the last. Both rise, and ``len(starts) == len(ends) == len(text)``.
    """

    original: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the ``[start, end)`` of ``original`` that stands behind ``[start, end)`` of ``text``.

        Raises:
            ValueError: the span is empty or lies outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise ValueError(f"the span is [{start}, {end}); legal: 0 <= start < end <= {len(self.text)}")
        return self.starts[start], self.ends[end - 1]


class Normaliser:
    """Brings text to normal form.

    Folds width and compatibility forms (NFKC), case, and traditional characters (OpenCC); drops control, zero-width
    and combining characters; joins characters that were spaced or separated to slip past a filter; applies the
    tables of replacements; shortens runs of equal characters. Every step keeps the map.
    """

    def __init__(self, spec: TextSpec) -> None:
        self._spec = spec
        self._simplify = opencc.OpenCC("t2s").convert
        table = {self._folded(key): value for part in spec.replacements.values() for key, value in part.items()}
        self._keys = sorted(key for key in table if key)
        self._values = [table[key] for key in self._keys]
        self._homophones = Homophones(spec.speech)
        self._replace = AhoCorasick(self._keys, matchkind=MatchKind.LeftmostLongest) if self._keys else None
        separators = re.escape(f"{spec.separators} \t")
        self._separated = re.compile(rf"(?:[{_HAN}][{separators}]){{2,}}[{_HAN}](?![{_HAN}])")
        self._separators = re.compile(f"[{separators}]+")
        self._runs = re.compile(rf"([^\d\n])\1{{{min(spec.mark_run, spec.character_run)},}}")

    def __call__(self, text: str) -> Normalised:
        """Return the normal form of ``text``."""
        folded, starts, ends = _fold(text)
        state = _State(self._simplified(folded), starts, ends)
        state.edit(self._joins(state.text))
        state.edit([(m.start(), m.end(), "") for m in _LETTER_GAP.finditer(state.text)])
        state.edit([(m.start(), m.end(), "\n" if "\n" in m[0] else " ") for m in _SPACES.finditer(state.text)])
        state.edit(self._rewrites(state.text))
        state.edit(list(self._homophones.find(state.text)))
        state.edit(self._shortened(state.text))
        return Normalised(text, state.text, state.starts, state.ends)

    def _folded(self, text: str) -> str:
        return self._simplified(_fold(text)[0])

    def _simplified(self, text: str) -> str:
        simplified: str = self._simplify(text)
        if len(simplified) == len(text):
            return simplified
        # A phrase changed its length: go by single characters, so that the map holds.
        single = [self._simplify(char) for char in text]
        return "".join(new if len(new) == 1 else old for old, new in zip(text, single, strict=True))

    def _joins(self, text: str) -> list[Edit]:
        inner = ((m.start(), s) for m in self._separated.finditer(text) for s in self._separators.finditer(m[0]))
        return [(offset + mark.start(), offset + mark.end(), "") for offset, mark in inner]

    def _rewrites(self, text: str) -> list[Edit]:
        if self._replace is None:
            return []
        return [(start, end, self._values[index]) for index, start, end in self._replace.find_matches_as_indexes(text)]

    def _shortened(self, text: str) -> list[Edit]:
        edits = []
        for match in self._runs.finditer(text):
            keep = self._spec.character_run if match[1].isalnum() else self._spec.mark_run
            if match.end() - match.start() > keep:
                edits.append((match.start(), match.end(), match[1] * keep))
        return edits


class _State:
    """A text under edit, with its map."""

    def __init__(self, text: str, starts: Sequence[int], ends: Sequence[int]) -> None:
        self.text, self.starts, self.ends = text, starts, ends

    def edit(self, edits: list[Edit]) -> None:
        """Replace stretches, given from left to right; each new character stands for its whole stretch."""
        if not edits:
            return
        parts: list[str] = []
        starts: list[int] = []
        ends: list[int] = []
        position = 0
        for start, end, new in edits:
            parts += (self.text[position:start], new)
            starts += self.starts[position:start]
            ends += self.ends[position:start]
            starts += [self.starts[start]] * len(new)
            ends += [self.ends[end - 1]] * len(new)
            position = end
        self.text = "".join((*parts, self.text[position:]))
        self.starts = [*starts, *self.starts[position:]]
        self.ends = [*ends, *self.ends[position:]]


@lru_cache(maxsize=65_536)
def _fold_character(char: str) -> str:
    """Return the folded form of one character: empty when it is dropped."""
    if char in _KEPT_CONTROLS:
        return char
    if char in "\r\v\f\u0085\u2028\u2029":
        return "\n"
    if unicodedata.category(char) in _DROPPED:
        return ""
    folded = unicodedata.normalize("NFKC", char).lower()
    kept = "".join(part for part in folded if unicodedata.category(part) not in _DROPPED)
    return kept if kept.strip() else (" " if kept else "")


def _fold(text: str) -> tuple[str, Sequence[int], Sequence[int]]:
    parts = [_fold_character(char) for char in text]
    if all(len(part) == 1 for part in parts):
        return "".join(parts), range(len(text)), range(1, len(text) + 1)
    starts = [place for place, part in enumerate(parts) for _ in part]
    return "".join(parts), starts, [start + 1 for start in starts]
