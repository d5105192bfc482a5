"""A small real HTTP server in the place of a ticketing system."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class OtherSystem:
    """What it was told; it answers with ``statuses`` one by one, and then with 200."""

    url: str
    statuses: list[int] = field(default_factory=list)
    told: list[tuple[str, str, str | None, Any]] = field(default_factory=list)


@contextmanager
def other_system(*statuses: int) -> Iterator[OtherSystem]:
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            system.told.append((self.command, self.path, self.headers.get("Authorization"), body))
            self.send_response(system.statuses.pop(0) if system.statuses else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_PUT = _answer  # noqa: N815 - the names of the library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    system = OtherSystem(f"http://127.0.0.1:{server.server_port}", list(statuses))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield system
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
