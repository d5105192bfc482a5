"""Terms of the field that speech recognition wrote down wrongly: found by sound, written as they should be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from ahocorasick_rs import AhoCorasick, MatchKind
from pypinyin.pinyin_dict import pinyin_dict

from triage.text.schema import SpeechSpec

__all__ = ["Homophones"]

_SOUNDLESS = "\0"
_PRIVATE = 0xE000


class Homophones:
    """Finds stretches that sound like a term, by Hanyu Pinyin without tones, and are no word of their own.

    A character has its commonest reading. Where two terms overlap, the first and longest counts.
    """

    def __init__(self, spec: SpeechSpec) -> None:
        self._keep = frozenset(spec.keep)
        self._longest = max((len(word) for word in spec.keep), default=0)
        sounds = ["".join(map(_sound, term)) for term in spec.terms]
        self._terms = spec.terms
        self._search = AhoCorasick(sounds, matchkind=MatchKind.LeftmostLongest) if sounds else None

    def find(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield ``start, end, term`` for each stretch of ``text`` that sounds like a term, from left to right."""
        if self._search is None:
            return
        sound = "".join(_sound(char) for char in text)
        for index, start, end in self._search.find_matches_as_indexes(sound):
            term = self._terms[index]
            if text[start:end] != term and not self._is_word(text, start, end):
                yield start, end, term

    def _is_word(self, text: str, start: int, end: int) -> bool:
        """Tell whether a word that must be kept reaches into ``[start, end)``."""
        first = max(0, start - self._longest + 1)
        return any(
            text[left:right] in self._keep
            for left in range(first, end)
            for right in range(max(left, start) + 1, min(left + self._longest, len(text)) + 1)
        )


@lru_cache(maxsize=8192)
def _sound(char: str) -> str:
    """Return the sound of a character as one private character, or a mark for none."""
    told = pinyin_dict.get(ord(char))
    return _private(_plain(told.split(",")[0])) if told else _SOUNDLESS


def _plain(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading.lower().replace("ü", "v"))
    return "".join(letter for letter in letters if "a" <= letter <= "z")


_codes: dict[str, str] = {}


def _private(syllable: str) -> str:
    return _codes.setdefault(syllable, chr(_PRIVATE + len(_codes)))
