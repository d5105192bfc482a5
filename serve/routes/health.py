"""Whether the process lives, whether it may be sent work, and its numbers."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response
from fastapi import Request as HttpRequest
from prometheus_client import CONTENT_TYPE_LATEST

from triage.serve.keys import any_key
from triage.serve.routes.responses import errors
from triage.serve.schemas import StatusOut
from triage.serve.state import service

__all__ = ["health_router"]


def health_router(*, metrics_public: bool) -> APIRouter:
    """Return the router.

    Args:
        metrics_public: whether the numbers are told without a key.
    """
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="Is the process alive?", responses=errors(404, 405, 421, 500))
    async def healthz() -> dict[str, str]:
        """Answer as long as the event loop turns; says nothing about the model."""
        return {"status": "ok"}

    @router.get("/readyz", summary="May it be sent work, and what judges?", responses=errors(404, 405, 421, 500, 503))
    async def readyz(http: HttpRequest) -> StatusOut:
        """Say `model` or `rules`, the versions in force, and why rules stand in, if they do.

        Ready by rules is ready: 503 is for the time before anything judges.
        """
        return StatusOut(ready=True, **service(http).engine.status())

    @router.get(
        "/metrics",
        summary="Metrics for Prometheus",
        response_class=Response,
        responses={
            200: {"description": "Exposition format.", "content": {"text/plain": {"schema": {"type": "string"}}}},
            **errors(*((404, 405, 421, 500) if metrics_public else (401, 404, 405, 421, 429, 500))),
        },
        dependencies=[] if metrics_public else [Depends(any_key)],
    )
    async def metrics(http: HttpRequest) -> Response:
        """Return the numbers of all worker processes."""
        return Response(service(http).metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return router
