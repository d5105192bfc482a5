"""The errors that an address may answer, for the OpenAPI description; and answers written without a second model."""

from __future__ import annotations

from typing import Any, Final

import orjson
from fastapi import Response

from triage.serve.schemas import ErrorOut

__all__ = ["ERRORS", "Json", "errors"]

_SAID: Final = {
    400: "The body is no JSON, is no UTF-8, nests too deeply, or ended too early.",
    401: "There is no valid API key.",
    403: "The key lacks the scope.",
    404: "There is nothing at this address.",
    405: "This address does not take this method.",
    408: "The body came too slowly.",
    409: "Another act is under way, or there is nothing to go back to.",
    413: "The body, the text or the batch is too large.",
    415: "The body is not declared as JSON.",
    421: "The host name is not served here.",
    422: "A field is missing or not legal; `field` names it.",
    429: "The key asks for more than it may; see `Retry-After`.",
    500: "Something went wrong inside.",
    503: "There is more to do than can be done in time, or nothing judges yet; see `Retry-After`.",
}

ERRORS: Final = (400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 500, 503)
"""What any address with a body may answer."""

_AGAIN = {"Retry-After": {"description": "seconds", "schema": {"type": "string"}}}


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the description of these errors."""
    found: dict[int | str, dict[str, Any]] = {}
    for status in statuses:
        found[status] = {"model": ErrorOut, "description": _SAID[status]}
        if status in {429, 503}:
            found[status]["headers"] = _AGAIN
    return found


class Json(Response):
    """JSON out of decisions, dicts and lists, without a model between: a batch is megabytes."""

    media_type = "application/json"

    def render(self, content: Any) -> bytes:  # noqa: ANN401 - what orjson takes
        """Return the bytes."""
        return orjson.dumps(content)
