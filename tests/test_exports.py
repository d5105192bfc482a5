"""The names that callers may rely on; a change here is a change of the contract."""

from __future__ import annotations

import importlib

import pytest

EXPORTS = {
    "triage": ["Config", "Decision", "Document", "Triage", "TriageError", "__version__", "load"],
    "triage.batch": ["Report", "run"],
    "triage.cli": ["main"],
    "triage.config": ["Config", "Finding", "check", "load"],
    "triage.model": ["EMBEDDED", "Model", "Opinion", "Shares", "load"],
    "triage.pipeline": ["Request", "Triage", "load"],
    "triage.registry": ["Entry", "Registry", "Shadow", "Verdict"],
    "triage.rules": ["Hit", "Judgement", "RulesEngine", "Scored"],
    "triage.serve": ["Settings", "create_app"],
    "triage.text": ["Document", "Normalised", "Normaliser", "read_chat", "read_email", "read_form"],
}


@pytest.mark.parametrize(("module", "names"), sorted(EXPORTS.items()))
def test_exported_names(module: str, names: list[str]) -> None:
    loaded = importlib.import_module(module)
    assert sorted(loaded.__all__) == names
    assert all(hasattr(loaded, name) for name in names)


def test_eight_public_names_at_most() -> None:
    assert len(EXPORTS["triage"]) <= 8
