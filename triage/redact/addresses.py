"""Where an address begins, whether it is a private one, and which part of a labelled text it is."""

from __future__ import annotations

import re

from triage.redact.schema import AddressSpec

__all__ = ["Addresses"]

_HAN = "\u3400-\u4dbf\u4e00-\u9fff"
_REACH = 28
"""Characters to the left of a house number in which the address may begin."""
_UNNAMED = 6
"""Characters that a road's name takes at most when nothing tells where it begins."""
_SUFFIX = re.compile("[省市区县旗盟镇乡村屯庄路街道巷弄苑园院府湾邨]|胡同|大厦|广场|公寓|新城")
_REGION = re.compile("[省市区县旗州]|北京|上海|天津|重庆|香港|澳门|台湾")
_COARSE = f"[{_HAN}]{{1,8}}?(?:自治区|自治州|特别行政区|新区|开发区|高新区|省|市|区|县|旗|州|盟)"
_FINE = (
    f"[{_HAN}a-zA-Z0-9]{{2,12}}?(?:街道|镇|乡|村|屯|庄|路|街|大道|巷|弄|胡同|小区|社区|花园|家园|苑|公寓|大厦|广场|新村|坊)"
    r"(?:[东西南北中]?[一二三四五六七八九十\d]{0,3}[段区期])?"
)
_UNIT = (
    r"[a-zA-Z]?[\d一二三四五六七八九十]{1,5}(?:-\d{1,5})*"
    r"(?:号楼|号院|号|栋|幢|座|楼|单元|室|户|房|组|队|层|弄|期|区|#)"
)
_TAIL = r"\d{1,5}(?:-\d{1,5})+|(?:#|-)?\d{2,4}(?!\d)"
_PART = re.compile(f"(?P<unit>{_UNIT})|(?P<fine>{_FINE})|(?P<coarse>{_COARSE})|(?P<tail>{_TAIL})")

Span = tuple[int, int]


class Addresses:
    """Narrows and widens what the patterns of an address recognizer found, in a folded text."""

    def __init__(self, spec: AddressSpec) -> None:
        self._provinces = re.compile("|".join(map(re.escape, spec.provinces)) or r"(?!)")
        starts = sorted(spec.starts_after, key=len, reverse=True)
        self._starts = re.compile("|".join(map(re.escape, starts)) or r"(?!)")
        self._no_roads = tuple(spec.no_roads)
        self._institution = tuple(spec.institution)
        self._never = tuple(spec.never_in)
        self._within = spec.institution_within
        self._private = re.compile("|".join(map(re.escape, spec.private)) or r"(?!)")

    def whole(self, text: str, start: int, end: int) -> tuple[Span, bool] | None:
        """Return the address around a core such as ``路12号`` or ``3幢2单元501室``, and whether it names a region.

        None when it is a branch's, or none at all.
        """
        end = _without_foreign_digits(text, start, end)
        if end <= start:
            return None
        begin = self._begin(text, start)
        # A core that begins with a road's suffix needs the road's name before it, and 公路12号 is no address.
        suffixed = not text[start].isascii()
        heads = (text[max(0, start - 6) : start + length] for length in (1, 2))
        if suffixed and (begin == start or any(head.endswith(self._no_roads) for head in heads)):
            return None
        region = bool(_REGION.search(text[begin:start]))
        if not suffixed and not region:
            begin = start
        core = text[start:end]
        if not self._private.search(core) and self._is_institution(text, end):
            return None
        return (begin, end), region

    def labelled(self, text: str, start: int, end: int) -> tuple[Span, int] | None:
        """Return the address that begins at ``start``, right after a label, and of how many parts it is.

        None when it names no more than a district, or is a sentence (地址写成以前的路名).
        """
        place, parts, fine = start, 0, False
        while place < end and (match := _PART.match(text, place, end)):
            if not (match["coarse"] or match["fine"] or parts):
                break
            fine = fine or not match["coarse"]
            parts += 1
            place = match.end()
        place = _without_foreign_digits(text, start, place) if place > start else place
        found = text[start:place]
        if not fine or len(found) < 4 or any(word in found for word in (*self._institution, *self._never)):
            return None
        if not self._private.search(found) and self._is_institution(text, place):
            return None
        return (start, place), parts

    def _is_institution(self, text: str, end: int) -> bool:
        nearby = text[end : end + self._within]
        cut = re.search(r"[,。;!?\n、\ufffc]", nearby)
        nearby = nearby[: cut.start()] if cut else nearby
        return any(word in nearby for word in self._institution)

    def _begin(self, text: str, start: int) -> int:
        low = start
        while low > max(0, start - _REACH) and re.match(f"[{_HAN}a-zA-Z0-9]", text[low - 1]):
            low -= 1
        stretch = text[low:start]
        cut = 0
        for match in self._starts.finditer(stretch):
            # 和 in 和平路 is part of the name: a cut must leave two characters before the next 市, 区, 路 …
            suffix = _SUFFIX.search(stretch, match.end())
            if (suffix.start() if suffix else len(stretch)) - match.end() >= 2:
                cut = match.end()
        if province := self._provinces.search(stretch, cut):
            return low + province.start()
        rest = stretch[cut:]
        suffix = _SUFFIX.search(rest)
        unnamed = suffix.start() if suffix else len(rest)
        return low + cut + max(0, unnamed - _UNNAMED)


def _without_foreign_digits(text: str, start: int, end: int) -> int:
    """Return ``end`` before the digits at the end of ``[start, end)`` that go on behind it: another number begins."""
    if end < len(text) and text[end].isdigit():
        while end > start and text[end - 1].isdigit():
            end -= 1
    return end
