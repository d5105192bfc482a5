"""`triage serve` as its own processes: what a supervisor starts, signals and reads."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

TEXT = "信用卡被盗刷三万元，客服不理，电话13812345678"
PATIENCE = 120
"""Seconds that a busy machine may need for what takes two."""


@contextlib.contextmanager
def started(folder: Path, *flags: str) -> Iterator[tuple[subprocess.Popen[bytes], httpx.Client]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ, "TRIAGE_FEEDBACK_FOLDER": str(folder / "feedback"), "TRIAGE_AUDIT": str(folder / "audit.jsonl"),
    }  # fmt: skip
    command = [sys.executable, "-m", "triage", "serve", "--no-auth", "--rules-only", "--port", str(port), *flags]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
    client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE, trust_env=False)
    try:
        until = time.monotonic() + PATIENCE
        while True:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < until, (folder / "log").read_text()
            with contextlib.suppress(httpx.TransportError):
                if client.get("/readyz").status_code == 200:
                    break
            time.sleep(0.1)
        yield process, client
    finally:
        client.close()
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE)


def _lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "log").read_text().splitlines()]


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_to_stop_lets_what_is_in_flight_finish(tmp_path: Path, sent: signal.Signals) -> None:
    with started(tmp_path) as (process, client), ThreadPoolExecutor() as pool:
        items = [{"text": f"{TEXT}，第{number}次"} for number in range(600)]
        answer = pool.submit(client.post, "/v1/predict/batch", json={"items": items})
        for _ in range(PATIENCE * 20):  # Until some of it is decided, or all of it.
            found = re.search(r"^triage_batch_items_count (\S+)", client.get("/metrics").text, re.MULTILINE)
            if answer.done() or (found is not None and float(found[1]) > 0):
                break
            time.sleep(0.05)
        process.send_signal(sent)
        # uvicorn hands the signal on once it has stopped, which is how a supervisor knows its own.
        assert process.wait(PATIENCE) == {signal.SIGTERM: -signal.SIGTERM, signal.SIGINT: 0}[sent]
        result = answer.result()
    assert result.status_code == 200
    assert [item["source"] for item in result.json()["items"]] == ["rules"] * 600
    lines = _lines(tmp_path)
    assert [line["status"] for line in lines if line.get("route") == "/v1/predict/batch"] == [200]
    assert not [line for line in lines if line["level"] == "error"]
    assert "13812345678" not in (tmp_path / "log").read_text()


def test_two_workers_share_state_numbers_and_fate(tmp_path: Path) -> None:
    with started(tmp_path, "--workers", "2", "--state", str(tmp_path / "state")) as (process, client):
        reloaded = client.post("/v1/admin/reload").json()
        until = time.monotonic() + PATIENCE
        while len(reloaded.get("workers", {})) < 2:  # The second may have started later than the first.
            assert time.monotonic() < until, reloaded
            time.sleep(0.2)
            reloaded = client.post("/v1/admin/reload").json()
        assert set(reloaded["workers"].values()) == {reloaded["generation"]}

        for _ in range(30):  # A connection each, so that both workers get some.
            answer = client.post("/v1/predict", json={"text": TEXT}, headers={"Connection": "close"})
            assert answer.status_code == 200
        counted = re.findall(r'^triage_requests_total\{.*"/v1/predict".*\} (\S+)', client.get("/metrics").text, re.M)
        assert sum(map(float, counted)) == 30

        # A worker that dies is replaced, and the new one has what is in force.
        dead = int(next(iter(reloaded["workers"])))
        os.kill(dead, signal.SIGKILL)
        workers: dict[str, int] = {}
        while len(workers) < 2 or str(dead) in workers:
            assert time.monotonic() < until + PATIENCE, workers
            time.sleep(0.2)
            with contextlib.suppress(httpx.TransportError):
                workers = client.post("/v1/admin/reload").json().get("workers", {})
        assert len(set(workers.values())) == 1
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    for pid in (*workers, dead):
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid), 0)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--workers", "2"], "workers is 2 and state is not set"),
        (["--host", "0.0.0.0"], "host is '0.0.0.0' and keys are off"),
    ],
)
def test_what_cannot_be_served_is_said_in_one_line(tmp_path: Path, flags: list[str], said: str) -> None:
    command = [sys.executable, "-m", "triage", "serve", "--no-auth", *flags]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert run.returncode == 2
    assert said in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_keys_are_asked_for_before_anything_starts(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "triage", "serve", "--port", "0"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert run.returncode == 2
    assert "holds no key; make one with `triage keys add" in run.stderr
