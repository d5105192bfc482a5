"""The wiring: settings in, an application out."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.staticfiles import StaticFiles
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp

from triage.errors import TriageError
from triage.pipeline import Request, load
from triage.serve import errors
from triage.serve.audit import Audit
from triage.serve.batching import Batcher, Bounds
from triage.serve.doors import Callbacks, doors_router
from triage.serve.engine import Engine, Loader
from triage.serve.feedback import Desk, FeedbackSettings, feedback_router
from triage.serve.judge import size
from triage.serve.keys import Keys, allow, require
from triage.serve.limits import Guard
from triage.serve.metrics import Metrics
from triage.serve.page import page_router
from triage.serve.rates import Rates
from triage.serve.routes.admin import admin_router
from triage.serve.routes.health import health_router
from triage.serve.routes.kserve import kserve_router
from triage.serve.routes.predict import predict_router
from triage.serve.routes.responses import ERRORS
from triage.serve.routes.responses import errors as describe_errors
from triage.serve.settings import Settings, read_settings
from triage.serve.state import Service
from triage.serve.traces import Traces, traces_to
from triage.types import Decision

if TYPE_CHECKING:
    from triage.registry import Shadow

__all__ = ["create_app"]

_ABOUT = """\
Triage of Chinese financial complaints: what it is about, how urgent, who decides it, by when, and why.

Every error has one shape, `{error: {code, message, field?, request_id}}`, and never repeats a value that was sent.
"""
_ASSETS = "/docs/assets"

_logger = logging.getLogger("triage.serve")


def create_app(
    settings: Settings | None = None, *, feedback: FeedbackSettings | None = None, loader: Loader | None = None
) -> FastAPI:
    """Return the service as an ASGI application.

    Args:
        settings: what an operator sets; read from environment and file by default.
        feedback: where and how long feedback is kept; read from the environment by default.
        loader: loads a release of model and configuration; the library's own by default.

    Raises:
        ConfigError: the file of keys cannot be read. The configuration is read when the application starts.
        UsageError: traces are wanted and OpenTelemetry is not installed.
    """
    settings = settings or read_settings()
    metrics = Metrics()
    traces = None if settings.traces is None else traces_to(settings.traces)
    app = _App(
        settings,
        metrics,
        traces,
        title="Triage",
        version=version("triage"),
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json" if settings.docs else None,
        lifespan=_lifespan,
    )
    app.state.settings, app.state.metrics, app.state.traces, app.state.loader = settings, metrics, traces, loader
    app.state.feedback = feedback or FeedbackSettings.read()
    app.state.keys = Keys(settings.keys if settings.auth else None)
    app.state.rates = Rates(settings.rate, settings.rate_burst)
    errors.install(app, metrics)
    app.include_router(predict_router())
    app.include_router(admin_router())
    app.include_router(health_router(metrics_public=settings.metrics_public))
    app.include_router(kserve_router())
    described = describe_errors(*ERRORS, 409)
    app.include_router(feedback_router(lambda: app.state.service.desk, require=require), responses=described)
    app.include_router(
        doors_router(
            config=lambda: app.state.service.engine.triage.config,
            decide=lambda http, found: app.state.service.decide(http, found, many=len(found) > 1),
            allow=lambda http: allow(http, "predict"),
            callbacks=lambda: app.state.callbacks,
        ),
        responses=described,
    )
    if settings.page:
        app.include_router(page_router())
    if settings.docs:
        _docs(app)
    return app


class _App(FastAPI):
    """An application inside its guard: the guard is outside of everything, also of the handlers of errors."""

    def __init__(self, settings: Settings, metrics: Metrics, traces: Traces | None, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(**kwargs)
        self._settings, self._metrics, self._traces = settings, metrics, traces

    def build_middleware_stack(self) -> ASGIApp:
        inside = super().build_middleware_stack()
        return Guard(inside, settings=self._settings, metrics=self._metrics, traces=self._traces)


@contextlib.asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    metrics: Metrics = app.state.metrics
    async with contextlib.AsyncExitStack() as stack:
        folder = settings.state or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="triage-")))
        traces: Traces | None = app.state.traces
        if traces is not None:
            stack.push_async_callback(asyncio.to_thread, traces.stop)
        engine = Engine(settings, metrics, folder, loader=app.state.loader)
        await engine.start()
        stack.push_async_callback(engine.stop)
        shadow = app.state.shadow = await asyncio.to_thread(_shadow, settings, app.state.loader or load)
        if shadow is not None:
            stack.push_async_callback(asyncio.to_thread, _report, shadow, folder)
        batcher: Batcher[Request, Decision] = Batcher(
            _judge(engine, shadow, traces),
            size=size,
            bounds=Bounds(**{name: getattr(settings, name) for name in Bounds.__dataclass_fields__}),
            metrics=metrics,
            lanes=settings.threads,
        )
        batcher.start()
        stack.push_async_callback(batcher.stop)
        desk = Desk(app.state.feedback, lambda: engine.triage.config)
        await desk.start()
        stack.push_async_callback(desk.stop)
        app.state.callbacks = Callbacks(desk.settings.folder / "callbacks", lambda: engine.triage.config)
        app.state.callbacks.start()
        stack.push_async_callback(app.state.callbacks.stop)
        app.state.service = Service(settings, engine, batcher, metrics, Audit(settings.audit), desk)
        yield


def _judge(
    engine: Engine, shadow: Shadow | None, traces: Traces | None
) -> Callable[[Sequence[Request]], Awaitable[list[Decision | Exception]]]:
    async def judged(requests: Sequence[Request]) -> list[Decision | Exception]:
        with contextlib.nullcontext() if traces is None else traces.batch(len(requests)):
            answers = await engine.decide(requests)
        if shadow is not None:
            shadow.see(requests, answers)
        return answers

    return judged


def _shadow(settings: Settings, loader: Loader) -> Shadow | None:
    """Load the candidate; one that cannot be loaded is no reason not to serve."""
    if settings.shadow is None:
        return None
    try:
        from triage.registry import Shadow  # noqa: PLC0415 - only for whoever has a candidate: the extra `registry`

        candidate = loader(settings.shadow, configs=settings.configs, rules_only=False, threads=1)
        return Shadow(candidate, share=settings.shadow_share)
    except (TriageError, ImportError) as error:
        _logger.error("shadow_unusable", exc_info=error)
        return None


def _report(shadow: Shadow, folder: Path) -> None:
    shadow.close().write(folder / f"shadow-{os.getpid()}.json")


def _docs(app: FastAPI) -> None:
    """Serve the page with assets from a package: it works with no internet."""
    app.mount(_ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), name="assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url="/openapi.json",
            title="Triage",
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
        )
