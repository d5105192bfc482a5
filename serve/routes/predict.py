"""Decisions: one complaint, or many."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Body, Response
from fastapi import Request as HttpRequest
from pydantic import ValidationError

from triage.errors import TriageError
from triage.pipeline import Request
from triage.serve.errors import ApiError, body_of, describe, of_validation, request_id
from triage.serve.keys import require
from triage.serve.routes.responses import ERRORS, Json, errors
from triage.serve.schemas import COMPLAINT, BatchIn, BatchOut, PredictIn
from triage.serve.state import service
from triage.types import Decision

__all__ = ["predict_router"]

_ONE = Body(
    openapi_examples={
        "complaint": {"summary": "a complaint", "value": {"id": "c-1", "text": COMPLAINT}},
        "received": {
            "summary": "with its channel and its time of receipt",
            "value": {
                "text": "信用卡分期手续费没有提前告知",
                "channel": "phone",
                "received": "2026-11-24T09:00:00+08:00",
            },
        },
    }
)


def predict_router() -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1", tags=["decisions"], dependencies=[require("predict")])

    @router.post(
        "/predict",
        summary="Decide one complaint",
        responses={200: {"model": Decision, "description": "The decision."}, **errors(*ERRORS)},
    )
    async def predict(http: HttpRequest, complaint: PredictIn = _ONE) -> Response:
        """Return category, urgency, department, sentiment, deadlines and reply, each with its evidence.

        `degraded` says which fallback was taken, if any; the shape is always the same.
        """
        parts = service(http)
        answer = (await parts.decide(http, [_request(complaint, parts.settings.max_text)]))[0]
        if isinstance(answer, Exception):
            raise describe(answer)
        return Json(answer)

    @router.post(
        "/predict/batch",
        summary="Decide many complaints",
        responses={
            200: {"model": BatchOut, "description": "A decision or an error for each item."},
            **errors(*ERRORS),
        },
    )
    async def predict_batch(http: HttpRequest, batch: BatchIn) -> Response:
        """Return a decision or an error for each item, in the order of the items.

        Items take turns with the calls of others, so that a large batch holds nobody up.
        """
        parts = service(http)
        if len(batch.items) > parts.settings.max_items:
            raise ApiError(413, f"there are too many items; legal: at most {parts.settings.max_items}", field="items")
        read = [_item(item, parts.settings.max_text) for item in batch.items]
        decided = iter(await parts.decide(http, [item for item in read if isinstance(item, Request)], many=True))
        ident = request_id(http)
        answers = [next(decided) if isinstance(item, Request) else item for item in read]
        return Json({"items": [_shown(item, answer, ident) for item, answer in zip(batch.items, answers, strict=True)]})

    @router.get(
        "/taxonomy",
        summary="What labels there are",
        responses=errors(401, 403, 404, 405, 421, 429, 500, 503),
    )
    async def taxonomy(http: HttpRequest) -> dict[str, Any]:
        """Return facets, labels and departments as they are configured, with the names that people see."""
        found = service(http).engine.triage.config.taxonomy
        return found.model_dump(mode="json", by_alias=True)

    return router


def _request(complaint: PredictIn, longest: int) -> Request:
    if len(complaint.text) > longest:
        raise ApiError(413, f"text is too long; legal: at most {longest} characters", field="text")
    return complaint.request()


def _item(item: object, longest: int) -> Request | Exception:
    """Read one item of a batch; what is wrong with it stays its own."""
    try:
        return _request(PredictIn.model_validate(item), longest)
    except ValidationError as error:
        return of_validation(error.errors(include_url=False, include_input=False))
    except (ApiError, TriageError) as error:
        return error


def _shown(item: object, answer: Decision | Exception, ident: str) -> object:
    if isinstance(answer, Decision):
        return answer
    given = item.get("id") if isinstance(item, dict) else None
    if not isinstance(given, str) or not given.isprintable():
        given = None
    return {"id": given, **body_of(describe(answer), ident)}
