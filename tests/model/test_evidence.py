"""Stretches of evidence."""

from __future__ import annotations

import pytest

from triage.model.evidence import spans
from triage.model.opinions import Shares

TEXT = "昨天，卡被盗刷了，人在家。"


def shares(*weights: float) -> Shares:
    return Shares(tuple((place, place + 1) for place in range(len(weights))), weights)


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        # A stretch grows to its clause.
        ((0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0), ["卡被盗刷了"]),
        ((1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0), ["昨天", "人在家"]),
        # What carries enough alone stands alone.
        ((0.1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0), ["卡被盗刷了"]),
        # Two stretches of one clause are one.
        ((0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0), ["卡被盗刷了"]),
        # Marks carry nothing by themselves.
        ((0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), []),
        ((-1, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), []),
        ((), []),
    ],
)
def test_spans(weights: tuple[float, ...], found: list[str]) -> None:
    assert [TEXT[start:end] for start, end in spans(shares(*weights), TEXT)] == found


def test_three_at_most() -> None:
    text = "一二三，四五六，七八九，" * 4
    assert len(spans(shares(*(float(place % 8 == 0) for place in range(40))), text)) == 3


def test_in_a_long_clause_it_grows_a_little() -> None:
    text = "一二三四五六七八九十" * 4
    assert spans(shares(*(float(place == 20) for place in range(40))), text) == [(17, 24)]
