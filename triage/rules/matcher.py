"""Finds every word and expression of a rule set in one pass: Aho-Corasick for words, RE2 for expressions."""

from __future__ import annotations

from collections.abc import Iterable

import re2
from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

__all__ = ["PATTERN", "Matcher", "Occurrences"]

PATTERN = "\0"
"""Begins the key of an expression."""

Span = tuple[int, int]
Occurrences = dict[str, list[Span]]
"""Where each atom occurs: ``[start, end)`` in characters, in order of their ends."""


class Matcher:
    """Searches one text for many atoms at once.

    A word is its own key; an expression's key begins with a NUL, so the two never meet. Both searches take time linear
    in the text (RE2 never backtracks), so no pattern can hang.
    """

    def __init__(self, words: Iterable[str], patterns: Iterable[str]) -> None:
        self._words = sorted(set(words))
        self._automaton = (
            AhoCorasick(self._words, matchkind=MatchKind.Standard, implementation=Implementation.ContiguousNFA)
            if self._words
            else None
        )
        self._keys = [self.key(pattern) for pattern in sorted(set(patterns))]
        self._patterns = [re2.compile(key.removeprefix(PATTERN)) for key in self._keys]
        # Names the expressions that may match, by the literal strings that they need.
        self._promising = re2.Filter()
        for pattern in self._patterns:
            self._promising.Add(pattern.pattern)
        if self._patterns:
            self._promising.Compile()

    @staticmethod
    def key(pattern: str) -> str:
        """Return the key under which the hits of an expression are found."""
        return f"{PATTERN}{pattern}"

    def find(self, text: str) -> Occurrences:
        """Return the spans of every atom that occurs in ``text``, overlapping ones too."""
        found: Occurrences = {}
        if self._automaton is not None:
            for index, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
                found.setdefault(self._words[index], []).append((start, end))
        if self._patterns:
            for index in self._promising.Match(text, potential=True) or ():
                spans = [match.span() for match in self._patterns[index].finditer(text)]
                if spans:
                    found[self._keys[index]] = spans
        return found
