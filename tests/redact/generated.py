"""Numbers with right checksums, made from nothing: no test holds a number of a real person."""

from __future__ import annotations

ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def id_card(head: str) -> str:
    """Return the 17 digits with their check character (ISO 7064 MOD 11-2)."""
    return head + "10X98765432"[sum(w * int(d) for w, d in zip(ID_WEIGHTS, head, strict=True)) % 11]


def card(head: str) -> str:
    """Return the digits with their Luhn digit."""
    total = 0
    for place, digit in enumerate(reversed(head)):
        value = int(digit) * (2 - place % 2)
        total += value - 9 if value > 9 else value
    return head + str(-total % 10)


ID = id_card("99010119900101001")
ID_WRONG = ID[:-1] + ("0" if ID[-1] != "0" else "1")
CARD16, CARD19 = card("622200000000001"), card("622200000000000002")
CARD_WRONG = CARD19[:-1] + str((int(CARD19[-1]) + 1) % 10)
MOBILE = "13800001111"
