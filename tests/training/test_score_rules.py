"""The scores of the rules as a script: the table, and one line for a bad file."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROW = {
    "text": "信用卡年费多收了三百元，退给我",
    "business": "credit_card",
    "reason": "pricing",
    "channel": "unknown",
    "urgency": "normal",
    "complexity": "simple",
    "sentiment": -0.4,
    "demands": ["refund"],
    "flags": [],
    "voice": "form",
    "script": "simplified",
    "story": "fee",
}


def score(path: Path, **change: object) -> subprocess.CompletedProcess[str]:
    path.write_text(json.dumps(ROW | change, ensure_ascii=False) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "triage.training.score_rules", str(path), "--slices", "--errors", "business"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_the_table(tmp_path: Path) -> None:
    done = score(tmp_path / "a.jsonl")
    assert done.returncode == 0, done.stderr
    assert "| business accuracy | 1.000 | ≥ 0.75 |" in done.stdout
    assert "| form | 1 |" in done.stdout


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"business": "lone"}, "a.jsonl:1: business is 'lone'; legal: debit_card"),
        ({"sentiment": 2}, "a.jsonl:1"),
        ({"voice": "song"}, "a.jsonl:1"),
        ({"flags": ["media", "media"]}, "flags holds a label twice"),
    ],
)
def test_a_bad_row_is_one_line(tmp_path: Path, change: dict[str, object], said: str) -> None:
    done = score(tmp_path / "a.jsonl", **change)
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
