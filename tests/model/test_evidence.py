"""Stretches of evidence."""

from __future__ import annotations

import pytest

from triage.model.evidence import spans
from triage.model.opinions import Share

TEXT = "昨天，卡被盗刷了，人在家。"


def shares(*weights: float) -> list[Share]:
    return [Share(place, place + 1, weight) for place, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("weights", "found"),
    [
        ((0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0), ["盗刷"]),
        ((0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 0, 0), ["卡被盗刷"]),
        ((1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0), ["昨", "在"]),
        # What carries enough alone stands alone.
        ((0.1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0), ["了"]),
        # Marks at the ends go.
        ((0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0), ["卡"]),
        ((-1, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), []),
        ((), []),
    ],
)
def test_spans(weights: tuple[float, ...], found: list[str]) -> None:
    assert [TEXT[start:end] for start, end in spans(shares(*weights), TEXT)] == found


def test_three_at_most() -> None:
    text = "一二三四五六七八九十" * 4
    assert len(spans([Share(p, p + 1, float(p % 8 == 0)) for p in range(40)], text)) == 3
