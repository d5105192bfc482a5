from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from triage.errors import ConfigError, TriageError, UsageError
from triage.serve.settings import loopback, read_settings


def test_flags_before_environment_before_file_before_defaults(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "triage.toml"
    file.write_text('port = 1\ndeadline = 1.5\nmax_items = 7\nhost = "127.0.0.2"\n')
    monkeypatch.setenv("TRIAGE_SETTINGS", str(file))
    monkeypatch.setenv("TRIAGE_PORT", "2")
    monkeypatch.setenv("TRIAGE_DEADLINE", "2.5")
    monkeypatch.setenv("TRIAGE_FEEDBACK_KEEP", "none")  # Of another part: no business of these settings.
    found = read_settings(port=3, host=None)
    assert (found.port, found.deadline, found.max_items, found.host, found.workers) == (3, 2.5, 7, "127.0.0.2", 1)


def test_another_process_reads_the_same(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = read_settings(auth=False, hosts=("a.example", "b.example"), state=tmp_path, workers=2, budget=0.5)
    for name, value in found.environment().items():
        monkeypatch.setenv(name, value)
    assert read_settings() == found


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ({"port": 70_000}, "port is 70000"),
        ({"port": "x"}, "port is 'x'"),
        ({"workers": 0}, "workers is 0"),
        ({"workers": 2}, "legal: a folder that all workers share"),
        ({"auth": False, "host": "0.0.0.0"}, "legal without keys: 127.0.0.1"),
        ({"auth": False, "host": "triage.example"}, "legal without keys: 127.0.0.1"),
        ({"max_items": 5_000}, "at most queue_items, 2000"),
        ({"max_text": 5_000_000}, "at most queue_chars, 4000000"),
        ({"log_level": "loud"}, "log_level is 'loud'"),
    ],
)
def test_what_is_not_legal_is_named_in_one_line(flags: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings(**flags)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["port = ", "prot = 1", "\xff"])
def test_a_file_with_a_fault_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    (tmp_path / "triage.toml").write_text(text, encoding="latin-1")
    monkeypatch.setenv("TRIAGE_SETTINGS", str(tmp_path / "triage.toml"))
    with pytest.raises(ConfigError, match=r"triage\.toml") as caught:
        read_settings()
    assert isinstance(caught.value, TriageError)


@pytest.mark.parametrize(
    ("host", "expected"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),
     ("192.168.1.1", False), ("localhost.example", False), ("", False)],
)  # fmt: skip
def test_loopback(host: str, expected: bool) -> None:
    assert loopback(host) is expected
