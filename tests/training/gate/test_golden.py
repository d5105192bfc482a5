"""Must-pass cases: what passes, what does not, and files that are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from triage.config import Config
from triage.errors import ConfigError, InputError
from triage.pipeline import load
from triage.training.evaluate.answer import Answer, answers_of
from triage.training.gate import GoldenCase, read_golden, read_limits
from triage.training.gate.gate import golden_checks
from triage.training.gate.golden import DEFAULT, faults

ANSWER = Answer(
    single={"business": "loan", "urgency": "high"}, multiple={"flags": frozenset({"repeat", "media"})}, sentiment=-0.7
)


@pytest.mark.parametrize(
    ("expect", "never", "said"),
    [
        ({"business": "loan"}, {}, []),
        ({"business": "savings"}, {}, ["business loan, due savings"]),
        ({"business": ["savings", "loan"]}, {}, []),
        ({"flags": "media"}, {}, []),
        ({"flags": ["media", "repeat"]}, {}, []),
        ({"flags": ["media", "group"]}, {}, ["flags media+repeat, due media|group"]),
        ({"sentiment": "very_negative"}, {}, []),
        ({"sentiment": ["negative", "neutral"]}, {}, ["sentiment very_negative, due negative|neutral"]),
        ({"demands": "refund"}, {}, ["demands none, due refund"]),
        ({}, {"flags": ["group"]}, []),
        ({}, {"flags": ["repeat"], "urgency": ["high", "low"]}, ["flags repeat, never due", "urgency high, never due"]),
    ],
)
def test_faults(config: Config, expect: dict[str, Any], never: dict[str, Any], said: list[str]) -> None:
    case = GoldenCase.model_validate({"id": "1", "text": "x", "expect": expect, "never": never})
    assert faults(case, ANSWER, config) == said


def test_the_checks(config: Config) -> None:
    cases = [GoldenCase.model_validate({"id": name, "text": "x", "expect": {"business": "loan"}}) for name in "ab"]
    other = Answer(single={"business": "savings"})
    (all_pass,) = golden_checks(cases, [ANSWER, other], [ANSWER, ANSWER], config)
    assert (all_pass.rows, all_pass.current, all_pass.candidate, all_pass.passed) == (2, 0.5, 1.0, True)
    (lost,) = golden_checks(cases, [ANSWER, ANSWER], [ANSWER, other], config)
    assert (lost.name, lost.current, lost.candidate, lost.passed) == ("b", 1.0, 0.0, False)
    assert lost.why == "business savings, due loan"


def test_the_cases_that_travel_with_the_package(config: Config) -> None:
    cases = read_golden([DEFAULT], config)
    assert len(cases) == 30
    assert sum(case.expect.get("urgency") == "critical" for case in cases) >= 4


def test_the_model_that_travels_with_the_package_passes_them(config: Config) -> None:
    """Otherwise no gate could ever be passed by a model as good as this one."""
    cases = read_golden([DEFAULT], config)
    said = answers_of(load(), [case.text for case in cases])
    assert {case.id: wrong for case, one in zip(cases, said, strict=True) if (wrong := faults(case, one, config))} == {}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"business": "lone"}, "g.jsonl:1: business is 'lone'; legal: debit_card"),
        ({"colour": "red"}, "g.jsonl:1: facet is 'colour'; legal: business"),
        ({"sentiment": "angry"}, "sentiment is 'angry'; legal: very_negative"),
        ({}, "expects nothing; legal: at least one facet"),
        (None, "g.jsonl:1: .*valid dict"),
    ],
)
def test_a_case_that_is_none(tmp_path: Path, config: Config, case: dict[str, str] | None, said: str) -> None:
    path = tmp_path / "g.jsonl"
    path.write_text(json.dumps({"id": "1", "text": "x", "expect": case}) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=said):
        read_golden([path], config)


def test_an_id_that_is_taken_and_a_file_that_is_none(tmp_path: Path, config: Config) -> None:
    path = tmp_path / "g.jsonl"
    path.write_bytes(DEFAULT.read_bytes())
    with pytest.raises(InputError, match="id is 'fraud-transfer-now', as of another case"):
        read_golden([DEFAULT, path], config)
    path.write_text("{\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"g.jsonl:1: Expecting property name"):
        read_golden([path], config)
    with pytest.raises(InputError, match=r"none.jsonl: cannot be read .*legal: JSON lines"):
        read_golden([tmp_path / "none.jsonl"], config)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("facet: urgency", "facet: mood"), "protected.0.facet is 'mood'; legal: business"),
        (("label: critical", "label: crit"), "protected.0.label is 'crit'; legal: critical"),
        (("alpha: 0.05", "alpha: 5"), "alpha is 5; legal: Input should be less than 1"),
        (("times: 1.5}", "time: 1.5}"), "size.times"),
        (('version: "1"', "version: ["), "not YAML"),
    ],
)
def test_limits_that_are_not_legal(tmp_path: Path, config: Config, change: tuple[str, str], said: str) -> None:
    text = (DEFAULT.parent / "limits.yaml").read_text(encoding="utf-8")
    path = tmp_path / "limits.yaml"
    path.write_text(text.replace(*change), encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        read_limits(path, config)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_limits(tmp_path / "none.yaml", config)
