"""Checks that tell a number of a person from any other number."""

from __future__ import annotations

from datetime import date

__all__ = ["id_card", "landline", "luhn", "mobile"]

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHARACTERS = "10X98765432"


def id_card(number: str) -> bool:
    """Tell whether an 18-character resident identity number has a real date and the right check character.

    GB 11643-1999; the check character is ISO 7064 MOD 11-2.
    """
    if len(number) != 18 or not number[:17].isdigit() or not _is_date(number[6:14]):
        return False
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number[:17], strict=True))
    return _CHARACTERS[total % 11] == number[17].upper()


def _is_date(digits: str) -> bool:
    try:
        return 1900 <= date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year <= 2100
    except ValueError:
        return False


def plausible_id_card(number: str) -> bool:
    """Tell whether a number looks like an identity number whose check character was mistyped: region and date fit."""
    fits = len(number) == 18 and number[:17].isdigit() and number[:2] >= "11" and number[:2] <= "82"
    return fits and _is_date(number[6:14])


def luhn(number: str) -> bool:
    """Tell whether a card number of 13 to 19 digits has the right check digit (ISO/IEC 7812-1, Luhn)."""
    if not number.isdigit() or not 13 <= len(number) <= 19 or len(set(number)) == 1:
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = sum(sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + doubled) % 10 == 0


def mobile(number: str) -> bool:
    """Tell whether a number is a Chinese mobile number: 11 digits from 13 to 19, with or without 86 before."""
    number = number.removeprefix("+").removeprefix("0086")
    number = number.removeprefix("86") if len(number) == 13 else number
    return len(number) == 11 and number.isdigit() and "13" <= number[:2] <= "19"


def landline(number: str) -> bool:
    """Tell whether a number is a Chinese landline: area code 010, 02x or 0[3-9]xx, then 7 or 8 digits."""
    if not number.isdigit() or not number.startswith("0"):
        return False
    area = 3 if number[1] in "12" else 4
    return len(number) - area in (7, 8) and number[area] not in "019"
