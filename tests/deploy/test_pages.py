"""The pages on deployment speak of files and settings that exist."""

from __future__ import annotations

import re

import pytest
from deployed import ROOT, unknown_variables

PAGES = ["deployment", "threat-model", "observability"]


@pytest.mark.parametrize("page", PAGES)
def test_files_exist(page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?<![\w/.])((?:deploy|tests|serve|triage|docs|benchmarks)/[\w./-]*)(?![\w*])", text))
    assert named
    for path in named:
        assert (ROOT / path).exists() or "*" in text.partition(path)[2][:1], path


@pytest.mark.parametrize("page", PAGES)
def test_settings_exist(page: str) -> None:
    text = (ROOT / f"docs/{page}.md").read_text(encoding="utf-8")
    assert not unknown_variables(dict.fromkeys(re.findall(r"\bTRIAGE_[A-Z_]+\b", text), ""))


def test_every_threat_has_an_answer_that_can_be_looked_up() -> None:
    text = (ROOT / "docs/threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([STRIDE]) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", text, re.MULTILINE)
    assert {letter for letter, *_ in rows} == set("STRIDE")
    for _, threat, _, shown in rows:
        paths = re.findall(r"`([\w./-]+)`", shown)
        assert paths, threat
        assert all((ROOT / path).exists() for path in paths), threat
