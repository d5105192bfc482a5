"""What an operator does to a running service; every act goes into the audit log, also one that is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from fastapi import Request as HttpRequest

from triage.serve.errors import ApiError, request_id
from triage.serve.keys import Caller, require
from triage.serve.routes.responses import errors
from triage.serve.schemas import ReloadOut, ShadowOut
from triage.serve.state import service

if TYPE_CHECKING:
    from triage.registry import Shadow

__all__ = ["admin_router"]


def admin_router() -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/admin", tags=["administration"])
    admin = require("admin")
    described = errors(401, 403, 404, 405, 409, 421, 422, 429, 500, 503)

    @router.post("/reload", summary="Take the model and the configuration that now lie there", responses=described)
    async def reload(http: HttpRequest, caller: Caller = admin) -> ReloadOut:
        """Copy, verify, warm up with examples, and swap while traffic flows; all workers follow.

        A release that is not legal or does not decide the examples is refused: 422, and the old one goes on.
        """
        return await _audited(http, caller, "reload", service(http).engine.reload)

    @router.post("/rollback", summary="Go back to the release before", responses=described)
    async def rollback(http: HttpRequest, caller: Caller = admin) -> ReloadOut:
        """Put the release before the one in force back into force; twice is the way forth again."""
        return await _audited(http, caller, "rollback", service(http).engine.roll_back)

    @router.get(
        "/shadow",
        summary="How a candidate differs from the model in force",
        responses=errors(401, 403, 404, 405, 421, 429, 500, 503),
        dependencies=[admin],
    )
    async def shadow(http: HttpRequest) -> ShadowOut:
        """Report on the model that judges unseen beside the one in force, in the worker process that answers.

        Ids of complaints on which they differ are named, never texts.
        """
        found: Shadow | None = http.app.state.shadow
        if found is None:
            raise ApiError(404, "no candidate judges in the shadow; legal: a trained folder as the setting shadow")
        return ShadowOut(**found.report().to_dict())

    return router


async def _audited(
    http: HttpRequest, caller: Caller, act: str, do: Callable[[], Awaitable[dict[str, Any]]]
) -> ReloadOut:
    details: dict[str, Any] = {}
    outcome = "failed"
    try:
        details = await do()
        outcome = "done"
    except ApiError as error:
        outcome = error.code
        raise
    finally:
        audit = service(http).audit
        told = {name: details[name] for name in ("release", "before", "now") if name in details}
        await asyncio.to_thread(
            audit.write, act, caller=caller.id, request_id=request_id(http), outcome=outcome, **told
        )
    return ReloadOut(**details)
