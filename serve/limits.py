"""The outermost layer: what may come in, how fast, and what goes out with every answer.

A body is read whole before anything else sees it, within a number of bytes, a number of seconds and a depth of nesting:
a client that sends a gigabyte, a byte a second or ten thousand brackets costs a bounded buffer and nothing more.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import time
import uuid

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.serve.errors import ApiError, body_of
from triage.serve.metrics import Metrics
from triage.serve.settings import Settings
from triage.serve.traces import Span, Traces

__all__ = ["Guard", "nests_deeper"]

_logger = logging.getLogger("triage.serve")

_ID = re.compile(r"^(?:[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$")
"""An id that a caller may give a request: a UUID. Anything looser could carry a phone number into the log."""

_STRINGS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})
_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
_DOCS_POLICY = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'"
)


class Guard:
    """Wraps a whole application.

    Args:
        app: the application.
        settings: the limits.
        metrics: where requests are counted.
        traces: where their spans go, if anywhere.
    """

    def __init__(self, app: ASGIApp, *, settings: Settings, metrics: Metrics, traces: Traces | None = None) -> None:
        self._app, self._settings, self._metrics, self._traces = app, settings, metrics, traces
        self._hosts = frozenset(settings.hosts) or (frozenset() if settings.auth else _NAMES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or pass on what is none."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with contextlib.nullcontext() if self._traces is None else self._traces.request(scope) as span:
            await self._serve(scope, receive, send, span)

    async def _serve(self, scope: Scope, receive: Receive, send: Send, span: Span | None) -> None:
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "").lower()
        ident = given if _ID.match(given) else uuid.uuid4().hex
        state = scope.setdefault("state", {})
        state["request_id"] = ident
        answer = _Answer(send, ident, scope["path"])
        began = time.perf_counter()
        try:
            self._check_host(headers)
            body = await self._read(headers, receive)
        except ApiError as error:
            self._metrics.error(error.code)
            await answer.error(error)
        else:
            try:
                await self._app(scope, _replay(body, receive), answer)
            except Exception as error:
                # Already answered and logged by the handler of unexpected errors, unless that failed itself.
                if not answer.status:
                    _logger.error("unexpected", exc_info=error, extra={"request_id": ident})
                    await answer.error(ApiError(500, "something went wrong inside", code="internal"))
        self._tell(scope, answer.status, time.perf_counter() - began, span)

    def _check_host(self, headers: Headers) -> None:
        """Without keys a page of another site must not reach the service by a name of its own for this address."""
        host = headers.get("host", "")
        name = host if host.endswith("]") else host.rsplit(":", 1)[0]
        if self._hosts and name.lower() not in self._hosts:
            raise ApiError(421, "this host name is not served here; legal: the names of the setting hosts")

    async def _read(self, headers: Headers, receive: Receive) -> bytes:
        limits = self._settings
        length = headers.get("content-length", "0")
        if length == "0" and "transfer-encoding" not in headers:
            return b""
        if length.isdigit() and int(length) > limits.max_body:
            raise _too_large(limits.max_body)
        parts: list[bytes] = []
        total = 0
        try:
            async with asyncio.timeout(limits.body_seconds):
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        raise ApiError(400, "the body ended too early", code="incomplete")
                    parts.append(message.get("body", b""))
                    total += len(parts[-1])
                    if total > limits.max_body:
                        raise _too_large(limits.max_body)
                    if not message.get("more_body", False):
                        break
        except TimeoutError:
            said = f"the body came too slowly; legal: all of it within {limits.body_seconds:g} s"
            raise ApiError(408, said, code="too_slow", headers={"Connection": "close"}) from None
        body = b"".join(parts)
        if "json" in headers.get("content-type", "json") and nests_deeper(body, limits.max_depth):
            raise ApiError(400, f"the JSON nests too deeply; legal: at most {limits.max_depth} levels", code="too_deep")
        return body

    def _tell(self, scope: Scope, status: int, seconds: float, span: Span | None) -> None:
        state = scope["state"]
        route = getattr(scope.get("route"), "path", None) or "none"
        method = scope["method"] if scope["method"] in {"GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"} else "other"
        self._metrics.request(route, method, status, seconds)
        if span is not None:
            span.tell(route=route, method=method, status=status, ident=state["request_id"], items=state.get("items"))
        if _logger.isEnabledFor(logging.INFO):
            extra = {
                "request_id": state["request_id"],
                "caller": state.get("caller"),
                "route": route,
                "method": method,
                "status": status,
                "ms": round(seconds * 1000, 2),
                "items": state.get("items"),
            }
            _logger.info("request", extra=extra)


class _Answer:
    """The way out: adds the headers that every answer has, and notes the status."""

    def __init__(self, send: Send, ident: str, path: str) -> None:
        self._send, self._ident, self._path = send, ident, path
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            headers["x-request-id"] = self._ident
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            if self._path == "/docs":
                headers["content-security-policy"] = _DOCS_POLICY
        await self._send(message)

    async def error(self, error: ApiError) -> None:
        body = json.dumps(body_of(error, self._ident, self._path)).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        headers += [(name.lower().encode(), value.encode()) for name, value in error.headers.items()]
        await self({"type": "http.response.start", "status": error.status, "headers": headers})
        await self({"type": "http.response.body", "body": body})


def _replay(body: bytes, receive: Receive) -> Receive:
    """Return a channel that gives the body, and then whatever comes after it: that the client went away."""
    given = False

    async def replay() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def nests_deeper(body: bytes, depth: int) -> bool:
    """Return whether JSON nests deeper than ``depth``, without parsing it; what is no JSON is for the parser to say."""
    if body.count(b"[") + body.count(b"{") <= depth:
        return False
    # One kind of bracket, so that a pass takes away one level and not two.
    brackets = _STRINGS.sub(b"", body).translate(_ONE_KIND, _NO_BRACKETS)
    for _ in range(depth):
        brackets = brackets.replace(b"[]", b"")
    return b"[]" in brackets or brackets.count(b"[") > depth


def _too_large(limit: int) -> ApiError:
    return ApiError(413, f"the body is too large; legal: at most {limit} bytes", headers={"Connection": "close"})
