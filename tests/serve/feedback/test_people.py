"""Keyed hashes: equal input, equal hash; everything next to it another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.errors import UsageError
from triage.serve.feedback.people import Pseudonyms, key_of

PEOPLE = Pseudonyms(b"0123456789abcdef")


@pytest.mark.parametrize("reference", ["C-81", " c-81\n", "Ｃ-８１"])
def test_the_same_person(reference: str) -> None:
    assert PEOPLE.subject(reference) == PEOPLE.subject("C-81")


@pytest.mark.parametrize("reference", ["C-8 1", "C81", "C-82", ""])
def test_other_people(reference: str) -> None:
    assert PEOPLE.subject(reference) != PEOPLE.subject("C-81")


def test_other_keys_uses_and_cuts_make_other_hashes() -> None:
    assert Pseudonyms(b"fedcba9876543210").subject("a") != PEOPLE.subject("a")
    assert PEOPLE.subject("a") != PEOPLE.request("a") != PEOPLE.body("a")
    assert PEOPLE.request("ab", "c") != PEOPLE.request("a", "bc")
    hashed = PEOPLE.decision("13812345678")
    assert PEOPLE.is_decision(hashed)
    assert not PEOPLE.is_decision("h:13812345678")


def test_a_short_key_is_refused() -> None:
    with pytest.raises(UsageError, match="15 bytes; legal: 16"):
        Pseudonyms(b"x" * 15)


def test_of_many_at_once_one_makes_the_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: key_of(tmp_path / "data" / "key"), range(16)))
    assert len(keys) == 1
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["key"]
