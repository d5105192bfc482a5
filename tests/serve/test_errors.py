from __future__ import annotations

import pytest

from triage.errors import InputError, TriageError
from triage.serve.errors import ApiError, body_of, describe, of_validation

NUMBER = "13812345678"


@pytest.mark.parametrize(
    ("error", "status", "code", "field"),
    [
        (ApiError(413, "too much"), 413, "too_large", None),
        (ApiError(409, "busy", code="reloading"), 409, "reloading", None),
        (ApiError(418, "tea"), 418, "error", None),
        (InputError(f"text is {NUMBER}", field="text"), 422, "invalid", "text"),
        (InputError(f"channel is {NUMBER}", field="channel"), 422, "invalid", "channel"),
        (InputError(f"a row holds {NUMBER}", field=NUMBER), 422, "invalid", None),
        (InputError(f"it is {NUMBER}"), 422, "invalid", None),
        (TriageError(f"it is {NUMBER}"), 422, "invalid", None),
        (ValueError(NUMBER), 500, "internal", None),
        (MemoryError(), 500, "internal", None),
    ],
)
def test_what_a_caller_may_know(error: Exception, status: int, code: str, field: str | None) -> None:
    found = describe(error)
    assert (found.status, found.code, found.field) == (status, code, field)
    assert NUMBER not in found.message
    body = body_of(found, "r-1")
    expected = {"code": code, "message": found.message, "request_id": "r-1"}
    assert body == {"error": expected | ({} if field is None else {"field": field})}
    assert body_of(found, "r-1", "/v2/models/triage/infer") == {"error": found.message}


def test_when_to_come_again() -> None:
    assert ApiError(503, "full", retry_after=7).headers == {"Retry-After": "7"}
    assert ApiError(503, "full").headers == {}


@pytest.mark.parametrize(
    ("finding", "message", "field"),
    [
        ({"type": "missing", "loc": ("text",), "msg": "Field required"}, "Field required", "text"),
        ({"type": "missing", "loc": ("items", 3, "text"), "msg": "Field required"}, "Field required", "items.3.text"),
        ({"type": "extra_forbidden", "loc": ("a", NUMBER), "msg": "x"}, "there is a key that is not known here", "a"),
        ({"type": "extra_forbidden", "loc": (NUMBER,), "msg": "x"}, "there is a key that is not known here", None),
        ({"type": "value_error", "loc": ("received",), "msg": "x", "ctx": {"error": ValueError("legal: a time")}},
         "legal: a time", "received"),
    ],
)  # fmt: skip
def test_a_finding_of_pydantic(finding: dict[str, object], message: str, field: str | None) -> None:
    found = of_validation([{**finding, "input": NUMBER}])
    assert found.message.startswith(message)
    assert found.field == field
    assert NUMBER not in found.message
