"""An application with nothing but the feedback, and a desk that keeps everything in a temporary folder."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from triage.config import Config
from triage.serve.errors import install
from triage.serve.feedback import Desk, FeedbackSettings, feedback_router
from triage.serve.keys import Keys, new_key, require, write_keys
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


@contextlib.asynccontextmanager
async def served(config: Config, given: FeedbackSettings) -> AsyncIterator[tuple[httpx.AsyncClient, Desk]]:
    """Yield a client that may give feedback but not delete; ``admin`` in its headers' place may do both."""
    app = FastAPI()
    given.folder.mkdir(exist_ok=True)
    person, first = new_key("agent", ["feedback"])
    _, second = new_key("other", ["predict"])
    write_keys(given.folder / "keys.json", [first, second])
    app.state.keys = Keys(given.folder / "keys.json")
    install(app, Metrics())
    async with desk_of(config, given) as desk:
        app.include_router(feedback_router(lambda: desk, require=require))
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {person}"}
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
