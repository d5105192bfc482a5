"""An application with nothing but the feedback, and a desk that keeps everything in a temporary folder."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import Depends, FastAPI, Request

from triage.config import Config
from triage.serve.errors import ApiError, install
from triage.serve.feedback import Desk, FeedbackSettings, feedback_router
from triage.serve.metrics import Metrics


def settings(folder: Path, **change: Any) -> FeedbackSettings:
    return FeedbackSettings(**{"folder": folder, "key": "0123456789abcdef", "patience": 0.5} | change)


@contextlib.asynccontextmanager
async def desk_of(config: Config, given: FeedbackSettings) -> AsyncIterator[Desk]:
    desk = Desk(given, lambda: config, interval=0.05)
    await desk.start()
    try:
        yield desk
    finally:
        await desk.stop()


@dataclass(frozen=True, slots=True)
class Caller:
    id: str


def require(scope: str) -> Any:
    """Let in whoever sends the scope as the key."""

    async def check(http: Request) -> Caller:
        key = http.headers.get("authorization", "").removeprefix("Bearer ")
        if key not in ("feedback", "admin"):
            raise ApiError(401, "there is no valid API key")
        if key != scope:
            raise ApiError(403, f"this key lacks the scope {scope}")
        return Caller(key)

    return Depends(check)


@contextlib.asynccontextmanager
async def served(config: Config, given: FeedbackSettings) -> AsyncIterator[tuple[httpx.AsyncClient, Desk]]:
    """Yield a client that may give feedback, but not delete."""
    app = FastAPI()
    install(app, Metrics())
    async with desk_of(config, given) as desk:
        app.include_router(feedback_router(lambda: desk, require=require))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": "Bearer feedback"}
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            yield client, desk


async def until(holds: Callable[[], bool] | Callable[[], Awaitable[bool]], *, seconds: float = 15.0) -> None:
    import asyncio

    for _ in range(int(seconds / 0.05)):
        found = holds()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it never came to hold")
