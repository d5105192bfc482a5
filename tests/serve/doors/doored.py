"""An application with nothing but the doors, in front of the real library."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import yaml
from documented import NOW, SECRETS
from fastapi import FastAPI, Request

from triage.config import Config, load
from triage.config.loader import DEFAULT
from triage.pipeline import Triage
from triage.serve.doors import Callbacks, doors_router
from triage.serve.errors import ApiError, install
from triage.serve.judge import Request as Complaint
from triage.serve.metrics import Metrics
from triage.types import Decision


def configured(folder: Path, **doors: Mapping[str, Any]) -> Config:
    """Return the default configuration with some keys of some doors changed."""
    data = yaml.safe_load((DEFAULT / "doors.yaml").read_text(encoding="utf-8"))
    for name, change in doors.items():
        data["doors"][name] = data["doors"].get(name, {}) | change
    folder.mkdir(exist_ok=True)
    (folder / "doors.yaml").write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return load(folder)


async def allow(http: Request) -> None:
    if http.headers.get("authorization") != "Bearer KEY":
        raise ApiError(401, "there is no valid API key")


@contextlib.asynccontextmanager
async def doored(
    triage: Triage,
    folder: Path,
    *,
    config: Config | None = None,
    secrets: Mapping[str, str] = SECRETS,
    clock: Callable[[], datetime] = lambda: NOW,
) -> AsyncIterator[tuple[httpx.AsyncClient, Callbacks]]:
    async def decide(_: Request, complaints: Sequence[Complaint]) -> list[Decision | Exception]:
        return list(triage.decide(complaints, rules_only=True))

    def in_force() -> Config:
        return config or triage.config

    app = FastAPI()
    install(app, Metrics())
    callbacks = Callbacks(folder / "callbacks", in_force, secret=dict(secrets).get, interval=0.05)
    app.include_router(
        doors_router(config=in_force, decide=decide, allow=allow, callbacks=lambda: callbacks, clock=clock)
    )
    callbacks.start()
    try:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
            yield client, callbacks
    finally:
        await callbacks.stop()
