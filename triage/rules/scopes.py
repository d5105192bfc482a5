"""Clauses, sentences, and the stretches of text in which a hit counts otherwise: negation, quotation and the like."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping

from triage.rules.matcher import Occurrences, Span
from triage.rules.schema import ScopesFile, ScopeSpec

__all__ = ["Layout", "ScopeFinder"]


class Layout:
    """Where the clauses and sentences of one text end."""

    def __init__(self, text: str, *, clause_marks: frozenset[str], sentence_marks: frozenset[str]) -> None:
        self.length = len(text)
        self._clauses = [i + 1 for i, char in enumerate(text) if char in clause_marks]
        self._sentences = [end for end in self._clauses if text[end - 1] in sentence_marks]

    def bounds(self, position: int, unit: str) -> Span:
        """Return ``[start, end)`` of the clause, the sentence, or the text that holds ``position``."""
        if unit == "text":
            return 0, self.length
        ends = self._clauses if unit == "clause" else self._sentences
        index = bisect_right(ends, position)
        return (ends[index - 1] if index else 0), (ends[index] if index < len(ends) else self.length)

    def together(self, one: int, other: int, unit: str) -> bool:
        """Tell whether two positions stand in the same clause, sentence, or text."""
        return unit == "text" or self.bounds(one, unit) == self.bounds(other, unit)


class ScopeFinder:
    """Finds the scopes of a text, given where the cues occur."""

    def __init__(self, spec: ScopesFile) -> None:
        self._scopes = dict(spec.scopes)
        self._sentence_marks = frozenset(spec.sentence_marks) | {"\n"}
        self._clause_marks = frozenset(spec.clause_marks) | self._sentence_marks

    @property
    def words(self) -> Iterable[str]:
        """Every word that must be searched for."""
        return (word for scope in self._scopes.values() for word in (*scope.cues, *scope.exclude))

    def layout(self, text: str) -> Layout:
        """Return where the clauses and sentences of ``text`` end."""
        return Layout(text, clause_marks=self._clause_marks, sentence_marks=self._sentence_marks)

    def find(self, text: str, layout: Layout, occurrences: Occurrences) -> Mapping[str, list[Span]]:
        """Return the stretches of each scope that occurs."""
        found = {}
        for name, scope in self._scopes.items():
            spans = [*_cued(scope, layout, occurrences), *_bracketed(scope, text)]
            if scope.first and layout.length:
                spans.append((0, min(scope.first, layout.length)))
            if scope.last and layout.length:
                spans.append((max(0, layout.length - scope.last), layout.length))
            if spans:
                found[name] = spans
        return found


def inside(spans: Iterable[Span], start: int, end: int) -> bool:
    """Tell whether ``[start, end)`` lies wholly inside one of ``spans``."""
    return any(a <= start and end <= b for a, b in spans)


def _cued(scope: ScopeSpec, layout: Layout, occurrences: Occurrences) -> Iterable[Span]:
    excluded = [span for word in scope.exclude for span in occurrences.get(word, ())]
    for cue in scope.cues:
        for start, end in occurrences.get(cue, ()):
            if inside(excluded, start, end):
                continue
            low, high = layout.bounds(start, scope.until)
            if scope.side != "before":
                yield start, min(end + scope.reach, max(high, end))
            if scope.side != "after":
                yield max(start - scope.reach, low), end


def _bracketed(scope: ScopeSpec, text: str) -> Iterable[Span]:
    for pair in scope.pairs:
        opening, closing = pair[0], pair[1]
        position = text.find(opening)
        while position != -1:
            end = text.find(closing, position + 1)
            if end == -1:
                break
            if end - position - 1 >= scope.shortest:
                yield position, end + 1
            position = text.find(opening, end + 1)
