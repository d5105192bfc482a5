"""One redactor of the default recognizers for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from triage.redact import Redactor
from triage.redact.schema import RedactionSpec

FILE = Path(__file__).parents[2] / "configs" / "redaction.yaml"


@pytest.fixture(scope="session")
def spec() -> RedactionSpec:
    return RedactionSpec.model_validate(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@pytest.fixture(scope="session")
def redactor(spec: RedactionSpec) -> Redactor:
    return Redactor(spec)
