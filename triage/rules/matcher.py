"""Finds every word and expression of a rule set: Aho-Corasick for words, RE2 for expressions."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import re2
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

from triage.rules.literals import needed

__all__ = ["PATTERN", "Matcher", "Occurrences", "compiled"]

PATTERN = "\0"
"""Begins the key of an expression."""

Span = tuple[int, int]
Occurrences = dict[str, list[Span]]
"""Where each atom occurs: ``[start, end)`` in characters, in order of their ends."""


_OPTIONS = re2.Options()
_OPTIONS.log_errors = False


@lru_cache(maxsize=16_384)
def compiled(pattern: str) -> Any:  # noqa: ANN401 - re2 has no types
    """Return an expression ready for use.

    Raises:
        re2.error: it is no RE2 expression.
    """
    return re2.compile(pattern, _OPTIONS)


class Matcher:
    """Searches one text for many atoms at once.

    A word is its own key; an expression's key begins with a NUL, so the two never meet. Both searches take time linear
    in the text (RE2 never backtracks), so no pattern can hang. An expression is tried only where the text holds the
    literal strings that it needs; they are found in the same pass as the words.
    """

    def __init__(self, words: Iterable[str], patterns: Iterable[str]) -> None:
        self._wanted = frozenset(words)
        self._keys = [self.key(pattern) for pattern in sorted(set(patterns))]
        self._always: list[int] = []
        self._full: list[int] = []
        by_literal: dict[str, dict[int, int]] = {}
        for place, key in enumerate(self._keys):
            sets = needed(key.removeprefix(PATTERN))
            self._full.append((1 << len(sets)) - 1)
            if not sets:
                self._always.append(place)
            for bit, strings in enumerate(sets):
                for string in strings:
                    asking = by_literal.setdefault(string, {})
                    asking[place] = asking.get(place, 0) | 1 << bit
        self._words = sorted(self._wanted | by_literal.keys())
        # Most words are asked for by no expression.
        self._asking = [tuple(by_literal[word].items()) if word in by_literal else () for word in self._words]
        self._automaton = (
            AhoCorasick(self._words, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
            if self._words
            else None
        )

    @staticmethod
    def key(pattern: str) -> str:
        """Return the key under which the hits of an expression are found."""
        return f"{PATTERN}{pattern}"

    def find(self, text: str) -> Occurrences:
        """Return the spans of every atom that occurs in ``text``, overlapping ones too."""
        found: Occurrences = {}
        seen: set[int] = set()
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
                seen.add(index)
                word = self._words[index]
                if word in self._wanted:
                    found.setdefault(word, []).append((start, end))
        for place in self._promising(seen):
            key = self._keys[place]
            spans = [match.span() for match in compiled(key.removeprefix(PATTERN)).finditer(text)]
            if spans:
                found[key] = spans
        return found

    def _promising(self, seen: Iterable[int]) -> list[int]:
        """Return the expressions of whose every set of literals one was seen."""
        got: dict[int, int] = dict.fromkeys(self._always, 0)
        for index in seen:
            for place, bits in self._asking[index]:
                got[place] = got.get(place, 0) | bits
        full = self._full
        return [place for place, bits in got.items() if bits == full[place]]
