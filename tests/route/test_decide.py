"""What may be done with a label, and with the whole complaint."""

from __future__ import annotations

import pytest

from triage.config import Config
from triage.route import Judged, decide_facet, decide_whole

NAMES = {"business": "业务", "reason": "原因", "urgency": "紧急程度"}
SURE = dict.fromkeys(NAMES, "auto")


@pytest.mark.parametrize(
    ("facet", "judged", "decided"),
    [
        ("business", Judged(confidence=0.99, strength=0.0), "auto"),
        ("business", Judged(confidence=0.95, strength=0.0), "auto"),
        ("business", Judged(confidence=0.94, strength=1.0), "suggest"),
        ("business", Judged(confidence=0.59, strength=1.0), "review"),
        ("urgency", Judged(confidence=0.96, strength=0.0), "suggest"),
        ("business", Judged(strength=1.0), "auto"),
        ("business", Judged(strength=0.3), "suggest"),
        ("business", Judged(strength=0.0), "review"),
        ("channel", Judged(strength=0.0), "suggest"),
    ],
)
def test_one_facet(config: Config, facet: str, judged: Judged, decided: str) -> None:
    assert decide_facet(config.decisions, facet, judged) == decided


@pytest.mark.parametrize(
    ("facets", "facts", "degraded", "decision", "reason"),
    [
        (SURE, {}, False, "auto", "certain"),
        (SURE | {"reason": "suggest"}, {}, False, "suggest", "suggested"),
        (SURE | {"reason": "review"}, {}, False, "review", "依据不足（原因）"),
        (SURE, {"flags": {"self_harm"}}, False, "review", "crisis"),
        (SURE, {"flags": {"fraud_in_progress"}}, False, "review", "fraud"),
        (SURE, {"urgency": {"critical"}}, False, "review", "critical"),
        (SURE, {"flags": {"media"}}, False, "review", "outside"),
        (SURE, {"flags": {"vulnerable"}}, False, "auto", "certain"),
        (SURE, {"business": {"other"}, "reason": {"other"}}, False, "review", "nothing_found"),
        (SURE, {"business": {"other"}, "reason": {"pricing"}}, False, "auto", "certain"),
        (SURE, {"text": {"cut"}}, False, "review", "long_text"),
        (SURE, {}, True, "review", "degraded"),
    ],
)
def test_the_whole(
    config: Config,
    facets: dict[str, str],
    facts: dict[str, set[str]],
    degraded: bool,
    decision: str,
    reason: str,
) -> None:
    verdict = decide_whole(config.decisions, facets, facts, names=NAMES, degraded=degraded)  # type: ignore[arg-type]
    assert verdict.decision == decision
    assert any(reason in text for text in verdict.reasons)
