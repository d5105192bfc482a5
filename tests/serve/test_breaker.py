from __future__ import annotations

import pytest

from triage.serve.breaker import Breaker


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("acts", "state"),
    [
        ("", "closed"),
        ("ff", "closed"),
        ("ffsf", "closed"),
        ("fff", "open"),
        ("fsff", "closed"),
        ("fff>", "half_open"),
        ("fff>af", "open"),
        ("fff>as", "closed"),
        ("fff>asff", "closed"),
        ("t", "open"),
        ("t>", "half_open"),
        ("t>as", "closed"),
    ],
)
def test_states(acts: str, state: str) -> None:
    clock = Clock()
    breaker = Breaker(failures=3, rest=30, clock=clock)
    for act in acts:
        if act == ">":
            clock.now += 30
        else:
            {"f": breaker.failed, "s": breaker.succeeded, "t": breaker.trip, "a": breaker.allows}[act]()
    assert breaker.state == state


def test_one_trial_at_a_time() -> None:
    clock = Clock()
    breaker = Breaker(failures=1, rest=30, clock=clock)
    assert breaker.allows()
    breaker.failed()
    clock.now += 29.9
    assert not breaker.allows()
    clock.now += 0.1
    assert breaker.allows()
    assert not breaker.allows()
    breaker.succeeded()
    assert breaker.allows()
    assert breaker.allows()
