from __future__ import annotations

import pytest
from generated import card, id_card
from hypothesis import given
from hypothesis import strategies as st

from triage.redact.checksums import birth_date_ok, hong_kong_id_ok, id_card_ok, luhn_ok, region_ok, taiwan_id_ok

digits = st.text("0123456789", min_size=17, max_size=17)


@given(digits)
def test_exactly_one_check_character_is_right(head: str) -> None:
    right = [char for char in "0123456789X" if id_card_ok(head + char)]
    assert right == [id_card(head)[-1]]


@given(digits)
def test_luhn_finds_one_wrong_digit(head: str) -> None:
    right = [char for char in "0123456789" if luhn_ok(head + char)]
    # 000… is a filler, not a card.
    assert right == ([card(head)[-1]] if set(card(head)) != {"0"} else [])


@pytest.mark.parametrize(
    ("check", "right", "wrong"),
    [
        (id_card_ok, "11010519491231002X", "110105194912310021"),  # the example of GB 11643
        (id_card_ok, "11010519491231002x", "11010519491231002"),
        (luhn_ok, "4111111111111111", "4111111111111112"),
        (luhn_ok, "79927398713", "0000000000000000"),
        (region_ok, "110101", "990101"[::-1]),
        (region_ok, "650101", "202603"),
        (birth_date_ok, "19900101", "19901301"),
        (birth_date_ok, "20040229", "20040230"),
        (birth_date_ok, "900101", "900001"),
        (birth_date_ok, "19000101", "21000101"),
        (hong_kong_id_ok, "A1234563", "A1234564"),
        (hong_kong_id_ok, "AB9876543", "AB9876542"),
        (taiwan_id_ok, "A123456789", "A123456788"),
        (taiwan_id_ok, "F131104093", "F131104094"),
    ],
)
def test_known_numbers(check: object, right: str, wrong: str) -> None:
    assert callable(check)
    assert check(right)
    assert not check(wrong)
