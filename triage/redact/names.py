"""Where a Chinese name begins and ends; Chinese writes no space between a name and the next word."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from triage.redact.schema import NamesSpec

__all__ = ["Names"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff〇\U00020000-\U0002ebef"
_IS_HAN = re.compile(f"[{_HAN}]")
_RUN = re.compile(f"[{_HAN}·]+")
_DOTTED = re.compile(f"[{_HAN}]{{2,6}}(?:·[{_HAN}]{{2,8}}){{1,3}}")
_END = re.compile(r"[\s,。;!?、:：()\[\]<>\"'“”/|\ufffc]|$")

# After one of these a surname stands for itself: 录到了方先生.
_BEFORE_SURNAME = "是姓户的位人员叫了给向和与跟让请把被由找问为于从同该"

_LONGEST = 5
"""Characters at a place that are looked at: one more than a name without dots has."""

Span = tuple[int, int]


class Names:
    """Finds the name at a place of a folded text.

    Three degrees of caution, by what stands before: after a form's label (``姓名：``) the place holds a name and only
    its end is asked; after 我叫 or 本人 it may be a word instead; after 我是 it mostly is.
    """

    def __init__(self, spec: NamesSpec) -> None:
        self._surnames = frozenset(spec.surnames)
        self._word_surnames = frozenset(spec.word_surnames) - self._surnames
        self._double = frozenset(spec.double_surnames)
        self._given = frozenset(spec.given)
        self._never = frozenset(spec.never_given)
        self._follow = tuple(spec.follow)
        self._follow_chars = frozenset(word for word in spec.follow if len(word) == 1)
        self._titles = tuple(spec.titles)
        self._offices = (*spec.titles, *spec.roles)
        self._stops = _by_first(spec.stop_words)

    def after_label(self, text: str, start: int) -> Span | None:
        """Return the name at ``start``, which follows a label and a colon."""
        found = self._dotted(text, start) or self._best(text, start, guess=True) or self._rare(text, start)
        # 姓名：高兴。 is a name; 申请人：应当到场 is a sentence.
        sentence = found is not None and self._stopped(text, start) and _END.match(text, found[1]) is None
        return None if sentence else found

    def after_cue(self, text: str, start: int) -> Span | None:
        """Return the name at ``start``, which follows words that mostly introduce one (我叫)."""
        if dotted := self._dotted(text, start):
            return dotted
        if self._stopped(text, start):
            return None
        found = self._best(text, start, guess=False)
        if found is None or (text[start] in self._word_surnames and not self._usual(text, found)):
            return None
        return found

    def after_hint(self, text: str, start: int) -> Span | None:
        """Return the name at ``start``, which follows words that seldom introduce one (我是)."""
        if self._stopped(text, start):
            return None
        found = self._best(text, start, guess=False, sure=True)
        return found if found is not None and self._usual(text, found) else None

    def before_title(self, text: str, end: int) -> tuple[Span, bool] | None:
        """Return the name that ends at ``end``, where a title begins (王先生, 欧阳女士), and whether it is sure.

        It is not when a surname that is a word as well may end a longer word there (导游小姐).
        """
        low = end
        while low > max(0, end - 4) and _IS_HAN.match(text[low - 1]):
            low -= 1
        known = self._surnames | self._word_surnames
        for length in (4, 3, 2):
            start = end - length
            if start < low or self._stopped(text, start) or not self._plausible(text, start, end):
                continue
            head = 2 if text[start : start + 2] in self._double else 1
            given = text[start + head : end]
            if not given:
                return (start, end), True
            # In 管李先生 the name is 李: a surname right before the title speaks for the shorter reading.
            if given[-1] in known and given[-1] not in self._given:
                continue
            # 导方明先生: two characters under a surname that is a word need a sign that they begin there.
            begins = length > 2 or text[start] in self._surnames or self._stands_free(text, start, low)
            if begins and all(char in self._given for char in given):
                return (start, end), True
        if end > low and text[end - 1] in known:
            return (end - 1, end), text[end - 1] in self._surnames or self._stands_free(text, end - 1, low)
        start = end - 2
        rare = start == low and text[start] in self._surnames and text[end - 1] not in self._never
        return ((start, end), True) if rare and not self._stopped(text, start) else None

    @staticmethod
    def _stands_free(text: str, start: int, low: int) -> bool:
        return start == low or text[start - 1] in _BEFORE_SURNAME

    def _dotted(self, text: str, start: int) -> Span | None:
        match = _DOTTED.match(text, start)
        return match.span() if match else None

    def _rare(self, text: str, start: int) -> Span | None:
        """Return a name under a surname that no list holds, if the rest is a usual given name."""
        run = _RUN.match(text, start, start + _LONGEST)
        if run is None or not 2 <= run.end() - start <= 4 or self._stopped(text, start):
            return None
        if any(text.startswith(self._offices, place) for place in range(start, run.end())):
            return None
        return run.span() if self._usual(text, run.span()) and text[start] not in self._never else None

    def _best(self, text: str, start: int, *, guess: bool, sure: bool = False) -> Span | None:
        candidates = list(self._candidates(text, start, sure=sure))
        clean = [end for end in candidates if self._ends(text, end)]
        if clean:
            end = clean[0]
            # 张伟于…: a third character that often follows names belongs to the sentence, if the shorter name holds.
            apart = self._follow_chars - self._given
            shorter = [other for other in clean if other == end - 1 and text[other] in apart]
            return start, (shorter[0] if shorter else end)
        usual = [end for end in candidates if self._usual(text, (start, end))]
        if guess and candidates:
            return start, (usual or candidates)[0]
        return (start, usual[0]) if usual and not sure and text[start] in self._surnames else None

    def _candidates(self, text: str, start: int, *, sure: bool) -> Iterator[int]:
        """Yield ends of names that may begin at ``start``, the longest first."""
        run = _RUN.match(text, start, start + _LONGEST)
        if run is None:
            return
        if text[start : start + 2] in self._double:
            lengths: tuple[int, ...] = (4, 3)
        # Both parents' surnames and a given name: 陈王小明.
        elif text[start + 1 : start + 2] in self._surnames and not sure:
            four = self._ends(text, start + 4) and self._usual(text, (start + 1, start + 4))
            lengths = (4, 3, 2) if four else (3, 2)
        else:
            lengths = (3, 2)
        for length in lengths:
            if start + length <= run.end() and self._plausible(text, start, start + length):
                yield start + length

    def _plausible(self, text: str, start: int, end: int) -> bool:
        name = text[start:end]
        head = 2 if name[:2] in self._double else 1
        if head == 1 and name[0] not in self._surnames and name[0] not in self._word_surnames:
            return False
        if any(char in self._never or char == "·" for char in name[head:]):
            return False
        # 投诉人俞先生, 王经理: what follows the surname is a title or an office, not a given name.
        return not any(text.startswith(self._offices, place) for place in range(start, end))

    def _usual(self, text: str, span: Span) -> bool:
        start, end = span
        head = 2 if text[start : start + 2] in self._double and end - start > 2 else 1
        return all(char in self._given for char in text[start + head : end])

    def _ends(self, text: str, end: int) -> bool:
        if end > len(text):
            return False
        if _END.match(text, end) or not _IS_HAN.match(text[end]):
            return True
        return text.startswith(self._follow, end) or text.startswith(self._titles, end)

    def _stopped(self, text: str, start: int) -> bool:
        return text.startswith(self._stops.get(text[start : start + 1], ("\0",)), start)


def _by_first(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for word in words:
        table[word[0]] = (*table.get(word[0], ()), word)
    return table
