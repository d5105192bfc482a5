"""``triage drift`` as cron sees it: exit codes, one line of error, files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from small_model import small_model

from triage.cli import main

TEXTS = ["信用卡年费多收了，退给我", "催收天天打电话", "贷款利息太高了", "保险是被忽悠买的"]
ROW = {
    "reason": "other", "channel": "unknown", "urgency": "normal", "complexity": "simple", "sentiment": -0.4,
    "demands": [], "flags": [], "voice": "form", "script": "simplified", "story": "s",
}  # fmt: skip


class Done(NamedTuple):
    code: int
    stdout: str
    stderr: str


@pytest.fixture
def drift(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    def run(*arguments: str | Path) -> Done:
        return Done(main(["drift", *map(str, arguments)]), *capsys.readouterr())

    return run


def rows(path: Path, businesses: list[str], **more: str) -> Path:
    found = [
        ROW | {"id": f"r{place}", "text": TEXTS[place % 4], "business": business} | more
        for place, business in enumerate(businesses)
    ]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found), encoding="utf-8")
    return path


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    return rows(tmp_path / "reference.jsonl", ["loan", "savings"] * 40)


def test_no_drift(drift: Callable[..., Done], reference: Path, tmp_path: Path) -> None:
    new = rows(tmp_path / "new.jsonl", ["savings", "loan"] * 30)
    done = drift(reference, new, "--rules-only")
    assert (done.code, done.stderr) == (0, "")
    assert done.stdout.startswith("No drift")


def test_drift_by_the_model_with_files(drift: Callable[..., Done], reference: Path, tmp_path: Path) -> None:
    model = small_model(tmp_path / "model")
    new = rows(tmp_path / "new.jsonl", ["loan"] * 60)
    done = drift(reference, new, "--model", model, "--out", tmp_path / "out")
    assert done.code == 4
    assert "贷款从 50.0% 到 100.0%" in done.stdout
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"drift.md", "drift.html", "drift.json"}
    # Judged anew, the texts are the same and so are the labels.
    again = drift(reference, new, "--model", model, "--predict", "--json")
    assert (again.code, json.loads(again.stdout)["drift"]) == (0, False)
    assert json.loads(again.stdout)["origins"] == [["prediction"], ["prediction"]]


def test_feedback_over_time(drift: Callable[..., Done], reference: Path, tmp_path: Path) -> None:
    told = tmp_path / "feedback.jsonl"
    first = rows(told, ["debt_collection"] * 1, text=TEXTS[1], labelled="2026-10-05T09:00:00+08:00").read_text() * 30
    last = rows(told, ["savings"] * 1, text=TEXTS[1], labelled="2026-11-05T09:00:00+08:00").read_text() * 30
    told.write_text(first + last, encoding="utf-8")
    done = drift(reference, reference, "--rules-only", "--feedback", told, "--by", "month")
    assert done.code == 4
    assert "业务: accuracy on feedback from 100.0% of 30 to 0.0% of 30 in 2026-11" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("{reference}", "/no/such.jsonl"), 1, "/no/such.jsonl: cannot be read"),
        (("{reference}", "{few}"), 1, "new has 2 complaints; legal: 20 and above"),
        (("{reference}", "{reference}", "--alpha", "1"), 2, "'1' is no chance; legal: above 0, below 1"),
        (("{reference}", "{reference}", "--model", "m"), 2, "--model is 'm' beside --rules-only"),
        (("{reference}", "{reference}", "--feedback", "{reference}"), 1, "labelled is ''; legal: a moment in ISO 8601"),
        (("{reference}", "{reference}", "--out", "{few}"), 1, "legal: a folder that can be written"),
    ],
)
def test_errors_are_one_line(
    drift: Callable[..., Done], reference: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    known = {"reference": reference, "few": rows(tmp_path / "few.jsonl", ["loan"] * 2)}
    done = drift(*(argument.format(**known) for argument in arguments), "--rules-only")
    assert (done.code, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr


def test_without_the_extra(reference: Path) -> None:
    code = "import sys; sys.modules['scipy'] = None; from triage.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "drift", str(reference), str(reference), "--rules-only"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert (done.returncode, "install it with: pip install 'triage[evaluate]'" in done.stderr) == (2, True)
