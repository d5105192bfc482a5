"""Finds personal data in a text and replaces it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from ahocorasick_rs import AhoCorasick, MatchKind

from triage.redact.fold import MARK, View, fold, fold_spelled_digits
from triage.redact.recognizer import Candidate, PatternRecognizer, compiled, either
from triage.redact.results import RecognizerResult, Redacted, RedactedItem
from triage.redact.schema import RedactionSpec
from triage.redact.validators import compact, validators

__all__ = ["Redactor"]

_ROUNDS = 12
"""Rounds at most. Two are usual; only a text made for it, where each find uncovers one more, would take as many."""

_ALNUM = re.compile(r"[0-9A-Za-z]")
_HAN_NAME = re.compile("[\u3400-\u4dbf\u4e00-\u9fff·]{2,}")

Span = tuple[int, int]


class Redactor:
    """Finds and replaces the personal data that a :class:`RedactionSpec` describes.

    It works in rounds: what a round finds is settled and shrinks to one mark, and the next round looks at the rest,
    until a round finds nothing. A tag that stands in the text already is such a mark from the start, so the text that
    comes out is the text of the last round, and redacting it again changes nothing.
    """

    def __init__(self, spec: RedactionSpec) -> None:
        default = spec.default_score_threshold
        checks = validators(spec)
        self._recognizers = [
            PatternRecognizer(
                one if one.score_threshold is not None else one.model_copy(update={"score_threshold": default}),
                checks[one.validator] if one.validator else None,
            )
            for one in spec.recognizers
            if one.enabled and spec.enabled
        ]
        # One automaton says whether any pattern can match at all; most texts end here.
        regexes = [regex for one in self._recognizers for _, regex, _ in one.expressions]
        self._any = compiled(either(regexes)) if regexes else None
        self._allowed = frozenset(compact(fold(value)) for value in spec.allow_list)
        names = "|".join(sorted({re.escape(one.placeholder) for one in spec.recognizers}, key=len, reverse=True))
        self._tag = re.compile(rf"<({names})_([0-9]{{1,9}})>") if names else re.compile(r"(?!)")

    def analyze(self, text: str) -> tuple[RecognizerResult, ...]:
        """Return the personal data in ``text``, in order, without overlaps; tags that stand in it already are none."""
        return tuple(
            RecognizerResult(one.recognizer.supported_entity, start, end, one.score, one.explanation)
            for (start, end), one in self._find(text)
        )

    def redact(self, text: str) -> Redacted:
        """Return ``text`` with a tag for each value: the same value has the same tag all over the text."""
        found = self._find(text)
        if not found:
            return Redacted(text, (), text)
        numbers: dict[str, int] = {}
        for name, number in self._tag.findall(text):
            numbers[name] = max(numbers.get(name, 0), int(number))
        tags: dict[str, str] = {}
        parts: list[str] = []
        items = []
        place = 0
        for (start, end), one in found:
            if one.key not in tags:
                name = one.recognizer.placeholder
                numbers[name] = numbers.get(name, 0) + 1
                tags[one.key] = f"<{name}_{numbers[name]}>"
            parts += (text[place:start], tags[one.key])
            items.append(RedactedItem(one.recognizer.supported_entity, start, end, tags[one.key]))
            place = end
        return Redacted("".join((*parts, text[place:])), tuple(items), text)

    def _find(self, text: str) -> list[tuple[Span, Candidate]]:
        if self._any is None:
            return []
        folded = fold(text)
        tags = [match.span() for match in self._tag.finditer(text)] if "<" in text else []
        found: list[tuple[Span, Candidate]] = []
        values: dict[str, Candidate] = {}
        for _ in range(_ROUNDS):
            view = View.of(folded, sorted([*tags, *(span for span, _ in found)]))
            settled = self._round(view.text, values)
            if not settled:
                break
            found += [(view.span(one.start, one.end), one) for one in settled]
            values |= {view.text[one.start : one.end]: one for one in settled}
        return sorted(found, key=lambda pair: pair[0])

    def _round(self, text: str, values: Mapping[str, Candidate]) -> list[Candidate]:
        """Return the best candidates of a view, without overlaps."""
        candidates = list(self._candidates(text))
        # A number that its context gave away once is the same number where it stands alone.
        known = {one.key for one in (*values.values(), *candidates) if one.accepted}
        good = [one for one in candidates if one.accepted or one.key in known]
        good += _again(text, values)
        taken: list[Candidate] = []
        used = bytearray(len(text)) if good else bytearray()
        # Of two that overlap the longer stays, then the surer: a phone number inside a card number is none.
        for one in sorted(good, key=lambda one: (one.start - one.end, -one.score)):
            if not any(used[one.start : one.end]) and MARK not in text[one.start : one.end]:
                used[one.start : one.end] = b"\1" * (one.end - one.start)
                taken.append(one)
        return taken

    def _candidates(self, text: str) -> Iterator[Candidate]:
        spelled, runs = fold_spelled_digits(text)
        for version in (text, spelled) if runs else (text,):
            if self._any is None or self._any.search(version) is None:
                continue
            for recognizer in self._recognizers:
                for one in recognizer.find(version, text):
                    # What lies outside the runs was found in the text as it is.
                    seen = version is spelled and runs and not _overlaps(runs, one)
                    if not seen and not (self._allowed and self._is_allowed(version, one)):
                        yield one

    def _is_allowed(self, text: str, one: Candidate) -> bool:
        return one.key in self._allowed or compact(text[one.start : one.end]) in self._allowed


def _again(text: str, values: Mapping[str, Candidate]) -> Iterator[Candidate]:
    """Yield further occurrences of values that are settled: a name introduced once is a name wherever it stands."""
    words = [value for value in values if len(value) >= 5 or _HAN_NAME.fullmatch(value)]
    if not words:
        return
    for index, start, end in AhoCorasick(words, matchkind=MatchKind.LeftmostLongest).find_matches_as_indexes(text):
        inside = (start and _joins(text, start)) or (end < len(text) and _joins(text, end))
        if not inside:
            one = values[words[index]]
            explanation = f"{one.recognizer.name}: the same value stands elsewhere"
            yield Candidate(one.recognizer, start, end, one.score, one.key, explanation)


def _overlaps(runs: Sequence[Span], one: Candidate) -> bool:
    """Return whether a candidate touches one of the runs, which are in order."""
    place = bisect_left(runs, one.start, key=lambda run: run[1] - 1)
    return place < len(runs) and runs[place][0] < one.end


def _joins(text: str, place: int) -> bool:
    return bool(_ALNUM.match(text[place - 1]) and _ALNUM.match(text[place]))
