"""One recognizer at work: patterns, validator and context make scored candidates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import re2

from triage.redact.fold import MARK
from triage.redact.schema import RecognizerSpec
from triage.redact.validators import Validator, Verdict, compact

__all__ = ["Candidate", "PatternRecognizer", "compiled", "either"]

# A label belongs to the first number after it, and to its own sentence.
_BARRIER = re.compile(rf"{MARK}|\d{{5,}}|[。!?;]")
_CLAUSE_END = re.compile(rf"[,。!?;\n{MARK}]")
_DIGITS = re.compile(r"\d+")
_DECIMALS = re.compile(r"\.\d{1,2}(?!\d)")
_GAP = " :-"
_RETRIES = 8
_SHORTER = 4
_REACH = 64


@dataclass(frozen=True, slots=True)
class Candidate:
    """A hit with its score; spans count in the view."""

    recognizer: RecognizerSpec
    start: int
    end: int
    score: float
    key: str
    explanation: str

    @property
    def accepted(self) -> bool:
        """Whether the score reaches the recognizer's threshold."""
        threshold = self.recognizer.score_threshold
        # Sums of floats: 0.15 + 0.35 must reach 0.5.
        return threshold is not None and self.score >= threshold - 1e-9


def compiled(regex: str) -> Any:  # noqa: ANN401 - google-re2 has no types
    """Return the RE2 pattern; case never counts, as in Presidio's defaults."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.max_mem = 64 << 20
    return re2.compile(regex, options)


@dataclass(frozen=True, slots=True)
class _Expression:
    """A compiled pattern; ``group`` is the number of the group that holds the personal part, 0 for all of it."""

    name: str
    pattern: Any
    group: int
    score: float


def either(regexes: Iterable[str]) -> str:
    """Return one expression that matches where any of ``regexes`` does."""
    return "|".join(f"(?:{regex.replace('(?P<value>', '(?:')})" for regex in regexes)


class PatternRecognizer:
    """Finds the candidates of one recognizer.

    Args:
        spec: the recognizer; its ``score_threshold`` is set.
        validator: what ``spec.validator`` names, or None.
    """

    def __init__(self, spec: RecognizerSpec, validator: Validator | None) -> None:
        self.spec = spec
        self._validator = validator
        words = "|".join(re2.escape(word) for word in sorted(spec.deny_list, key=len, reverse=True))
        self.expressions = [(pattern.name, pattern.regex, pattern.score) for pattern in spec.patterns]
        if words:
            self.expressions.append(("deny_list", words, spec.deny_list_score))
        self._context = [(word.casefold(), +1) for word in spec.context]
        self._context += [(word.casefold(), -1) for word in spec.context_against]

    # Most texts need few recognizers: each is compiled when the first text asks for it.
    @cached_property
    def _any(self) -> Any:  # noqa: ANN401 - google-re2 has no types
        return compiled(either(regex for _, regex, _ in self.expressions))

    @cached_property
    def _patterns(self) -> list[_Expression]:
        return [_expression(*one) for one in self.expressions]

    def find(self, text: str, plain: str) -> Iterator[Candidate]:
        """Yield candidates in ``text``, a folded text.

        ``plain`` is as long; what stands beside a hit is looked up there: the 一 of 13812345678一直 ends the number.
        """
        if self._any.search(text) is None:
            return
        for expression in self._patterns:
            for match in expression.pattern.finditer(text):
                yield from self._chain(expression, match, text, plain)

    def _chain(self, expression: _Expression, match: Any, text: str, plain: str) -> Iterator[Candidate]:  # noqa: ANN401
        """Yield what a match holds: RE2 goes on behind it, but a refused or shortened one may hide another inside."""
        offset, limit = 0, match.end()
        for _ in range(_RETRIES):
            whole = match.start() + offset
            start, end = match.start(expression.group) + offset, match.end(expression.group) + offset
            found = self._judge(expression, (whole, start, end), text, plain)
            if found is not None:
                yield found
                again = max(found.end, start + 1)
            elif self.spec.boundary != "none" and (digits := _DIGITS.match(text, start, limit)):
                again = digits.end()
            else:
                again = start if start > whole else start + 1
            if again >= limit:
                return
            match, offset = expression.pattern.search(text[again : limit + _REACH]), again
            if match is None or match.start() + offset >= limit:
                return

    def _judge(self, expression: _Expression, place: tuple[int, int, int], text: str, plain: str) -> Candidate | None:
        whole, start, end = place
        best: Verdict | None = None
        for stop in self._ends(expression.pattern, whole, start, end, text):
            if not self._bounded(plain, start, stop):
                continue
            verdict = self._validator(text, start, stop) if self._validator else Verdict(start, stop)
            if verdict is not None and (best is None or verdict.support > best.support):
                best = verdict
        if best is None or best.end <= best.start:
            return None
        return self._scored(expression, best, text, plain)

    def _ends(self, pattern: Any, whole: int, start: int, end: int, text: str) -> Iterator[int]:  # noqa: ANN401
        """Yield ``end``, then earlier ends at a separator: a greedy match may run into the next number."""
        yield end
        if self.spec.boundary != "digit" or end - start > _REACH:
            return
        runs = [match.end() + start for match in _DIGITS.finditer(text[start:end])]
        for stop in runs[-2 : -2 - _SHORTER : -1]:
            if stop < end and pattern.fullmatch(text[whole:stop]):
                yield stop

    def _bounded(self, plain: str, start: int, end: int) -> bool:
        before, after = plain[start - 1 : start], plain[end : end + 1]
        if self.spec.boundary != "none":
            if before.isdecimal() or after.isdecimal():
                return False
            if self.spec.boundary == "alnum" and (_alnum(before) or _alnum(after)):
                return False
            if plain[end - 1 : end].isdecimal() and _DECIMALS.match(plain, end):
                return False
        if self.spec.reject_after and plain[end : end + 12].lstrip(" ").startswith(self.spec.reject_after):
            return False
        return not (
            self.spec.reject_before and plain[max(0, start - 12) : start].rstrip(_GAP).endswith(self.spec.reject_before)
        )

    def _scored(self, expression: _Expression, verdict: Verdict, text: str, plain: str) -> Candidate:
        score = expression.score
        parts = [f"{self.spec.name}: pattern {expression.name!r} {score:.2f}"]
        if verdict.support:
            lift = verdict.support * self.spec.validator_boost
            score += lift
            parts.append(f"{verdict.note or self.spec.validator} +{lift:.2f}")
        word, sign = self._nearest(plain, verdict.start, verdict.end)
        if sign:
            change = self.spec.context_boost if sign > 0 else -self.spec.context_penalty
            score += change
            parts.append(f"context {word!r} {change:+.2f}")
        value = text[verdict.start : verdict.end]
        return Candidate(
            recognizer=self.spec,
            start=verdict.start,
            end=verdict.end,
            score=round(min(1.0, max(0.0, score)), 4),
            key=verdict.key or compact(value) or value,
            explanation=", ".join(parts),
        )

    def _nearest(self, text: str, start: int, end: int) -> tuple[str, int]:
        """Return the context word nearest to the hit and its sign; words before it go first, then those after."""
        if not self._context:
            return "", 0
        before = _after_last_barrier(text[max(0, start - self.spec.context_before) : start]).casefold()
        found = [
            (place + len(word), len(word), sign, word)
            for word, sign in self._context
            if (place := before.rfind(word)) >= 0
        ]
        if found:
            _, _, sign, word = max(found)
            return word, sign
        after = text[end : end + self.spec.context_after].casefold()
        cut = _CLAUSE_END.search(after)
        after = after[: cut.start()] if cut else after
        return next(((word, sign) for word, sign in self._context if sign > 0 and word in after), ("", 0))


def _expression(name: str, regex: str, score: float) -> _Expression:
    pattern = compiled(regex)
    return _Expression(name, pattern, pattern.groupindex.get("value", 0), score)


def _after_last_barrier(before: str) -> str:
    last = 0
    for barrier in _BARRIER.finditer(before):
        last = barrier.end()
    return before[last:]


def _alnum(char: str) -> bool:
    return char.isascii() and char.isalnum()
