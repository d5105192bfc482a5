"""Coverage and precision by hand; rows of equal confidence enter together."""

from __future__ import annotations

import pytest

from triage.training.evaluate.coverage import Point, coverage_at, curve, score_coverage


def test_the_curve_by_hand() -> None:
    assert curve([0.5, 0.9, 0.8, 0.8], [False, True, True, False]) == (
        Point(0.9, 0.25, 1.0),
        Point(0.8, 0.75, pytest.approx(2 / 3)),
        Point(0.5, 1.0, 0.5),
    )


@pytest.mark.parametrize(
    ("right", "wanted", "coverage"),
    [
        ([True, True, True, True], 0.95, 1.0),
        ([True, True, False, True], 0.95, 0.5),
        # The largest coverage counts, also behind a dip.
        ([True, False, True, True], 0.75, 1.0),
        ([False, False, False, False], 0.95, None),
    ],
)
def test_coverage_at(right: list[bool], wanted: float, coverage: float | None) -> None:
    found = coverage_at(curve([0.9, 0.8, 0.7, 0.6], right), wanted)
    assert (found.coverage if found else None) == coverage


def test_product_and_smaller_order_differently() -> None:
    business, reason, right = [0.7, 0.99], [0.7, 0.6], [True, False]
    product = score_coverage(business, reason, right, rule="product")
    smaller = score_coverage(business, reason, right, rule="smaller")
    assert (product.at_wanted, product.threshold) == (0.0, None)
    assert (smaller.at_wanted, smaller.threshold) == (0.5, 0.7)
    assert product.precision == 0.5
