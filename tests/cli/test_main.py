"""The command line as a shell sees it: output, errors, exit codes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from triage.types import Decision

RECEIVED = "2026-11-24T09:00:00+08:00"


def triage(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-c", "import sys; from triage.cli import main; sys.exit(main())", *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        timeout=120,
    )


def test_predict_prints_a_picture_without_colour() -> None:
    done = triage("predict", "信用卡被盗刷三千元", "--received", RECEIVED)
    assert done.returncode == 0
    assert "信用卡 (credit_card)" in done.stdout.decode()
    assert b"\x1b[" not in done.stdout


def test_predict_prints_json() -> None:
    done = triage("predict", "信用卡被盗刷三千元", "--json", "--id", "a1", "--received", RECEIVED)
    decision = Decision.from_dict(json.loads(done.stdout))
    assert (decision.id, decision.business.label) == ("a1", "credit_card")
    assert decision.source in ("model", "hybrid")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_predict_reads_standard_input(encoding: str) -> None:
    done = triage("predict", "-", "--json", stdin="信用卡被盗刷".encode(encoding))
    assert json.loads(done.stdout)["redacted_text"] == "信用卡被盗刷"


def test_predict_reads_an_email(tmp_path: Path) -> None:
    mail = tmp_path / "a.eml"
    mail.write_bytes("Subject: complaint\nContent-Type: text/plain; charset=utf-8\n\n信用卡被盗刷\n".encode())
    assert json.loads(triage("predict", str(mail), "--email", "--json").stdout)["business"]["label"] == "credit_card"


def test_explain_shows_what_a_scope_blocked() -> None:
    found = json.loads(triage("predict", "我没有被骗子骗走钱", "--explain").stdout)
    assert any("negated" in hit["scopes"] for hits in found.values() for hit in hits)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        ([], 2, "required"),
        (["fly"], 2, "invalid choice"),
        (["predict"], 2, "TEXT"),
        (["predict", ""], 1, "text is empty"),
        (["predict", " \u200b\n"], 1, "text is empty"),
        (["predict", "卡", "--received", "yesterday"], 2, "legal: ISO 8601"),
        (["predict", "卡", "--received", "2026-11-24T09:00:00"], 2, "with offset"),
        (["predict", "卡", "--channel", "telepathy"], 1, "legal: branch"),
        (["predict", "卡", "--configs", "/no/such"], 1, "no such folder"),
        (["predict", "/no/such.eml", "--email"], 1, "No such file"),
        (["batch", "/no/such.csv", "/tmp/x.csv"], 1, "no such file"),
        (["batch", "a.csv", "b.csv", "--workers", "0"], 2, "legal: 1 and above"),
        (["batch", "a.csv", "b.csv", "--engine", "abacus"], 2, "invalid choice"),
        (["check", "/no/such"], 1, "no such folder"),
    ],
)
def test_errors_are_one_line(arguments: list[str], code: int, said: str) -> None:
    done = triage(*arguments)
    line = done.stderr.decode()
    assert (done.returncode, done.stdout) == (code, b"")
    assert said in line
    assert line.startswith("triage: ")
    assert line.count("\n") == 1


def test_debug_shows_the_traceback() -> None:
    assert b"Traceback" in triage("predict", "", "--debug").stderr


@pytest.mark.parametrize(("rows", "code"), [("卡被吞了\n", 0), ("卡被吞了\n\u200b\n", 3)])
def test_the_exit_code_of_a_batch(tmp_path: Path, rows: str, code: int) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"text\n{rows}", encoding="utf-8")
    done = triage("batch", str(source), str(tmp_path / "out.csv"), "--workers", "1")
    assert done.returncode == code
    assert b"rows" in done.stderr


def test_a_reader_that_goes_away() -> None:
    line = f"{sys.executable} -c 'import sys; from triage.cli import main; sys.exit(main())' predict 卡被吞了 --json"
    done = subprocess.run(
        ["bash", "-c", f"{line} | true; echo ${{PIPESTATUS[0]}}"], capture_output=True, check=False, timeout=60
    )
    assert done.stdout.split()[-1] in (b"0", b"141")
    assert b"Traceback" not in done.stderr


def test_the_default_configuration_passes_its_check() -> None:
    done = triage("check", "configs")
    assert done.returncode == 0, done.stdout.decode()
