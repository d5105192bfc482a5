"""uvicorn's HTTP protocol, with the limits that it lacks: time and size of headers, connections, readers."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from triage.serve.settings import Settings

__all__ = ["GuardedProtocol"]

_SAID = {
    400: b"400 Bad Request",
    408: b"408 Request Timeout",
    431: b"431 Request Header Fields Too Large",
    503: b"503 Service Unavailable",
}
_CODES = {
    400: b"malformed",
    408: b"too_slow",
    431: b"headers_too_large",
    503: b"overloaded",
}


class GuardedProtocol(HttpToolsProtocol):
    """One connection. The limits come from the settings of the application that it serves."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **kwargs)
        self._settings: Settings = self.app.state.settings
        self._timer: asyncio.TimerHandle | None = None
        self._stuck: asyncio.TimerHandle | None = None
        self._head = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Refuse one connection too many; start the clock for the headers of the others."""
        super().connection_made(transport)
        if len(self.connections) > self._settings.max_connections:
            self._refuse(503)
        else:
            self._begin()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks."""
        self._end()
        self._unstick()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what has come while the headers are not complete."""
        if self._refused:
            return
        if self._timer is not None:
            self._head += len(data)
        super().data_received(data)
        # A single endless header never reaches on_header.
        if self._timer is not None and self._head > self._settings.max_headers and not self._refused:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """Start the clock for the next request of a kept connection."""
        super().on_message_begin()
        self._begin()

    def on_headers_complete(self) -> None:
        """Start the request, unless its headers are too large."""
        self._end()
        size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
        if size > self._settings.max_headers:
            self._refuse(431)
        if not self._refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Drop the body of a request that was refused."""
        if not self._refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """Ignore the end of a request that was refused."""
        if not self._refused:
            super().on_message_complete()

    def pause_writing(self) -> None:
        """Cut off a client that does not read its answer."""
        super().pause_writing()
        self._stuck = self.loop.call_later(self._settings.write_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Forgive a client that reads again."""
        self._unstick()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP in the one shape of errors."""
        self._refuse(400)

    def _begin(self) -> None:
        if self._timer is None and not self._refused:
            self._head = 0
            self._timer = self.loop.call_later(self._settings.header_seconds, self._refuse, 408)

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _unstick(self) -> None:
        if self._stuck is not None:
            self._stuck.cancel()
            self._stuck = None

    def _refuse(self, status: int) -> None:
        self._end()
        self._refused = True
        if self.transport.is_closing():
            return
        body = b'{"error": {"code": "%b", "message": "%b", "request_id": ""}}' % (_CODES[status], _SAID[status][4:])
        again = b"retry-after: 1\r\n" if status == 503 else b""
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%bconnection: close\r\n\r\n%b"
            % (_SAID[status], len(body), again, body)
        )
        self.transport.close()
