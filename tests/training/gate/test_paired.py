"""Paired tests, by hand."""

from __future__ import annotations

import pytest

from triage.training.gate.paired import mcnemar, significant


@pytest.mark.parametrize(
    ("lost", "won", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),
        (2, 0, 0.5),  # 2 / 2^2
        (5, 0, 2 / 32),
        (6, 0, 2 / 64),
        (7, 1, 2 * (1 + 8) / 256),
        (1, 7, 2 * (1 + 8) / 256),
        (4, 4, 1.0),
    ],
)
def test_mcnemar(lost: int, won: int, p: float) -> None:
    current = [True] * lost + [False] * won + [True, False] * 9
    candidate = [False] * lost + [True] * won + [True, False] * 9
    assert mcnemar(current, candidate) == pytest.approx(p)


@pytest.mark.parametrize(
    ("chances", "held"),
    [
        ([], []),
        ([0.05], [True]),
        ([0.051], [False]),
        # Holm: 0.01 ≤ 0.05/3, 0.024 ≤ 0.05/2, 0.05 ≤ 0.05/1.
        ([0.024, 0.01, 0.05], [True, True, True]),
        ([0.026, 0.01, 0.05], [False, True, False]),
        ([0.02, 0.02, 0.02], [False, False, False]),
    ],
)
def test_holm(chances: list[float], held: list[bool]) -> None:
    assert significant(chances, alpha=0.05) == held
