"""The gate: what lets a candidate pass, and the nearest thing that does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from triage.config import Config
from triage.errors import InputError
from triage.registry.verdict import Check
from triage.training.evaluate.answer import Answer, right_answer
from triage.training.gate import Limits, gate, read_limits
from triage.training.gate.gate import size_check, speed_check
from triage.training.gate.speed import timed
from triage.training.labelled import Labelled

BASE = {
    "text": "多收年费", "business": "credit_card", "reason": "pricing", "channel": "phone", "urgency": "normal",
    "complexity": "simple", "sentiment": -0.5, "demands": ["refund"], "flags": [], "voice": "form",
    "script": "simplified",
}  # fmt: skip

Change = Callable[[int, Answer], Answer]


def rows(count: int = 200, *, critical: int = 20) -> list[Labelled]:
    """Return rows of which the first are critical and every second one is a loan."""
    found = []
    for place in range(count):
        urgency = "critical" if place < critical else "normal"
        business = "loan" if place % 2 else "credit_card"
        own = {"id": f"r{place}", "story": f"s{place}", "urgency": urgency, "business": business}
        found.append(Labelled.model_validate(BASE | own))
    return found


def wrong(facet: str, label: str, places: range | Sequence[int]) -> Change:
    def change(place: int, answer: Answer) -> Answer:
        if place not in places:
            return answer
        return dataclasses.replace(answer, single={**answer.single, facet: label})

    return change


def sure(value: float) -> Change:
    return lambda _, answer: dataclasses.replace(answer, confidence={"business": value, "reason": value})


def said(data: Sequence[Labelled], config: Config, *changes: Change) -> list[Answer]:
    found = []
    for place, row in enumerate(data):
        answer = dataclasses.replace(right_answer(row, config), source="model")
        for change in changes:
            answer = change(place, answer)
        found.append(answer)
    return found


@pytest.fixture(scope="module")
def limits(config: Config) -> Limits:
    return read_limits(None, config).model_copy(update={"draws": 200})


def failed(checks: Sequence[Check]) -> list[str]:
    return [f"{check.group}: {check.name}" for check in checks if not check.passed]


def test_the_same_answers_pass(config: Config, limits: Limits) -> None:
    data = rows()
    answers = said(data, config, sure(0.99), wrong("business", "savings", range(50, 60)))
    checks = gate(data, answers, answers, config, limits)
    assert failed(checks) == []
    assert {check.group for check in checks} == {"protected", "figures", "classes", "slices", "calibration"}
    assert all(check.low == check.high == 0 for check in checks if check.low is not None)
    assert all(check.p == 1 for check in checks if check.p is not None)


@pytest.mark.parametrize(
    ("what", "current", "candidate", "fails"),
    [
        # One critical complaint more is missed: 20 rows, p = 1, and it fails all the same.
        ("critical recall", [], [wrong("urgency", "high", [3])], ["protected: urgency critical recall"]),
        ("critical, another missed", [wrong("urgency", "high", [4])], [wrong("urgency", "high", [3])], []),
        ("critical regained", [wrong("urgency", "high", [4])], [], []),
        # Two of 200 are within the drop of 0.01; of four the bootstrap is sure already, the paired test (p 1/8) is not;
        # of sixteen both are.
        ("two", [], [wrong("business", "savings", [101, 103])], []),
        ("four", [], [wrong("business", "savings", range(101, 108, 2))], []),
        ("sixteen", [], [wrong("business", "savings", range(101, 132, 2))], ["figures: business accuracy"]),
        ("one loss for each gain", [wrong("reason", "marketing", range(30, 60))],
         [wrong("reason", "marketing", range(60, 90))], []),
        ("forty loans", [], [wrong("business", "savings", range(101, 180, 2))],
         ["classes: business loan recall", "figures: business accuracy", "figures: category accuracy"]),
    ],
)  # fmt: skip
def test_what_fails(
    config: Config, limits: Limits, what: str, current: list[Change], candidate: list[Change], fails: list[str]
) -> None:
    data = rows()
    found = failed(gate(data, said(data, config, *current), said(data, config, *candidate), config, limits))
    assert set(fails) <= set(found)
    assert fails or not found, found


def test_the_protected_class_by_hand(config: Config, limits: Limits) -> None:
    data = rows()
    current, candidate = said(data, config), said(data, config, wrong("urgency", "high", [3, 4]))
    (check,) = [one for one in gate(data, current, candidate, config, limits) if one.group == "protected"]
    # Two lost, none won: 2 · (1/2)^2 = 0.5.
    assert (check.rows, check.current, check.candidate, check.p, check.passed) == (20, 1.0, 0.9, 0.5, False)


def test_without_critical_rows_nothing_is_shown(config: Config, limits: Limits) -> None:
    data = rows(critical=4)
    answers = said(data, config)
    (check,) = [one for one in gate(data, answers, answers, config, limits) if not one.passed]
    assert (check.name, check.why) == ("urgency critical recall", "needs 5 rows")


@pytest.mark.parametrize(
    ("current", "candidate", "passes"),
    [
        # All rows are right: the error is 1 - confidence.
        (0.99, 0.975, True),
        (0.99, 0.965, False),
        (0.95, 0.945, True),
        (0.95, 0.935, False),
        (0.90, 0.90, True),
        (0.90, 0.895, False),
        (0.90, 0.95, True),
    ],
)
def test_calibration(config: Config, limits: Limits, current: float, candidate: float, passes: bool) -> None:
    data = rows()
    checks = gate(data, said(data, config, sure(current)), said(data, config, sure(candidate)), config, limits)
    found = [check.passed for check in checks if check.group == "calibration"]
    assert found == [passes, passes]


def test_a_candidate_that_gives_no_confidence(config: Config, limits: Limits) -> None:
    data = rows()
    checks = gate(data, said(data, config, sure(0.99)), said(data, config), config, limits)
    assert "calibration: business expected calibration error" in failed(checks)


@pytest.mark.parametrize(("lost", "fails"), [(4, False), (11, True)])
def test_a_slice_that_loses(config: Config, limits: Limits, lost: int, fails: bool) -> None:
    """Eleven of 40 chats are beyond chance (p 2/2048); four (p 1/8) are not, and of all rows both are few."""
    data = [row.model_copy(update={"voice": "chat"}) if place < 40 else row for place, row in enumerate(rows(1200))]
    candidate = said(data, config, wrong("reason", "marketing", range(29, 29 + lost)))
    found = failed(gate(data, said(data, config), candidate, config, limits))
    assert ("slices: category accuracy, voice chat" in found) is fails
    assert "figures: category accuracy" not in found


@pytest.mark.parametrize(("rate", "passes"), [(0.15, True), (0.26, False)])
def test_errors_apart_are_no_regression_and_more_of_them_are(
    config: Config, limits: Limits, rate: float, passes: bool
) -> None:
    def noise(seed: int, share: float) -> Change:
        hit = np.random.default_rng(seed).random(400) < share
        return wrong("business", "savings", np.flatnonzero(hit).tolist())

    data = rows(400)
    checks = gate(data, said(data, config, noise(1, 0.15)), said(data, config, noise(2, rate)), config, limits)
    assert (failed(checks) == []) is passes


def test_no_rows(config: Config, limits: Limits) -> None:
    with pytest.raises(InputError, match="there are no labelled complaints"):
        gate([], [], [], config, limits)


@pytest.mark.parametrize(("candidate", "passes"), [(15_000, True), (15_001, False)])
def test_size_and_speed(limits: Limits, candidate: int, passes: bool) -> None:
    assert size_check(10_000, candidate, limits).passed is passes
    assert speed_check(10_000, candidate, limits).passed is passes


def test_times_are_the_best_of_turns(triage: object) -> None:
    # Each call asks the clock twice: a run that does not count, then two that do, current before candidate.
    ticks = iter([0.0, 0.0, 0.0, 4.0, 0.0, 9.0, 0.0, 2.0, 0.0, 6.0])
    moments: list[float] = []

    def clock() -> float:
        moments.append(next(ticks))
        return moments[-1]

    assert timed(triage, triage, ["年费", "利息"], repeats=2, clock=clock) == (1000.0, 3000.0)  # type: ignore[arg-type]
