"""Spans arrive at a real collector, and hold nothing of what was sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from served_app import Modelled, loads, served

from triage.config import Config
from triage.serve import Settings

PLANTED = ("13812345678", "6222021234567890128")


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """An OTLP endpoint, and the bodies that it got."""
    got: list[bytes] = []

    class Collect(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Collect)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1/traces", got
    server.shutdown()
    server.server_close()
    thread.join(10)


def _breaks(texts: Any) -> None:
    if any("炸" in text for text in texts):
        raise RuntimeError(f"cannot read {texts}")


def test_spans_of_requests_and_batches_without_a_text(
    tmp_path: Path, config: Config, collector: tuple[str, list[bytes]]
) -> None:
    address, got = collector
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    async def run() -> None:
        async with served(tmp_path, loader=loads(Modelled(config, _breaks)), traces=address) as client:
            text = "、".join(PLANTED)
            await client.post("/v1/predict", json={"text": text}, headers={"traceparent": caller})
            await client.post("/v1/predict/batch", json={"items": [{"text": text + "炸"}, {"text": text}]})
            await client.get(f"/v1/{PLANTED[0]}?q={PLANTED[1]}", headers={"traceparent": PLANTED[0]})

    asyncio.run(run())
    spans = []
    for body in got:
        for number in PLANTED:
            assert number.encode() not in body
        found = ExportTraceServiceRequest.FromString(body)
        spans += [span for resource in found.resource_spans for scope in resource.scope_spans for span in scope.spans]
    by_name = {span.name: span for span in spans}
    assert {"POST /v1/predict", "POST /v1/predict/batch", "GET none", "batch"} == set(by_name)
    one = by_name["POST /v1/predict"]
    facts = {fact.key: fact.value.int_value or fact.value.string_value for fact in one.attributes}
    assert facts["http.response.status_code"] == 200
    assert facts["triage.items"] == 1
    assert one.trace_id.hex() == caller.split("-")[1]
    assert one.parent_span_id.hex() == caller.split("-")[2]
    assert by_name["GET none"].parent_span_id == b""
    assert all(not span.events for span in spans)


def test_traces_are_off_by_default() -> None:
    assert Settings(auth=False).traces is None


@pytest.mark.parametrize("address", ["localhost:4318", "file:///etc/passwd", ""])
def test_an_address_that_is_none(address: str) -> None:
    from triage.errors import UsageError
    from triage.serve.settings import read_settings

    with pytest.raises(UsageError, match="traces is"):
        read_settings(auth=False, traces=address)
