"""Terms of the field that speech recognition wrote down wrongly: found by sound, written as they should be."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path

from ahocorasick_rs import AhoCorasick, MatchKind

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
    told = _readings().get(ord(char))
    return _private(_plain(told.split(",")[0])) if told else _SOUNDLESS


@cache
def _readings() -> Mapping[int, str]:
    """Return the readings of every character, the commonest first.

    The package's own door also loads its phrases, 0.3 s and 60 MB that nobody here asks for: the one module is loaded
    by its file.
    """
    package = find_spec("pypinyin")
    for folder in (package.submodule_search_locations or ()) if package else ():
        spec = spec_from_file_location("triage.text._readings", Path(folder) / "pinyin_dict.py")
        if spec is not None and spec.loader is not None and Path(folder, "pinyin_dict.py").is_file():
            module = module_from_spec(spec)
            spec.loader.exec_module(module)
            readings: Mapping[int, str] = module.pinyin_dict
            return readings
    from pypinyin.pinyin_dict import pinyin_dict  # noqa: PLC0415 - the slow way, should the package be laid out anew

    whole: Mapping[int, str] = pinyin_dict
    return whole


def _plain(reading: str) -> str:
    letters = unicodedata.normalize("NFD", reading.lower().replace("ü", "v"))
    return "".join(letter for letter in letters if "a" <= letter <= "z")


_codes: dict[str, str] = {}


def _private(syllable: str) -> str:
    return _codes.setdefault(syllable, chr(_PRIVATE + len(_codes)))
