"""The image's command, run for real: on a read-only root, and stopped while a call is in flight."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from deployed import Container, final_stage, isolates

BODY = json.dumps({"id": "c-1", "text": "信用卡分期手续费没有提前告知，要求退还。"}).encode()


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.fixture
def container(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Container]:
    made = Container(tmp_path / "c", TRIAGE_PORT=str(free_port()), TRIAGE_WORKERS=str(request.param))
    yield made
    made.kill()


@pytest.mark.parametrize("container", [1, 2], indirect=True, ids=["one process", "two workers"])
def test_a_stop_finishes_what_is_in_flight(container: Container) -> None:
    key = container.run("keys", "add", "desk", "--scopes", "predict,feedback")
    container.start()
    port = int(container.environment["TRIAGE_PORT"])
    head = (
        f"POST /v1/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as slow:
        # Half a body: the call is in flight for as long as the test likes.
        slow.sendall(head + BODY[:20])
        healthy = subprocess.run(
            json.loads(dict(final_stage())["HEALTHCHECK"].partition("CMD")[2]),
            check=False, env=container.environment, timeout=30,
        )  # fmt: skip
        assert healthy.returncode == 0
        container.stop()
        refused_soon(port)
        slow.sendall(BODY[20:])
        answer = b""
        while part := slow.recv(65_536):
            answer += part
    assert answer.startswith(b"HTTP/1.1 200"), answer[:200]
    decision = json.loads(answer.partition(b"\r\n\r\n")[2])
    assert decision["id"] == "c-1"
    assert decision["business"]["label"] == "credit_card"
    code = container.ended()
    # Outside of a container of its own, one process ends by the signal itself: uvicorn raises it again.
    assert code == 0 or (not isolates() and code == -signal.SIGTERM), container.log.read_text(encoding="utf-8")


def refused_soon(port: int) -> None:
    """Wait until nothing new is let in: the stop is under way."""
    for _ in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as new:
                new.settimeout(0.1)
                if new.recv(1) == b"":
                    return
        except ConnectionError:
            return
        except TimeoutError:
            continue
    raise AssertionError("it still listens")


@pytest.mark.parametrize("container", [1], indirect=True)
def test_it_writes_to_its_folder_alone_and_tells_nobody(container: Container) -> None:
    key = container.run("keys", "add", "desk", "--scopes", "predict,feedback")
    container.start()
    url = f"http://127.0.0.1:{container.environment['TRIAGE_PORT']}"
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=30) as client:
        decision = client.post("/v1/predict", content=BODY, headers={"Content-Type": "application/json"}).json()
        given = client.post("/v1/feedback", json={"decision_id": decision["id"], "labels": {"urgency": "high"}})
        assert given.status_code == 201, given.text
        assert client.get("/metrics").status_code == 200
    if isolates():
        inside = Path(f"/proc/{container._pid()}")
        status = dict(line.split(":\t", 1) for line in (inside / "status").read_text().splitlines() if ":\t" in line)
        assert status["Uid"].split() == [str(Container.uid)] * 4
        assert status["NoNewPrivs"] == "1"
        assert status["NSpid"].split()[-1] == "1"
        probe = inside / "root" / "written"
        with pytest.raises(OSError, match="Read-only"):
            os.close(os.open(probe, os.O_WRONLY | os.O_CREAT))
    container.stop()
    assert container.ended() in (0, -signal.SIGTERM)
    written = {path.relative_to(container.data).parts[0] for path in container.data.rglob("*")}
    assert (
        {"keys.json", "state", "feedback", "cache"}
        <= written
        <= {"keys.json", "state", "feedback", "cache", "audit.jsonl"}
    )
    log = container.log.read_text(encoding="utf-8")
    # Every line is ours: no library complains of a place that it may not write, or reports to its maker.
    for line in log.splitlines():
        assert set(json.loads(line)) >= {"time", "level", "logger"}


@pytest.mark.parametrize("container", [1], indirect=True)
def test_without_a_key_it_says_how_to_make_one(container: Container) -> None:
    with pytest.raises(AssertionError, match="triage keys add"):
        container.start()
    assert container.ended() == 2
