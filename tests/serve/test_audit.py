from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.serve.audit import Audit, first_break


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "audit.jsonl"
    for number in range(4):
        Audit(path).write("reload", caller="desk", request_id=str(number), outcome="done", release=f"r{number}")
    return path


def test_acts_are_appended_with_who_and_what(file: Path) -> None:
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["release"] for line in lines] == ["r0", "r1", "r2", "r3"]
    assert {line["caller"] for line in lines} == {"desk"}
    assert file.stat().st_mode & 0o077 == 0
    assert first_break(file) is None


@pytest.mark.parametrize(("change", "number"), [("alter", 3), ("remove", 2), ("swap", 2), ("spoil", 2)])
def test_a_line_that_was_touched_shows(file: Path, change: str, number: int) -> None:
    lines = file.read_text().splitlines()
    if change == "alter":
        lines[1] = lines[1].replace("desk", "somebody")
    elif change == "remove":
        del lines[1]
    elif change == "swap":
        lines[1], lines[2] = lines[2], lines[1]
    else:
        lines[1] = "spoilt"
    file.write_text("\n".join(lines) + "\n")
    assert first_break(file) == number
