"""The file of a verdict: its seal, and what a reader refuses."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.errors import ModelError, OutputError, UsageError
from triage.registry import Verdict
from triage.registry.verdict import Check, Side, gate_key

KEY = b"0123456789abcdef"
CHECKS = tuple(
    Check(group="figures", name=name, rows=10, current=0.5, candidate=0.5, passed=True, why="") for name in "ab"
)
VERDICT = Verdict(
    made="2026-11-25T09:00:00+00:00",
    candidate=Side("c" * 64, "2", 10),
    current=Side("d" * 64, "1", 10),
    data={"sha256": "e", "rows": 10},
    golden={},
    spec={},
    checks=CHECKS,
)


@pytest.mark.parametrize(("key", "kind"), [(KEY, "hmac-sha256"), (None, "sha256")])
def test_there_and_back(tmp_path: Path, key: bytes | None, kind: str) -> None:
    VERDICT.write(tmp_path / "gate.json", key=key)
    assert Verdict.read(tmp_path / "gate.json", key=key) == (VERDICT, kind)


def test_a_seal_without_a_key_says_so(tmp_path: Path) -> None:
    VERDICT.write(tmp_path / "gate.json", key=None)
    seal = json.loads((tmp_path / "gate.json").read_text(encoding="utf-8"))["seal"]
    assert seal["says"] == "no key was set: shows damage, does not prove who wrote it"


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(content: Any) -> None:
        for name in path[:-1]:
            content = content[name]
        content[path[-1]] = to

    return change


CHANGES: list[tuple[str, Callable[[Any], None], str]] = [
    ("the candidate", _set("candidate", "digest", to="f" * 64), "altered, or sealed with another key"),
    ("the data", _set("data", "rows", to=9), "altered"),
    ("a figure", _set("checks", 1, "candidate", to=0.6), "altered"),
    ("a check out", lambda content: content["checks"].pop(), "altered"),
    ("checks exchanged", lambda content: content["checks"].reverse(), "altered"),
    ("the verdict alone", _set("passed", to=False), "altered"),
    ("the format", _set("format", to=2), "format 2 sealed by 'hmac-sha256'; legal: 1"),
    ("another kind", _set("seal", "kind", to="md5"), "format 1 sealed by 'md5'; legal"),
    ("a lesser kind", _set("seal", "kind", to="sha256"), "no key was set.*legal: a file that was sealed with the key"),
    ("no seal", lambda content: content.pop("seal"), "no verdict; legal: a file that `triage evaluate --gate` wrote"),
    ("a key more", _set("more", to=1), "no verdict"),
]


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_what_was_altered_is_refused(tmp_path: Path, change: Callable[[Any], None], said: str) -> None:
    path = tmp_path / "gate.json"
    VERDICT.write(path, key=KEY)
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        Verdict.read(path, key=KEY)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"seal": 1}', "\udc00"])
def test_no_verdict_at_all(tmp_path: Path, text: str) -> None:
    (tmp_path / "gate.json").write_bytes(text.encode("utf-8", "surrogatepass"))
    with pytest.raises(ModelError, match="no verdict"):
        Verdict.read(tmp_path / "gate.json", key=None)
    with pytest.raises(ModelError, match="cannot be read"):
        Verdict.read(tmp_path / "none.json", key=None)


def test_no_checks_is_no_pass() -> None:
    assert VERDICT.passed
    assert not dataclasses.replace(VERDICT, checks=()).passed
    failed = dataclasses.replace(CHECKS[0], passed=False)
    assert dataclasses.replace(VERDICT, checks=(*CHECKS, failed)).failures == (failed,)


@pytest.mark.parametrize(
    ("environment", "key"),
    [({}, None), ({"TRIAGE_GATE_KEY": "0123456789abcdef"}, KEY), ({"TRIAGE_GATE_KEY_FILE": "{file}"}, KEY)],
)
def test_where_the_key_comes_from(tmp_path: Path, environment: dict[str, str], key: bytes | None) -> None:
    (tmp_path / "key").write_bytes(KEY + b"\n")
    assert gate_key({name: value.format(file=tmp_path / "key") for name, value in environment.items()}) == key


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"TRIAGE_GATE_KEY": "short"}, "has 5 bytes; legal: 16 and above"),
        ({"TRIAGE_GATE_KEY_FILE": "/no/such"}, "TRIAGE_GATE_KEY_FILE is '/no/such'; legal: a file"),
        ({"TRIAGE_GATE_KEY": "x", "TRIAGE_GATE_KEY_FILE": "y"}, "are both set; legal: one of the two"),
    ],
)
def test_keys_that_are_not_legal(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        gate_key(environment)


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        VERDICT.write(tmp_path / "no" / "gate.json", key=None)
