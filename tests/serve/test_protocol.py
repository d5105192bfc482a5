"""Bad clients at a real socket; a good one is served all the while."""

from __future__ import annotations

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest
from served_app import listening, loads

from triage.pipeline import Triage

GOOD = json.dumps({"text": "信用卡被盗刷三万元"}).encode()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, triage: Triage) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("service")
    limits = {"header_seconds": 1.0, "body_seconds": 1.0, "max_connections": 20, "max_body": 100_000}
    with listening(folder, loader=loads(triage), **limits) as port:
        yield port


@contextlib.contextmanager
def connected(port: int) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        yield client


def head(length: str = "", *, path: str = "/v1/predict") -> bytes:
    lines = [f"POST {path} HTTP/1.1", "Host: localhost", "Content-Type: application/json", length]
    return ("\r\n".join(line for line in lines if line) + "\r\n\r\n").encode()


def answer(client: socket.socket) -> tuple[int, bytes]:
    """Read until the server closes, or the body is complete."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            got += part
            top, _, body = got.partition(b"\r\n\r\n")
            lengths = [line for line in top.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if lengths and len(body) >= int(lengths[0].split(b":")[1]):
                break
    return (int(got.split(b" ", 2)[1]) if got else 0), got.partition(b"\r\n\r\n")[2]


def good(port: int) -> int:
    with connected(port) as client:
        client.sendall(head(f"Content-Length: {len(GOOD)}") + GOOD)
        return answer(client)[0]


def trickle(client: socket.socket, data: bytes, *, every: float = 0.1, seconds: float = 10.0) -> float:
    """Send a byte at a time until the server has had enough; return the seconds that took."""
    began = time.monotonic()
    client.settimeout(every)
    for byte in data:
        try:
            client.sendall(bytes([byte]))
            if client.recv(1, socket.MSG_PEEK) is not None:
                break
        except TimeoutError:
            assert time.monotonic() - began < seconds, "the server puts up with everything"
        except OSError:
            break
    client.settimeout(30)
    return time.monotonic() - began


def test_a_good_request_is_served(port: int) -> None:
    assert good(port) == 200


@pytest.mark.parametrize("start", [b"GET /", head("Content-Length: 1000")])
def test_a_byte_at_a_time_is_cut_off_and_others_are_served(port: int, start: bytes) -> None:
    with connected(port) as client:
        client.sendall(start)
        assert trickle(client, b"x" * 1000) < 9
        assert good(port) == 200
        status, body = answer(client)
        assert status == 408
        assert json.loads(body)["error"]["code"] == "too_slow"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: " + b"a" * 40_000, 431),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-Many: 1\r\n" * 4_000 + b"\r\n", 431),
        (b"GET /" + b"a" * 40_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 431),
        (head("Content-Length: 1000000000"), 413),
        (head("Content-Length: 1000000000", path="/v2/models/triage/infer"), 413),
        (head("Content-Length: 3") + b'{"t', 400),
    ],
)
def test_what_is_too_much_or_broken_is_refused_at_once(port: int, sent: bytes, status: int) -> None:
    with connected(port) as client:
        client.sendall(sent)
        found, body = answer(client)
    assert found == status
    assert "error" in json.loads(body)
    assert good(port) == 200


def test_a_gigabyte_in_chunks_is_refused_after_the_first_few(port: int) -> None:
    chunk = b"10000\r\n" + b"a" * 65536 + b"\r\n"
    sent = 0
    with connected(port) as client:
        client.sendall(head("Transfer-Encoding: chunked"))
        with contextlib.suppress(OSError):
            while sent < 1 << 30:
                client.sendall(chunk)
                sent += 65536
        status, _ = answer(client)
    assert status in {413, 0}  # 0: the client was still sending when the server hung up.
    assert sent < 1 << 26
    assert good(port) == 200


def test_one_connection_too_many_is_told_so(port: int) -> None:
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(connected(port)) for _ in range(24)]
        found = []
        for client in clients:
            client.settimeout(0.2)
            try:
                found.append(client.recv(64)[9:12])
            except TimeoutError:
                found.append(b"")
        assert found.count(b"503") >= 4
    time.sleep(0.1)
    assert good(port) == 200
