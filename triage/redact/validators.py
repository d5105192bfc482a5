"""The closed set of checks that a recognizer can name in its file.

A validator sees the folded text and a span; it refuses the hit (None), or returns a :class:`Verdict`: the span, maybe
narrowed or widened, and how far the content itself supports it, from 0 to 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.redact.addresses import Addresses
from triage.redact.checksums import birth_date_ok, hong_kong_id_ok, id_card_ok, luhn_ok, region_ok, taiwan_id_ok
from triage.redact.names import Names
from triage.redact.schema import RedactionSpec, ValidatorName

__all__ = ["Validator", "Verdict", "compact", "validators"]

_SEPARATORS = re.compile(r"[\s\-._·()/]+")
_DATE = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_DATE_TIME = re.compile(rf"{_DATE.pattern}(?:(?:[01]\d|2[0-3])[0-5]\d(?:[0-5]\d)?)?")
_SEPARATED_DATE = re.compile(r"(?:19|20)\d\d[\-./ ](?:0?[1-9]|1[0-2])[\-./ ](?:0?[1-9]|[12]\d|3[01])(?!\d)")
_GROUPS = re.compile(r"[^0-9]+")
_EXTENSION = re.compile(r"(?<=\d{4})(?: ?转 ?|-)\d{1,6}$")
_AREA = re.compile(r"0(?:10|2[0-57-9])[2-8]\d{7}|0[3-9]\d{2}[2-8]\d{6,7}")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a validator says of a hit.

    Attributes:
        start: first character of the personal data.
        end: one past the last.
        support: in [0, 1]; the recognizer's ``validator_boost`` is multiplied with it.
        key: the value in one spelling; hits with the same key are the same person or number. Empty for the
            compact form of the text.
        note: what was found, for the explanation.
    """

    start: int
    end: int
    support: float = 0.0
    key: str = ""
    note: str = ""


Validator = Callable[[str, int, int], Verdict | None]


def compact(value: str) -> str:
    """Return ``value`` without separators and case, so that two spellings of one number are equal."""
    return _SEPARATORS.sub("", value).casefold()


def validators(spec: RedactionSpec) -> Mapping[ValidatorName, Validator]:
    """Return every validator by its name in the file."""
    names, addresses = Names(spec.names), Addresses(spec.addresses)
    return {
        "id_card": _id_card,
        "regional_id": _regional_id,
        "luhn": _luhn,
        "mobile": _mobile,
        "landline": _landline,
        "plate": _plate,
        "code": _code,
        "not_a_date": _not_a_date,
        "address": lambda text, start, end: _whole(addresses, text, start, end),
        "labelled_address": lambda text, start, end: _labelled(addresses, text, start, end),
        "person_label": lambda text, start, end: _spanned(names.after_label(text, start)),
        "person": lambda text, start, end: _spanned(names.after_cue(text, start)),
        "person_likely": lambda text, start, end: _spanned(names.after_hint(text, start)),
        "person_titled": lambda text, start, end: _titled(names, text, start, end),
    }


def _id_card(text: str, start: int, end: int) -> Verdict | None:
    """Support by check character; half of it when region and date of birth are plausible."""
    number = compact(text[start:end])
    if id_card_ok(number) and birth_date_ok(number[6:14]):
        return Verdict(start, end, 1.0, note="check character right")
    if len(number) == 18 and region_ok(number) and birth_date_ok(number[6:14]):
        return Verdict(start, end, 0.5, note="region and date of birth plausible")
    if len(number) == 15 and region_ok(number) and birth_date_ok(number[6:12]):
        return Verdict(start, end, 0.25, note="region and date of birth plausible")
    return Verdict(start, end)


def _regional_id(text: str, start: int, end: int) -> Verdict | None:
    number = compact(text[start:end])
    right = hong_kong_id_ok(number) or taiwan_id_ok(number)
    return Verdict(start, end, 1.0 if right else 0.0, note="check character right" if right else "")


def _luhn(text: str, start: int, end: int) -> Verdict | None:
    if _is_list(text[start:end]):
        return None
    number = compact(text[start:end])
    if luhn_ok(number):
        return Verdict(start, end, 1.0, note="Luhn digit right")
    # 20260312142533…: a serial number that begins with a date; no bank card does.
    return None if _DATE.match(number) or _SEPARATED_DATE.match(text[start:end]) else Verdict(start, end)


def _mobile(text: str, start: int, end: int) -> Verdict | None:
    if _is_list(text[start:end]):
        return None
    digits = "".join(char for char in text[start:end] if char.isdigit())
    return Verdict(start, end, 1.0, key=digits[-11:])


def _landline(text: str, start: int, end: int) -> Verdict | None:
    number = compact(text[start:end])
    if not number.startswith("0"):
        return _not_a_date(text, start, end)
    # 010-6234-5678 ends like an extension; it is a number without one as it stands.
    right = _AREA.fullmatch(number) or _AREA.fullmatch(compact(_EXTENSION.sub("", text[start:end])))
    return Verdict(start, end, 1.0, note="area code known") if right else None


def _plate(text: str, start: int, end: int) -> Verdict | None:
    return Verdict(start, end) if sum(char.isdigit() for char in text[start + 2 : end]) >= 2 else None


def _code(text: str, start: int, end: int) -> Verdict | None:
    """Refuse words and dates; support what has a digit."""
    value = text[start:end]
    if _is_date(value):
        return None
    return Verdict(start, end, 1.0 if any(char.isdigit() or char == "_" for char in value) else 0.0)


def _not_a_date(text: str, start: int, end: int) -> Verdict | None:
    return None if _is_date(text[start:end]) else Verdict(start, end)


def _is_date(value: str) -> bool:
    return bool(_DATE_TIME.fullmatch(compact(value)) or _SEPARATED_DATE.match(value))


def _is_list(value: str) -> bool:
    """Return whether separators of several kinds, or dots between short groups, make it a list (19.7-19.10-20.04)."""
    kinds = {char for char in value.lstrip("+") if not char.isalnum() and char not in " ()"}
    return len(kinds) > 1 or ("." in kinds and min(map(len, _GROUPS.split(value))) < 3)


def _titled(names: Names, text: str, start: int, end: int) -> Verdict | None:
    """Support names that are sure; the others count where the same name with the same title is sure elsewhere."""
    found = names.before_title(text, start)
    if found is None:
        return None
    span, sure = found
    # Two people may share a surname: 张先生 and 张女士 are not one.
    key = text[span[0] : end] if span[1] - span[0] == 1 else ""
    return Verdict(*span, 1.0 if sure else 0.0, key=key, note="name before a title")


def _whole(addresses: Addresses, text: str, start: int, end: int) -> Verdict | None:
    found = addresses.whole(text, start, end)
    return None if found is None else Verdict(*found[0], 1.0 if found[1] else 0.0, note="region named")


def _labelled(addresses: Addresses, text: str, start: int, end: int) -> Verdict | None:
    """Support what has two parts and more: after 住在 a lone 山东大厦 is a hotel."""
    found = addresses.labelled(text, start, end)
    return None if found is None else Verdict(*found[0], 1.0 if found[1] > 1 else 0.0, note="several parts")


def _spanned(span: Span | None) -> Verdict | None:
    return None if span is None else Verdict(*span)
