"""The systemd unit: accepted by systemd, confined, with variables that exist."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from deployed import DEPLOY, image_environment, unknown_variables

from triage.serve.settings import Settings

UNIT = (DEPLOY / "triage.service").read_text(encoding="utf-8")
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")


def analyse(unit: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # The program is not installed where the tests run.
    path = folder / "triage.service"
    path.write_text(unit.replace("/opt/triage/bin/triage", "/bin/true"), encoding="utf-8")
    return subprocess.run(["systemd-analyze", *arguments, str(path)], check=False, capture_output=True, text=True)


@needs_systemd
def test_systemd_takes_it(tmp_path: Path) -> None:
    run = analyse(UNIT, tmp_path, "verify")
    assert (run.returncode, run.stderr) == (0, "")


@needs_systemd
def test_systemd_would_find_a_misspelt_line(tmp_path: Path) -> None:
    assert "ProtectSytem" in analyse(UNIT.replace("ProtectSystem=", "ProtectSytem="), tmp_path, "verify").stderr


@needs_systemd
@pytest.mark.parametrize(("unit", "code"), [(UNIT, 0), (UNIT.replace("CapabilityBoundingSet=\n", ""), 1)])
def test_exposure_is_low(unit: str, code: int, tmp_path: Path) -> None:
    # 0 is safest and 100 worst; network and user cost 14.
    assert analyse(unit, tmp_path, "security", "--offline=true", "--threshold=15").returncode == code


def test_its_variables_are_settings_and_legal(monkeypatch: pytest.MonkeyPatch) -> None:
    pairs = dict(
        pair.split("=", 1) for line in re.findall(r"^Environment=(.+)$", UNIT, re.MULTILINE) for pair in line.split()
    )
    assert not unknown_variables(pairs)
    assert pairs["ORT_DISABLE_TELEMETRY"] == image_environment()["ORT_DISABLE_TELEMETRY"] == "1"
    for name, value in pairs.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    (stop,) = re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)
    assert int(stop) >= settings.grace + 10
    assert settings.grace >= settings.batch_deadline
    assert settings.keys.is_relative_to("/var/lib/triage")
