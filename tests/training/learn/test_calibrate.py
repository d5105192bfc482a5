"""Calibration on numbers whose answer is known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from triage.model.heads import Head, Layout
from triage.training.learn.calibrate import calibrate
from triage.training.learn.examples import Example


def test_an_overconfident_head_is_cooled() -> None:
    # Right in 3 of 4, sure as if in far more: the temperature brings 0.75 out.
    layout = Layout([Head("a", "single", ("x", "y"))])
    examples = [Example(((0, 2),), {"a": int(number % 4 == 0)}) for number in range(400)]
    logits = np.tile(np.array([6.0, 0.0], np.float32), (400, 1))
    temperature = calibrate(logits, examples, layout).temperatures["a"]
    assert 6 / temperature == pytest.approx(math.log(3), rel=1e-2)


def test_thresholds_part_what_can_be_parted() -> None:
    layout = Layout([Head("a", "multi", ("x", "y"))])
    random = np.random.default_rng(1)
    positive = random.random((300, 2)) < 0.4
    logits = np.where(positive, 1.0, -1.5).astype(np.float32) + random.normal(0, 0.1, (300, 2)).astype(np.float32)
    examples = [Example(((0, 2),), {"a": tuple(np.flatnonzero(row))}) for row in positive]
    calibration = calibrate(logits, examples, layout)
    probabilities = 1 / (1 + np.exp(-logits / calibration.temperatures["a"]))
    assert ((probabilities >= np.array(calibration.thresholds["a"])) == positive).all()


def test_a_label_that_was_never_seen_stays_near_the_middle() -> None:
    layout = Layout([Head("a", "multi", ("x", "y"))])
    examples = [Example(((0, 2),), {"a": (0,) if number % 2 else ()}) for number in range(100)]
    logits = np.array([[2.0 if number % 2 else -2.0, -6.0] for number in range(100)], np.float32)
    assert 0.2 <= calibrate(logits, examples, layout).thresholds["a"][1] <= 0.8


def test_spread() -> None:
    layout = Layout([Head("s", "score")])
    examples = [Example(((0, 2),), {"s": 0.3 if number % 2 else -0.3}) for number in range(100)]
    assert calibrate(np.zeros((100, 1), np.float32), examples, layout).spread["s"] == pytest.approx(0.3, abs=1e-3)


def test_conformal_sets_cover_what_they_promise() -> None:
    layout = Layout([Head("a", "single", ("x", "y", "z"))])
    random = np.random.default_rng(2)
    logits = random.normal(0, 2, (2_000, 3)).astype(np.float32)
    shares = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = [int(random.choice(3, p=row / row.sum())) for row in shares]
    examples = [Example(((0, 2),), {"a": label}) for label in labels]
    calibration = calibrate(logits[:1_000], examples[:1_000], layout)
    cooled = np.exp(logits[1_000:] / calibration.temperatures["a"])
    probabilities = cooled / cooled.sum(1, keepdims=True)
    for coverage in (0.8, 0.9, 0.95):
        sets = probabilities >= calibration.conformal["a"][str(coverage)]
        held = np.mean([sets[row, label] for row, label in enumerate(labels[1_000:])])
        assert held == pytest.approx(coverage, abs=0.03)


def test_too_few_rows_promise_nothing_less_than_all_labels() -> None:
    layout = Layout([Head("a", "single", ("x", "y"))])
    examples = [Example(((0, 2),), {"a": 0}) for _ in range(10)]
    logits = np.tile(np.array([2.0, 0.0], np.float32), (10, 1))
    assert calibrate(logits, examples, layout).conformal["a"]["0.95"] == 0.0
