"""The Dockerfile: linted, and what a cluster's policy asks of an image."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from deployed import DEPLOY, ROOT, final_stage, image_environment, unknown_variables

from triage.serve.settings import Settings

PINS = (DEPLOY / "requirements.txt").read_text(encoding="utf-8")


def hadolint() -> str:
    found = shutil.which("hadolint", path=f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin")
    if found is None:
        pytest.skip("there is no hadolint for this machine")
    return found


def test_hadolint_finds_nothing() -> None:
    run = subprocess.run([hadolint(), str(DEPLOY / "Dockerfile")], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_hadolint_would_find_something() -> None:
    spoilt = "FROM python:latest\nRUN apt-get install curl\n"
    assert subprocess.run([hadolint(), "-"], input=spoilt, check=False, capture_output=True, text=True).returncode == 1


def test_it_runs_as_nobody_and_is_alive_by_itself() -> None:
    stage = dict(final_stage())
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", stage["USER"])
    assert stage["STOPSIGNAL"] == "SIGTERM"
    assert "/healthz" in stage["HEALTHCHECK"]
    # Nothing is installed or fetched in the stage that runs, so that there is nothing to clean up.
    assert "RUN" not in stage


def test_its_variables_are_settings_and_legal(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = image_environment()
    assert not unknown_variables(environment)
    assert unknown_variables({"TRIAGE_PROT": "1", "PATH": "/bin"}) == {"TRIAGE_PROT"}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings()
    assert settings.host == "0.0.0.0"
    assert settings.auth
    assert settings.grace >= settings.batch_deadline


def test_the_context_holds_what_the_build_copies_and_no_data() -> None:
    lines = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    for source in " ".join(copied).split():
        assert f"!{source}" in lines, source
        assert (ROOT / source).exists()
    assert "*" in lines
    assert {"training/corpus", "training/devset"} <= set(lines)


def test_exact_versions_cover_what_the_service_needs() -> None:
    pins = dict(re.findall(r"^([a-z0-9-]+)==(\S+)$", PINS, re.MULTILINE))
    assert len(pins) == len([line for line in PINS.splitlines() if line and not line.startswith("#")])
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in [*project["dependencies"], *project["optional-dependencies"]["serve"]]:
        name = re.split(r"[\[>=;~< ]", wanted, maxsplit=1)[0].lower().replace("_", "-")
        assert name in pins, f"{name}: run make lock"
    assert not {"torch", "pytest", "transformers"} & set(pins)
