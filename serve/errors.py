"""What a caller is told when something is wrong: one shape, and nothing of the inside or of the text.

`{"error": {"code", "message", "field"?, "request_id"}}`. Messages never repeat a value that came with the request: a
value may be somebody's card number.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.responses import Response

from triage.errors import InputError, TriageError
from triage.serve.metrics import Metrics

__all__ = ["ApiError", "body_of", "describe", "install", "of_validation", "request_id"]

_logger = logging.getLogger("triage.serve")

_CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    409: "conflict",
    413: "too_large",
    415: "unsupported_media_type",
    421: "wrong_host",
    422: "invalid",
    429: "too_many_requests",
    431: "headers_too_large",
    503: "unavailable",
}
_SAID = {
    404: "there is nothing at this address; GET /docs lists what there is",
    405: "this address does not take this method; GET /docs lists what there is",
}
_FIELDS = {
    "text": "text holds nothing readable; legal: a text with at least one readable character",
    "channel": "channel is no label of the taxonomy's facet channel; GET /v1/taxonomy lists them",
    "received": "received has no offset; legal: a time with an offset, 2026-11-24T09:00:00+08:00",
}


class ApiError(Exception):
    """An answer other than the one that was asked for.

    Args:
        status: the HTTP status, 400 to 599.
        message: one line that says what is wrong and what is legal, without any value that the caller sent.
        code: a word for programs; by default the one of the status.
        field: the dotted path of the offending field of the body.
        retry_after: whole seconds after which the caller may come again.
        headers: further headers.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        field: str | None = None,
        retry_after: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.field = status, message, field
        self.code = code or _CODES.get(status, "error")
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["Retry-After"] = str(retry_after)


def describe(error: Exception) -> ApiError:
    """Return what a caller may know about ``error``."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, InputError):
        # The library names the offending value, which is fine on a terminal and not in a log of answers.
        said = _FIELDS.get(error.field or "", "the complaint cannot be read")
        return ApiError(422, said, field=error.field if error.field in _FIELDS else None)
    if isinstance(error, TriageError):
        return ApiError(422, "the complaint cannot be decided")
    return ApiError(500, "something went wrong inside; the log names it under the request id", code="internal")


def request_id(request: Request) -> str:
    """Return the id under which the log knows this request."""
    return str(request.scope.get("state", {}).get("request_id", ""))


def body_of(error: ApiError, ident: str, path: str = "") -> dict[str, Any]:
    """Return the body that tells of ``error``; the KServe protocol under ``/v2`` has a shape of its own."""
    if path.startswith("/v2"):
        return {"error": error.message}
    body: dict[str, Any] = {"code": error.code, "message": error.message}
    if error.field is not None:
        body["field"] = error.field
    body["request_id"] = ident
    return {"error": body}


def install(app: FastAPI, metrics: Metrics) -> None:
    """Make every error of ``app`` answer in the one shape, and count it."""

    def answer(request: Request, error: ApiError) -> Response:
        metrics.error(error.code)
        return JSONResponse(body_of(error, request_id(request), request.url.path), error.status, headers=error.headers)

    async def on_api_error(request: Request, error: Exception) -> Response:
        return answer(request, describe(error))

    async def on_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        said = _SAID.get(error.status_code, "the request cannot be read; legal: one JSON object in UTF-8")
        return answer(request, ApiError(error.status_code, said, headers=error.headers))

    async def on_invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        return answer(request, _invalid(request, error.errors()))

    async def on_unexpected(request: Request, error: Exception) -> Response:
        _logger.error("unexpected", exc_info=error, extra={"request_id": request_id(request)})
        return answer(request, describe(error))

    app.add_exception_handler(ApiError, on_api_error)
    app.add_exception_handler(TriageError, on_api_error)
    app.add_exception_handler(HTTPException, on_http_exception)
    app.add_exception_handler(RequestValidationError, on_invalid)
    app.add_exception_handler(Exception, on_unexpected)


def _invalid(request: Request, errors: Sequence[Mapping[str, Any]]) -> ApiError:
    first = errors[0]
    kind, where = str(first["type"]), tuple(first["loc"])
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    declared = media == "application/json" or media.endswith("+json") or media.startswith("multipart/")
    if where == ("body",) and kind != "missing" and not declared:
        return ApiError(415, "the body is not declared as JSON; legal: Content-Type: application/json")
    if kind == "json_invalid":
        return ApiError(400, "the body is no JSON; legal: one JSON object in UTF-8")
    return of_validation([{**first, "loc": where[1:]}])


def of_validation(errors: Sequence[Mapping[str, Any]]) -> ApiError:
    """Return the first finding of pydantic, without the value, and without a key that the caller made up."""
    first = errors[0]
    kind, where = str(first["type"]), tuple(first["loc"])
    if kind == "extra_forbidden":
        said, where = "there is a key that is not known here; GET /docs lists those that are", where[:-1]
    elif kind in {"value_error", "assertion_error"}:
        said = str(first["ctx"]["error"])
    else:
        said = str(first["msg"])
    return ApiError(422, said, field=".".join(str(part) for part in where) or None)
