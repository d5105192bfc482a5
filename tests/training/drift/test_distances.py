"""Distances between distributions, by hand."""

from __future__ import annotations

import math

import pytest

from triage.training.drift.distances import chance_of_stability, homogeneity, jensen_shannon, stability


@pytest.mark.parametrize(
    ("reference", "new", "value"),
    [
        ([5, 5], [50, 50], 0.0),
        # (1/4 - 1/2) ln(1/2) + (3/4 - 1/2) ln(3/2) = ln(3) / 4.
        ([2, 2], [1, 3], math.log(3) / 4),
        ([1, 3], [2, 2], math.log(3) / 4),
        # A label that neither side has is no label.
        ([2, 2, 0], [1, 3, 0], math.log(3) / 4),
        # Half a complaint more for every label: 2.5, 0.5 of 3 beside 0.5, 2.5 of 3: 2 · (2/3) · ln 5.
        ([2, 0], [0, 2], 4 / 3 * math.log(5)),
    ],
)
def test_stability(reference: list[int], new: list[int], value: float) -> None:
    assert stability(reference, new) == pytest.approx(value)


def test_chance_of_stability() -> None:
    assert chance_of_stability(100, 50, 4) == pytest.approx(3 * 0.03)
    assert chance_of_stability(100, 50, 1) == 0


@pytest.mark.parametrize(
    ("reference", "new", "value"),
    [
        ([1, 1], [10, 10], 0.0),
        ([4, 0], [0, 4], 1.0),
        # Against the middle (3/4, 1/4): (log2(4/3) + (log2(2/3) + log2(2)) / 2) / 2.
        ([2, 0], [1, 1], (math.log2(4 / 3) + (math.log2(2 / 3) + 1) / 2) / 2),
    ],
)
def test_jensen_shannon(reference: list[int], new: list[int], value: float) -> None:
    assert jensen_shannon(reference, new) == pytest.approx(value)
    assert jensen_shannon(new, reference) == pytest.approx(value)


@pytest.mark.parametrize(
    ("reference", "new", "p"),
    [
        ([10, 0], [20, 0], 1.0),
        ([20, 20], [20, 20], 1.0),
        # Chi-squared 40 · (10·10 - 10·10) … of (15, 5) and (5, 15): 40 · (225 - 25)^2 / 20^4 = 10, one degree.
        ([15, 5], [5, 15], math.erfc(math.sqrt(5))),
        # Rare labels are taken together: the same as above.
        ([15, 3, 2], [5, 15, 0], None),
        # Too few for chi-squared: Fisher, 2 / C(6, 3).
        ([3, 0], [0, 3], 0.1),
    ],
)
def test_homogeneity(reference: list[int], new: list[int], p: float | None) -> None:
    found = homogeneity(reference, new)
    if p is None:
        assert found < 0.01
    else:
        assert found == pytest.approx(p)
