"""The audit never takes silence for a clean bill; the bill of materials is asked for rightly."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from deployed import DEPLOY


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(DEPLOY / script), *arguments], check=False, capture_output=True, text=True
    )


def test_what_nobody_knows_is_not_audited(tmp_path: Path) -> None:
    # No such package: a service that is reached says so, one that is not says nothing. Neither is a clean bill.
    pins = tmp_path / "pins.txt"
    pins.write_text("triage-has-no-such-package-9f3c==1.0\n", encoding="utf-8")
    found = run("audit.py", str(pins))
    assert found.returncode == 3
    assert "NOT AUDITED" in found.stderr


def test_what_cannot_be_read_is_not_audited(tmp_path: Path) -> None:
    found = run("audit.py", str(tmp_path / "absent.txt"))
    assert found.returncode == 3
    assert "absent.txt" in found.stderr


@pytest.mark.parametrize(
    ("entry", "lines"),
    [
        ({"name": "a", "version": "1", "vulns": []}, []),
        ({"name": "a", "skip_reason": "not found"}, []),
        (
            {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": ["2", "3"]}]},
            ["a 1: CVE-1; fixed in 2, 3"],
        ),
        (
            {"name": "a", "version": "1", "vulns": [{"id": "CVE-1", "fix_versions": []}]},
            ["a 1: CVE-1; fixed in no release yet"],
        ),
    ],
)
def test_vulnerabilities_are_lines(entry: dict[str, object], lines: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(DEPLOY))
    from audit import vulnerabilities

    assert list(vulnerabilities({"dependencies": [entry]})) == lines


def test_a_bill_of_materials_needs_a_place() -> None:
    assert run("sbom.py").returncode == 2
