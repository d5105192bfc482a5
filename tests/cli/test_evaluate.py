"""``triage evaluate`` as a shell sees it: report, files, baselines, errors."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from triage.cli import main

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
CHASED = ROW | {"text": "催收天天打电话骚扰我", "business": "debt_collection", "reason": "collection_conduct"}


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def lines(path: Path, *rows: dict[str, object]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def evaluate(capsys: pytest.CaptureFixture[str]) -> Callable[..., Done]:
    """Run the command in this process: a new one for each case would spend its time on loading."""

    def run(*arguments: str | Path) -> Done:
        code = main(["evaluate", *map(str, arguments)])
        return Done(code, *capsys.readouterr())

    return run


def test_the_report_and_its_files(tmp_path: Path, evaluate: Callable[..., Done]) -> None:
    data = lines(tmp_path / "a.jsonl", ROW, ROW | {"text": "微信号wxid_abc123456，年费多收", "business": "loan"})
    done = evaluate(data, "--rules-only", "--out", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "2 complaints of a.jsonl. Judged by: rules 2." in done.stdout
    assert "| business accuracy | 0.500 |" in done.stdout
    assert "年费" not in done.stdout
    assert {file.name for file in (tmp_path / "out").iterdir()} == {"report.md", "report.html", "report.json"}
    assert (tmp_path / "out" / "report.md").read_text(encoding="utf-8") == done.stdout


def test_examples_are_redacted(tmp_path: Path, evaluate: Callable[..., Done]) -> None:
    data = lines(tmp_path / "a.jsonl", ROW | {"text": "我电话13812345678，信用卡年费多收了", "business": "loan"})
    done = evaluate(data, "--rules-only", "--examples")
    assert "年费多收了" in done.stdout
    assert "13812345678" not in done.stdout


def test_json(tmp_path: Path, evaluate: Callable[..., Done]) -> None:
    done = evaluate(lines(tmp_path / "a.jsonl", ROW), "--rules-only", "--json")
    report = json.loads(done.stdout)
    assert (report["rows"], report["sources"]) == (1, {"rules": 1})


@pytest.mark.slow
def test_baselines_stand_beside_the_model(tmp_path: Path, evaluate: Callable[..., Done]) -> None:
    data, train = lines(tmp_path / "a.jsonl", ROW), lines(tmp_path / "t.jsonl", CHASED)
    done = evaluate(data, "--rules-only", "--baselines", train)
    assert done.returncode == 0, done.stderr
    assert (
        "| figure | value | 95% interval | target | majority | rules | TF-IDF + SVM | fastText | snownlp | pysenti "
        "| right category alone | category of the model alone |" in done.stdout
    )


@pytest.mark.parametrize(
    ("row", "arguments", "code", "said"),
    [
        (ROW | {"business": "lone"}, (), 1, "a.jsonl:1: business is 'lone'; legal: debit_card"),
        (ROW | {"text": "\u200b"}, (), 1, "a-001: the text is empty"),
        (ROW, ("--rules-only", "--model", "m"), 2, "--model is 'm' beside --rules-only; legal: one of the two"),
        (ROW, ("--rules-only", "--baselines", "{data}"), 1, "test shares 1 texts with train (a-001)"),
        (ROW, ("--rules-only", "--baselines", "/no/such.jsonl"), 1, "No such file"),
        (ROW, ("--model", "/no/such"), 1, "/no/such"),
        (ROW, ("--rules-only", "--out", "{data}"), 1, "legal: a folder that can be written"),
    ],
)
def test_errors_are_one_line(
    tmp_path: Path,
    evaluate: Callable[..., Done],
    row: dict[str, object],
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    data = lines(tmp_path / "a.jsonl", row)
    done = evaluate(data, *(argument.format(data=data) for argument in arguments))
    assert (done.returncode, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said in done.stderr


def test_a_file_without_rows(tmp_path: Path, evaluate: Callable[..., Done]) -> None:
    done = evaluate(lines(tmp_path / "a.jsonl"), "--rules-only")
    assert (done.returncode, "there are no labelled complaints" in done.stderr) == (1, True)


@pytest.mark.parametrize(("lacking", "arguments"), [("jinja2", []), ("snownlp", ["--baselines", "t.jsonl"])])
def test_without_the_extra(tmp_path: Path, lacking: str, arguments: list[str]) -> None:
    data = lines(tmp_path / "a.jsonl", ROW)
    code = f"import sys; sys.modules[{lacking!r}] = None; from triage.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "evaluate", str(data), "--rules-only", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 2
    assert done.stderr == (
        f"triage: evaluate needs the package {lacking!r}; install it with: pip install 'triage[evaluate]'\n"
    )
