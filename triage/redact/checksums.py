"""Checksums of numbers that identify a person or an account. Input is ASCII digits and letters without separators."""

from __future__ import annotations

__all__ = ["birth_date_ok", "hong_kong_id_ok", "id_card_ok", "luhn_ok", "region_ok", "taiwan_id_ok"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# The first two digits of GB/T 2260, and 9x of permanent-residence cards for foreigners.
_PROVINCES = frozenset(
    code
    for first, last in ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83), (90, 99))
    for code in range(first, last + 1)
)
_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_TAIWAN = "ABCDEFGHJKLMNPQRSTUVXYWZIO"


def id_card_ok(number: str) -> bool:
    """Return whether the check character of an 18-character ID number is right (GB 11643, ISO 7064 MOD 11-2)."""
    if len(number) != 18 or not number[:17].isdecimal():
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return _CHECK[total % 11] == number[17].upper()


def region_ok(number: str) -> bool:
    """Return whether an ID number begins with the code of a province."""
    return number[:2].isdecimal() and int(number[:2]) in _PROVINCES


def birth_date_ok(digits: str) -> bool:
    """Return whether ``YYYYMMDD``, or ``YYMMDD`` of the old 15-digit number, can be a date of birth."""
    if len(digits) == 6:
        digits = f"19{digits}"
    if len(digits) != 8 or not digits.isdecimal():
        return False
    year, month, day = int(digits[:4]), int(digits[4:6]), int(digits[6:])
    return 1900 <= year < 2040 and 1 <= month <= 12 and 1 <= day <= _MONTHS[month - 1]


def luhn_ok(number: str) -> bool:
    """Return whether the last digit of a card number is right (ISO/IEC 7812-1, Luhn)."""
    if not number.isdecimal() or len(set(number)) == 1:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = (2 * digit for digit in digits[1::2])
    return (sum(digits[::2]) + sum(digit - 9 if digit > 9 else digit for digit in doubled)) % 10 == 0


def hong_kong_id_ok(number: str) -> bool:
    """Return whether the check character of a Hong Kong identity card number (``A1234563``) is right."""
    number = number.upper()
    if len(number) not in (8, 9):
        return False
    head = number[:-1].rjust(8)
    values = [36 if char == " " else int(char, 36) for char in head]
    total = sum(weight * value for weight, value in zip(range(9, 1, -1), values, strict=True))
    return "0123456789A"[-total % 11] == number[-1]


def taiwan_id_ok(number: str) -> bool:
    """Return whether the check digit of a Taiwan identity card number (``A123456789``) is right."""
    if len(number) != 10 or number[0].upper() not in _TAIWAN:
        return False
    first = _TAIWAN.index(number[0].upper()) + 10
    digits = [first // 10, first % 10, *(int(digit) for digit in number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(weight * digit for weight, digit in zip(weights, digits, strict=True)) % 10 == 0
