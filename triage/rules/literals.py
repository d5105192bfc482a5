"""Which literal strings a text must hold for an expression to match: a cheap question before the costly one.

The idea is that of RE2's FilteredRE2. An expression needs several sets of strings, and of each set at least one string:
``(现在|正在).{0,8}转`` needs one of 现在 and 正在, and it needs 转.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

__all__ = ["needed", "remember"]

Strings = frozenset[str]

MOST_STRINGS = 32
MOST_SETS = 3
"""More sets make the question dearer than they make it sharper."""
# A brace that holds no count stands for itself, as in RE2.
_REPEATED = re.compile(r"[*+?]|\{\d+(?:,\d*)?\}")
_PLAIN = re.compile(r"[^\\.^$|()\[*+?{]+(?![*+?{])")


_remembered: dict[str, Iterable[Iterable[str]]] = {}


def remember(sets: Mapping[str, Iterable[Iterable[str]]]) -> None:
    """Take answers of :func:`needed` that an earlier process found."""
    _remembered.update(sets)
    needed.cache_clear()


@lru_cache(maxsize=16_384)
def needed(expression: str) -> tuple[Strings, ...]:
    """Return the sets of strings of which each must have one in any text that ``expression`` matches.

    Args:
        expression: an RE2 expression. What this reader does not know, it takes for something that may match anything.
    """
    if (known := _remembered.get(expression)) is not None:
        return tuple(map(frozenset, known))
    if re.search(r"\(\?[^:]", expression):
        # Flags may fold the case, and names are rare: nothing is certain.
        return ()
    part = _Reader(expression).alternatives()
    sets = {*part.needs, *([part.exact] if part.exact is not None else [])}
    useful = [strings for strings in sets if strings and "" not in strings]
    return tuple(sorted(useful, key=_dullness)[:MOST_SETS])


def _dullness(strings: Strings) -> tuple[int, int, list[str]]:
    return -min(map(len, strings)), len(strings), sorted(strings)


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of an expression: all that it can match, if that is few, and what it needs in any case."""

    exact: Strings | None = None
    needs: tuple[Strings, ...] = ()

    @property
    def best(self) -> Strings | None:
        """The sharpest single set that the part needs, if it needs any."""
        sets = [strings for strings in (*self.needs, self.exact or frozenset()) if strings and "" not in strings]
        return min(sets, key=_dullness, default=None)


_ANYTHING = _Part()
_NOTHING = _Part(frozenset([""]))


class _Reader:
    """Reads an expression by recursive descent: alternatives of sequences of repeated atoms."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._at = 0

    def alternatives(self) -> _Part:
        parts = [self._sequence()]
        while self._peek() == "|":
            self._at += 1
            parts.append(self._sequence())
        if len(parts) == 1:
            return parts[0]
        exact = [part.exact for part in parts]
        if all(strings is not None for strings in exact):
            union = frozenset[str]().union(*(strings for strings in exact if strings is not None))
            if len(union) <= MOST_STRINGS:
                return _Part(union)
        best = [part.best for part in parts]
        if any(strings is None for strings in best):
            return _ANYTHING
        return _Part(None, (frozenset[str]().union(*(strings for strings in best if strings is not None)),))

    def _sequence(self) -> _Part:
        run, whole = _NOTHING.exact, True
        needs: list[Strings] = []
        while self._peek() not in ("", "|", ")"):
            part = self._plain() or self._repeated()
            needs += part.needs
            joined = _joined(run, part.exact)
            if joined is None:
                # The run of exact strings ends here; what it gathered is needed.
                whole = False
                needs.append(run or frozenset())
                run = part.exact if part.exact is not None else _NOTHING.exact
            else:
                run = joined
        if whole and not needs:
            return _Part(run)
        return _Part(None, tuple(strings for strings in (*needs, run or frozenset()) if strings and "" not in strings))

    def _plain(self) -> _Part | None:
        """Read a run of characters that stand for themselves, each exactly once; None when there is none."""
        match = _PLAIN.match(self._text, self._at)
        if match is None:
            return None
        self._at = match.end()
        return _Part(frozenset([match[0]]))

    def _repeated(self) -> _Part:
        part = self._atom()
        least, most = 1, 1
        while self._peek() and _REPEATED.match(self._text, self._at):
            low, high = self._times()
            least, most = least * low, max(most, high)
        if least == 0:
            optional = part.exact is not None and most == 1
            return _Part(part.exact | {""}) if optional and part.exact is not None else _ANYTHING
        return part if most == 1 else _Part(None, tuple(filter(None, (*part.needs, part.exact))))

    def _times(self) -> tuple[int, int]:
        """Read a repetition; return its least and its greatest number (2 stands for more than one)."""
        mark = self._take()
        low, high = {"*": (0, 2), "+": (1, 2), "?": (0, 1), "{": (1, 2)}[mark]
        if mark == "{":
            end = self._text.index("}", self._at)
            least, _, greatest = self._text[self._at : end].partition(",")
            self._at = end + 1
            low = min(int(least or 0), 1)
            high = 1 if (greatest or least) == "1" else 2
        if self._peek() == "?":
            self._at += 1
        return low, high

    def _atom(self) -> _Part:
        char = self._take()
        if char == "(":
            return self._group()
        if char == "[":
            return self._class()
        if char == "\\":
            escaped = self._take()
            return _ANYTHING if escaped.isalnum() else _Part(frozenset([escaped]))
        if char == ".":
            return _ANYTHING
        if char in "^$":
            return _NOTHING
        return _Part(frozenset([char]))

    def _group(self) -> _Part:
        if self._text.startswith("?:", self._at):
            self._at += 2
        part = self.alternatives()
        self._at += 1
        return part

    def _class(self) -> _Part:
        start = self._at
        while self._peek() != "]" or self._at == start:
            self._at += 2 if self._peek() == "\\" else 1
        inside = self._text[start : self._at]
        self._at += 1
        simple = not inside.startswith("^") and not set(inside) & set("\\-[")
        return _Part(frozenset(inside)) if simple else _ANYTHING

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def _take(self) -> str:
        self._at += 1
        return self._text[self._at - 1]


def _joined(run: Strings | None, exact: Strings | None) -> Strings | None:
    """Return every string of ``run`` before every string of ``exact``; None when that is unknown or too many."""
    if run is None or exact is None or len(run) * len(exact) > MOST_STRINGS:
        return None
    return frozenset(one + other for one, other in product(run, exact))
