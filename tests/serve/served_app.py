"""The whole service in a temporary folder, spoken to without a socket or over one; and a triage with a model."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI

from triage.config import Config
from triage.errors import TriageError
from triage.pipeline import Request, Triage
from triage.serve import Settings, create_app
from triage.serve.feedback import FeedbackSettings
from triage.serve.protocol import GuardedProtocol
from triage.types import Decision


class Modelled(Triage):
    """A triage whose model is a function: it may raise or be slow; what it lets pass, rules answer in its name."""

    def __init__(self, config: Config, think: Callable[[Sequence[str]], None], *, version: str = "m-1") -> None:
        super().__init__(config)
        self._think = think
        self.model = SimpleNamespace(version=version)  # type: ignore[assignment]

    def decide(
        self, requests: Sequence[Request], *, rules_only: bool = False, budget: float | None = None
    ) -> list[Decision | TriageError]:
        if not rules_only:
            self._think([str(request.text) for request in requests])
        answers = super().decide(requests, rules_only=True)
        if rules_only:
            return answers
        return [
            dataclasses.replace(answer, source="model", model_version=self.versions[0])
            if isinstance(answer, Decision)
            else answer
            for answer in answers
        ]


def app_in(folder: Path, *, loader: Any = None, **change: Any) -> FastAPI:
    settings = {"auth": False, "audit": folder / "audit.jsonl", "state": folder / "state"} | change
    feedback = FeedbackSettings(folder=folder / "feedback", key="0123456789abcdef", keep="none")
    return create_app(Settings(**settings), feedback=feedback, loader=loader)


def loads(triage: Triage) -> Any:
    """A loader that always gives ``triage``."""
    return lambda *_, **__: triage


@contextlib.asynccontextmanager
async def served(folder: Path, *, loader: Any = None, **change: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = app_in(folder, loader=loader, **change)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", timeout=60) as client,
    ):
        yield client


@contextlib.contextmanager
def listening(folder: Path, *, loader: Any = None, **change: Any) -> Iterator[int]:
    """Serve on a free port in a thread, as ``triage serve`` does; yield the port."""
    app = app_in(folder, loader=loader, **change)
    config = uvicorn.Config(
        app, http=GuardedProtocol, loop="asyncio", ws="none", lifespan="on", log_config=None, access_log=False,
        proxy_headers=False, server_header=False, timeout_graceful_shutdown=5,
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive(), "the service did not start"
            thread.join(0.02)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(30)
    assert not thread.is_alive()
