"""The service under load, beside the library on the same texts.

    python benchmarks/serve_load.py [--texts FILE] [--requests 256] [--rounds 5] [--connections 64]
        [--seconds 5] [--memory SECONDS] [--rules-only] [--json]

It starts ``triage serve`` on a free port and measures in rounds, library and service in turns: throughput in batches
and at many connections; one text by the library and at one connection; calls one at a time, and twice as many calls a
second as it can sustain; and, with ``--memory``, the memory of the process over so many seconds of load. Figures are
medians of the rounds. The client is another process: on a machine that others use the ratios are too low.

Throughput is measured with a patient queue, for 64 callers wait 64 turns; overload with a queue of about three calls.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import httptools

from triage import Triage, load

ROOT = Path(__file__).parent.parent


@dataclass
class Measured:
    """One stretch of load: answers by status, and the seconds of those that were decided."""

    seconds: float = 0.0
    statuses: Counter[int] = field(default_factory=Counter)
    times: list[float] = field(default_factory=list)

    def __add__(self, other: Measured) -> Measured:
        """Return both as one."""
        return Measured(self.seconds + other.seconds, self.statuses + other.statuses, self.times + other.times)

    def rate(self) -> float:
        """Return decisions a second."""
        return self.statuses[200] / self.seconds

    def share(self, part: float) -> float:
        """Return a quantile in milliseconds; ``part`` is in [0, 1]."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] * 1000 if ordered else float("nan")


class Connection(asyncio.Protocol):
    """A kept connection that asks one thing at a time: a client library would cost more than the service."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = transport
        self._parser = httptools.HttpResponseParser(self)

    def data_received(self, data: bytes) -> None:
        """Read on."""
        self._parser.feed_data(data)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell who waits."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionError("the service hung up"))

    def on_message_complete(self) -> None:
        """Give the answer to who waits."""
        status = self._parser.get_status_code()
        self._parser = httptools.HttpResponseParser(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)

    async def ask(self, request: bytes) -> int:
        """Return the status of the answer."""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)  # type: ignore[attr-defined]
        return await self._answer


async def connect(port: int) -> Connection:
    _, connection = await asyncio.get_running_loop().create_connection(Connection, "127.0.0.1", port)
    return connection


async def closed_loop(port: int, requests: Sequence[bytes], *, connections: int, total: int) -> Measured:
    """Ask ``total`` times, each connection as soon as it has its answer."""
    measured, left = Measured(), iter(range(total))

    async def caller() -> None:
        connection = await connect(port)
        for number in left:
            began = time.perf_counter()
            status = await connection.ask(requests[number % len(requests)])
            measured.statuses[status] += 1
            if status == 200:
                measured.times.append(time.perf_counter() - began)

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(connections)))
    measured.seconds = time.perf_counter() - began
    return measured


async def open_loop(port: int, requests: Sequence[bytes], *, rate: float, seconds: float) -> Measured:
    """Ask ``rate`` times a second, whether there are answers or not."""
    measured, free = Measured(), [await connect(port) for _ in range(64)]
    tasks = set()

    async def caller(request: bytes, due: float) -> None:
        connection = free.pop() if free else await connect(port)
        status = await connection.ask(request)
        measured.statuses[status] += 1
        if status == 200:
            measured.times.append(time.perf_counter() - due)
        free.append(connection)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        task = asyncio.create_task(caller(requests[number % len(requests)], max(due, time.perf_counter())))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    measured.seconds = time.perf_counter() - began
    return measured


@contextlib.contextmanager
def service(folder: Path, *flags: str, **settings: str) -> Iterator[tuple[int, int]]:
    """Start the service; yield its port and its process id."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "TRIAGE_FEEDBACK_FOLDER": str(folder / "feedback"), "TRIAGE_AUDIT": str(folder / "audit.jsonl"),
        "TRIAGE_LOG_LEVEL": "warning", **{f"TRIAGE_{name.upper()}": value for name, value in settings.items()},
    }  # fmt: skip
    command = [sys.executable, "-m", "triage", "serve", "--no-auth", "--port", str(port), *flags]
    process = subprocess.Popen(command, env=environment, cwd=folder)
    try:
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            if process.poll() is not None:
                raise SystemExit("the service did not start")
            time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def request_of(text: str) -> bytes:
    body = json.dumps({"text": text}).encode()
    head = "POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def batch_rate(triage: Triage, texts: Sequence[str], *, size: int = 32) -> float:
    """Return the library's own decisions a second, in batches."""
    began = time.perf_counter()
    for start in range(0, len(texts), size):
        triage.predict_batch(texts[start : start + size])
    return len(texts) / (time.perf_counter() - began)


async def in_turns(triage: Triage, port: int, texts: Sequence[str]) -> list[tuple[float, float]]:
    """Return the seconds of each text by the library and by the service, one after the other."""
    found, connection = [], await connect(port)
    for text in texts:
        began = time.perf_counter()
        triage.predict(text)
        between = time.perf_counter()
        request = request_of(text)
        asked = time.perf_counter()
        assert await connection.ask(request) == 200
        found.append((between - began, time.perf_counter() - asked))
    return found


def resident(pid: int) -> float:
    """Return the resident memory of a process in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def remembered(port: int, pid: int, requests: Sequence[bytes], *, seconds: float) -> dict[str, object]:
    """Return the memory of the process at the start, and after each quarter of the load."""
    sizes, asked = [round(resident(pid), 1)], 0
    for _ in range(4):
        until = time.monotonic() + seconds / 4
        while time.monotonic() < until:
            asked += asyncio.run(closed_loop(port, requests, connections=2, total=200)).statuses.total()
        sizes.append(round(resident(pid), 1))
    return {"memory_requests": asked, "memory_mb": sizes}


def measure(options: argparse.Namespace) -> dict[str, object]:
    rows = [json.loads(line) for line in options.texts.read_text(encoding="utf-8").splitlines()]
    texts = ([row["text"] for row in rows] * (options.requests // len(rows) + 1))[: options.requests]
    requests = [request_of(text) for text in texts]
    flags = ["--rules-only"] if options.rules_only else []
    triage = load(rules_only=options.rules_only)
    found: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as folder:
        rates, pairs = [], []
        with service(Path(folder), *flags, queue_seconds="300", deadline="300") as (port, _):
            batch_rate(triage, texts)
            asyncio.run(closed_loop(port, requests, connections=4, total=len(requests)))
            for _ in range(options.rounds):
                # Side by side, for a machine has its moods.
                many = closed_loop(port, requests, connections=options.connections, total=len(requests))
                rates.append((batch_rate(triage, texts), asyncio.run(many).rate()))
                pairs += asyncio.run(in_turns(triage, port, texts[:50]))
        one = median(asked for _, asked in pairs)
        calm, over, loads = Measured(), Measured(), []
        with service(Path(folder), *flags, queue_seconds=f"{3 * one:.4f}") as (port, pid):
            asyncio.run(closed_loop(port, requests, connections=4, total=len(requests)))
            for _ in range(options.rounds):
                calm += asyncio.run(closed_loop(port, requests, connections=1, total=min(100, len(requests))))
                # Three callers keep the service busy and the queue within its bound.
                full = asyncio.run(closed_loop(port, requests, connections=3, total=len(requests)))
                over += asyncio.run(open_loop(port, requests, rate=2 * full.rate(), seconds=options.seconds))
                loads.append(full.rate())
            if options.memory:
                found |= remembered(port, pid, requests, seconds=options.memory)
    return {
        "library_per_second": round(median(rate for rate, _ in rates), 1),
        f"service_per_second_at_{options.connections}": round(median(rate for _, rate in rates), 1),
        "ratio": round(median(service / library for library, service in rates), 3),
        "library_one_ms": round(1000 * median(alone for alone, _ in pairs), 2),
        "service_one_ms": round(1000 * one, 2),
        "overhead_ms": round(1000 * median(asked - alone for alone, asked in pairs), 2),
        "queue_seconds": round(3 * one, 4),
        "unloaded_p99_ms": round(calm.share(0.99), 1),
        "overloaded_p50_ms": round(over.share(0.5), 1),
        "overloaded_p99_ms": round(over.share(0.99), 1),
        "p99_ratio": round(over.share(0.99) / calm.share(0.99), 2),
        "sustained_per_second": round(median(loads), 1),
        "overloaded_accepted_per_second": round(over.rate(), 1),
        "overloaded_statuses": {str(status): count for status, count in sorted(over.statuses.items())},
        **found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, default=ROOT / "examples" / "complaints.jsonl")
    parser.add_argument("--requests", type=int, default=256, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=5.0, help="of overload in each round")
    parser.add_argument("--memory", type=float, default=0, metavar="SECONDS", help="how long memory is watched")
    parser.add_argument("--rules-only", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options)
    if options.json:
        print(json.dumps(found, indent=2))
        return
    for name, value in found.items():
        print(f"{name:36} {value}")


if __name__ == "__main__":
    main()
