"""One batch through the library, in a worker thread: whatever happens, every complaint gets a decision or an error."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.errors import TriageError
from triage.pipeline import Triage
from triage.text import Document
from triage.types import Decision, Notice

__all__ = ["Judged", "Request", "degrade", "judge"]

_logger = logging.getLogger("triage.serve")


@dataclass(frozen=True, slots=True)
class Request:
    """One complaint as a caller sends it."""

    text: str | Document
    id: str | None = None
    channel: str | None = None
    received: datetime | None = None

    def __len__(self) -> int:
        return len(self.text if isinstance(self.text, str) else self.text.text)


@dataclass(frozen=True, slots=True)
class Judged:
    """The answers of a batch in order, and whether the model failed on all of it."""

    answers: list[Decision | Exception]
    failed: bool = False


def judge(triage: Triage, requests: Sequence[Request], *, rules_only: bool, budget: float | None) -> Judged:
    """Decide a batch; a complaint that breaks the model is decided by rules, one that breaks those is an error.

    Args:
        triage: the library, loaded.
        requests: the complaints.
        rules_only: leave the model alone.
        budget: seconds that the model may take for the batch.
    """
    try:
        answers = decide(triage, requests, rules_only=rules_only, budget=budget)
        return Judged(list(answers), failed=not rules_only and _all_by_fallback(answers))
    except Exception as error:  # noqa: BLE001 - one complaint must not take the others with it
        _logger.error("batch_failed", exc_info=error, extra={"count": len(requests)})
    alone = [_alone(triage, request, rules_only=rules_only, budget=budget) for request in requests]
    return Judged([answer for answer, _ in alone], failed=not rules_only and all(failed for _, failed in alone))


def _alone(
    triage: Triage, request: Request, *, rules_only: bool, budget: float | None
) -> tuple[Decision | Exception, bool]:
    if not rules_only:
        try:
            answers = decide(triage, [request], rules_only=False, budget=budget)
            return answers[0], _all_by_fallback(answers)
        except Exception as error:  # noqa: BLE001
            _logger.error("model_failed", exc_info=error)
    try:
        answer = decide(triage, [request], rules_only=True, budget=None)[0]
    except Exception as error:  # noqa: BLE001
        _logger.error("rules_failed", exc_info=error)
        return error, True
    if rules_only or isinstance(answer, Exception):
        return answer, True
    said = Notice("model_failed", "the model failed on this complaint; rules judged it")
    return degrade(triage, answer, said), True


def decide(
    triage: Triage, requests: Sequence[Request], *, rules_only: bool, budget: float | None
) -> list[Decision | TriageError]:
    """Call the library."""
    answers: list[Decision | TriageError] = []
    for request in requests:
        try:
            answers.append(
                triage.predict(request.text, id=request.id, channel=request.channel, received=request.received)
            )
        except TriageError as error:  # noqa: PERF203
            answers.append(error)
    return answers


def degrade(triage: Triage, decision: Decision, notice: Notice) -> Decision:
    """Return ``decision`` with a fallback that was taken; what a fallback decided is for a person to see."""
    if any(known.code == notice.code for known in decision.degraded):
        return decision
    reasons = [reason for reason in decision.reasons if not reason.startswith(("certain：", "suggested：", "degraded："))]
    reasons.append(f"degraded：{triage.config.decisions.reasons['degraded']}")
    return dataclasses.replace(
        decision, degraded=(*decision.degraded, notice), decision="review", reasons=tuple(reasons)
    )


def _all_by_fallback(answers: Sequence[Decision | Exception]) -> bool:
    """Return whether the library itself had to leave its model out for every complaint that can be decided."""
    decided = [answer for answer in answers if isinstance(answer, Decision)]
    return bool(decided) and all(
        any(notice.code.startswith("model_") for notice in decision.degraded) for decision in decided
    )
