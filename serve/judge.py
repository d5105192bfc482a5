"""One batch through the library, in a worker thread: whatever happens, every complaint gets a decision or an error."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from triage.pipeline import Request, Triage
from triage.types import Decision, Notice

__all__ = ["Judged", "Request", "degrade", "judge", "size"]

_logger = logging.getLogger("triage.serve")


@dataclass(frozen=True, slots=True)
class Judged:
    """The answers of a batch in order, and whether the model failed on all of it."""

    answers: list[Decision | Exception]
    failed: bool = False


def size(request: Request) -> int:
    """Return the characters of a complaint."""
    return len(request.text if isinstance(request.text, str) else request.text.text)


def judge(triage: Triage, requests: Sequence[Request], *, rules_only: bool, budget: float | None) -> Judged:
    """Decide a batch; a complaint that breaks the model is decided by rules, one that breaks those is an error.

    Args:
        triage: the library, loaded.
        requests: the complaints.
        rules_only: leave the model alone.
        budget: seconds that the model may take for the batch; by default what the configuration says.
    """
    try:
        answers: list[Decision | Exception] = list(triage.decide(requests, rules_only=rules_only, budget=budget))
    except Exception as error:
        _logger.error("batch_failed", exc_info=error, extra={"count": len(requests)})
    else:
        # The model takes a batch as one: one complaint that breaks it leaves all of them to the rules.
        if len(requests) == 1 or not _fell_back(answers, "model_broken"):
            return Judged(answers, failed=not rules_only and _fell_back(answers, "model_"))
    alone = [_alone(triage, request, rules_only=rules_only, budget=budget) for request in requests]
    return Judged([answer for answer, _ in alone], failed=not rules_only and all(failed for _, failed in alone))


def degrade(triage: Triage, decision: Decision, notice: Notice) -> Decision:
    """Return ``decision`` with a fallback that was taken; what a fallback decided is for a person to see."""
    if any(known.code == notice.code for known in decision.degraded):
        return decision
    reasons = [
        reason for reason in decision.reasons if not reason.startswith(("certain：", "suggested：", "degraded："))
    ]
    reasons.append(f"degraded：{triage.config.decisions.reasons['degraded']}")
    return dataclasses.replace(
        decision, degraded=(*decision.degraded, notice), decision="review", reasons=tuple(reasons)
    )


def _alone(
    triage: Triage, request: Request, *, rules_only: bool, budget: float | None
) -> tuple[Decision | Exception, bool]:
    """Return the answer to one complaint, and whether the model failed on it."""
    if not rules_only:
        try:
            answer = triage.decide([request], budget=budget)[0]
        except Exception as error:
            _logger.error("model_broken", exc_info=error)
        else:
            return answer, _fell_back([answer], "model_")
    try:
        answer = triage.decide([request], rules_only=True)[0]
    except Exception as error:
        _logger.error("rules_failed", exc_info=error)
        return error, True
    if isinstance(answer, Decision) and not rules_only:
        answer = degrade(triage, answer, Notice("model_broken", "rules judged: the model failed on this complaint"))
    return answer, True


def _fell_back(answers: Sequence[Decision | Exception], code: str) -> bool:
    """Return whether rules had to stand in, for a reason that begins with ``code``, wherever there is a decision."""
    decided = [answer for answer in answers if isinstance(answer, Decision)]
    return bool(decided) and all(
        any(notice.code.startswith(code) for notice in decision.degraded) for decision in decided
    )
