"""Shadow mode: differences are counted, texts are not kept, and nothing of it reaches the caller."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from small_model import SAYS, small_model

from triage.errors import UsageError
from triage.pipeline import Request, Triage, load
from triage.registry import Shadow

TEXTS = ["被骗走三千", "贷款的问题", "保单的问题", "随便说说而已"]
REQUESTS = [Request(text=text, id=f"c-{place}") for place, text in enumerate(TEXTS)]


@pytest.fixture(scope="module")
def current(tmp_path_factory: pytest.TempPathFactory) -> Triage:
    return load(small_model(tmp_path_factory.mktemp("one") / "m", version="one"), threads=1)


@pytest.fixture(scope="module")
def candidate(tmp_path_factory: pytest.TempPathFactory) -> Triage:
    """Takes a loan for a deposit; all else is the same."""
    says = dict(SAYS) | {"贷": {"business": "savings"}}
    return load(small_model(tmp_path_factory.mktemp("two") / "m", version="two", says=says), threads=1)


def test_differences_by_facet_and_ids_alone(current: Triage, candidate: Triage, tmp_path: Path) -> None:
    shadow = Shadow(candidate)
    answers = current.decide(REQUESTS)
    for _ in range(3):
        shadow.see(REQUESTS, answers)
    report = shadow.close(seconds=None)
    assert (report.candidate, report.current, report.compared, report.same) == ("two", {"one": 12}, 12, 9)
    assert (report.dropped, report.failed) == (0, 0)
    business = report.facets["business"]
    assert (business.differ, business.pairs) == (3, {"loan → savings": 3})
    assert set(business.examples) == {"c-1"}
    assert report.facets["urgency"].differ == 0
    report.write(tmp_path / "shadow.json")
    written = (tmp_path / "shadow.json").read_text(encoding="utf-8")
    assert not any(text in written for text in TEXTS)
    shadow.see(REQUESTS, answers)
    assert shadow.close().compared == 12


def test_a_shadow_that_is_too_slow_drops_and_never_waits(current: Triage, candidate: Triage) -> None:
    class Slow(Triage):
        def decide(self, requests: Any, **options: Any) -> list[Any]:
            time.sleep(0.5)
            return list(super().decide(requests, **options))

    shadow = Shadow(Slow(candidate.config, candidate.model), waiting=1)
    answers = current.decide(REQUESTS)
    begun = time.monotonic()
    for _ in range(50):
        shadow.see(REQUESTS, answers)
    assert time.monotonic() - begun < 0.4
    report = shadow.close(seconds=30)
    assert report.dropped >= 4 * 47
    assert report.compared + report.dropped == 200


def test_a_candidate_that_fails_is_counted(current: Triage, candidate: Triage) -> None:
    class Broken(Triage):
        def decide(self, requests: Any, **options: Any) -> list[Any]:
            raise RuntimeError("no")

    shadow = Shadow(Broken(candidate.config, candidate.model))
    shadow.see(REQUESTS, [*current.decide(REQUESTS[:3]), ValueError("not decided")])
    report = shadow.close(seconds=None)
    assert (report.compared, report.failed, report.dropped) == (0, 3, 0)


def test_a_share_of_the_batches(current: Triage, candidate: Triage) -> None:
    shadow = Shadow(candidate, share=0.5, waiting=100, seed=1)
    answers = current.decide(REQUESTS[:1])
    for _ in range(40):
        shadow.see(REQUESTS[:1], answers)
    report = shadow.close(seconds=None)
    assert report.dropped == 0
    assert 10 <= report.compared <= 30


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"share": 0}, "share is 0; legal: above 0, 1 at most"),
        ({"share": 1.5}, "share is 1.5"),
        ({"waiting": 0}, "waiting is 0; legal: 1 and above"),
    ],
)
def test_arguments(candidate: Triage, given: dict[str, float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Shadow(candidate, **given)  # type: ignore[arg-type]


def test_rules_alone_are_no_candidate(triage: Triage) -> None:
    with pytest.raises(UsageError, match="the candidate has no model"):
        Shadow(triage)
