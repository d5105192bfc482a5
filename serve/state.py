"""What the handlers share: one object on ``app.state`` would do, and its parts have names here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request as HttpRequest

from triage.pipeline import Request
from triage.serve.audit import Audit
from triage.serve.batching import Batcher
from triage.serve.engine import Engine
from triage.serve.errors import ApiError
from triage.serve.feedback import Desk
from triage.serve.metrics import Metrics
from triage.serve.rates import Rates
from triage.serve.settings import Settings
from triage.types import Decision

__all__ = ["Service", "service", "while_connected"]

Answer = TypeVar("Answer")

_PATIENCE = 0.05
"""Seconds after which it is worth to look whether the client is still there."""


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service."""

    settings: Settings
    engine: Engine
    batcher: Batcher[Request, Decision]
    metrics: Metrics
    audit: Audit
    desk: Desk

    async def decide(
        self, http: HttpRequest, requests: Sequence[Request], *, many: bool = False
    ) -> list[Decision | Exception]:
        """Decide complaints for a caller, in order; give up when the caller goes away.

        Args:
            http: the request that they came with.
            requests: the complaints.
            many: whether the caller sent a batch, and waits as long as for one.

        Raises:
            ApiError: 413 when there is too much of it, 429 when the caller asks too often, 503 under load.
        """
        settings = self.settings
        if len(requests) > settings.max_items:
            raise ApiError(413, f"there are too many items; legal: at most {settings.max_items}", field="items")
        http.state.items = len(requests)
        self._charge(http, len(requests))
        limit = settings.batch_deadline if many else settings.deadline
        answers = await while_connected(http, asyncio.ensure_future(self.batcher.submit(requests, seconds=limit)))
        decisions = [answer for answer in answers if isinstance(answer, Decision)]
        self.metrics.decisions(decisions)
        for decision in decisions:
            self.desk.record(decision)
        return answers

    def _charge(self, http: HttpRequest, complaints: int) -> None:
        """Take a token for each complaint; the check of the key has taken that of the first."""
        rates: Rates = http.app.state.rates
        caller = getattr(http.state, "caller", None)
        if caller is None:
            # A door whose sender signs instead of holding a key: the door is the caller.
            caller = http.url.path
            rates.take(caller)
        rates.owe(caller, complaints - 1)


def service(http: HttpRequest) -> Service:
    """Return the service that ``http`` came to."""
    found: Service = http.app.state.service
    return found


async def while_connected(http: HttpRequest, work: asyncio.Future[Answer]) -> Answer:
    """Return what ``work`` gives; cancel it when the client goes away.

    Raises:
        ApiError: 499, which nobody will read.
    """
    gone: asyncio.Future[Any] | None = None
    try:
        done, _ = await asyncio.wait({work}, timeout=_PATIENCE)
        if not done:
            gone = asyncio.ensure_future(http.receive())
            both: set[asyncio.Future[Any]] = {work, gone}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ApiError(499, "the client went away", code="client_gone")
        return work.result()
    finally:
        for task in (work, gone):
            if task is not None and not task.done():
                task.cancel()
