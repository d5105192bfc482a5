"""The report on four complaints: every part counted by hand, three files, and faults of input."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from triage.config import Config
from triage.errors import InputError, OutputError
from triage.pipeline import Triage
from triage.training.evaluate import Answer, Report, answers_of, evaluate, markdown, write
from triage.training.evaluate.answer import right_answer
from triage.training.evaluate.headline import Target
from triage.training.evaluate.sections import comparison
from triage.training.labelled import Labelled

ROW: dict[str, Any] = {
    "id": "r1",
    "text": "信用卡年费多收了三百元，退给我",
    "business": "credit_card",
    "reason": "pricing",
    "channel": "unknown",
    "urgency": "normal",
    "complexity": "simple",
    "sentiment": -0.4,
    "demands": ("refund",),
    "flags": (),
    "voice": "form",
    "script": "simplified",
    "story": "fee",
}


def row(**change: Any) -> Labelled:
    """Return a labelled complaint; its story is its id unless told."""
    changed = ROW | change
    return Labelled.model_validate(changed | {"story": change.get("story", changed["id"])})


ROWS = [
    row(id="a"),
    row(id="b", business="loan", urgency="critical", voice="chat", flags=("vulnerable",)),
    row(id="c", reason="marketing", urgency="high", text="很长" * 60, sentiment=-0.9),
    row(id="d", script="traditional", demands=()),
]


@pytest.fixture(scope="module")
def said(config: Config) -> list[Answer]:
    """Right but for: b's business, c's urgency and sentiment, d's needless demand; d is the least sure."""
    right = [right_answer(one, config) for one in ROWS]
    sure = [0.9, 0.6, 0.8, 0.5]
    answers = [
        dataclasses.replace(
            answer,
            confidence={"business": value, "reason": 1.0},
            calibrated=frozenset({"business", "reason"}),
            decisions={"whole": "auto" if value >= 0.8 else "review"},
            source="model",
            excerpt="多收|<b>年费</b>" + "很" * 80,
        )
        for answer, value in zip(right, sure, strict=True)
    ]
    answers[1] = dataclasses.replace(answers[1], single={**answers[1].single, "business": "credit_card"})
    answers[2] = dataclasses.replace(answers[2], single={**answers[2].single, "urgency": "normal"}, sentiment=0.1)
    answers[3] = dataclasses.replace(answers[3], multiple={**answers[3].multiple, "demands": frozenset({"refund"})})
    return answers


@pytest.fixture(scope="module")
def report(said: list[Answer], config: Config) -> Report:
    others = {"mood alone": [Answer(sentiment=-0.4) for _ in ROWS]}
    return evaluate(ROWS, said, config, data=["small"], versions=("m", "t", "p"), compared=others, excerpts=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("business accuracy", 3 / 4),
        ("business macro-F1", (6 / 7 + 0) / 2),
        ("reason accuracy", 1.0),
        ("urgency accuracy", 3 / 4),
        ("urgency macro-F1", (1 + 0 + 4 / 5) / 3),
        ("critical recall", 1.0),
        ("critical precision", 1.0),
        ("lead department accuracy", 1.0),
        ("demands micro-F1", 2 * 3 / (3 + 4)),
        ("flags micro-F1", 1.0),
        ("sentiment mean absolute error", 1.0 / 4),
        ("sentiment sign accuracy", 3 / 4),
        ("category accuracy", 3 / 4),
        # From the surest down: a and c right, then b wrong.
        ("category coverage at 95% precision", 2 / 4),
        ("review share", 2 / 4),
    ],
)
def test_headline_by_hand(report: Report, name: str, value: float) -> None:
    (found,) = [one for one in report.headline if one.name == name]
    assert found.value == pytest.approx(value)
    assert found.low <= found.value <= found.high


def test_headline_and_details_agree(report: Report) -> None:
    figures = {one.name: one.value for one in report.headline}
    for facet in report.facets:
        name = "lead department" if facet.facet == "department" else facet.facet
        assert figures[f"{name} accuracy"] == pytest.approx(facet.accuracy)
        assert figures[f"{name} macro-F1"] == pytest.approx(facet.macro_f1)
    for several in report.several:
        name = "co-departments" if several.facet == "co" else several.facet
        assert figures[f"{name} micro-F1"] == pytest.approx(several.micro_f1)
    assert figures["urgency weighted kappa"] == report.weighted_kappa
    assert figures["category coverage at 95% precision"] == report.coverage[0].at_wanted


def test_parts(report: Report) -> None:
    assert [(one.facet, one.rows, one.said) for one in report.calibration] == [
        ("business", 4, True),
        ("reason", 4, True),
    ]
    whole = {one.decision: (one.rows, one.right) for one in report.decisions if one.facet == "whole"}
    assert whole == {"auto": (2, 1.0), "review": (2, 0.5)}
    slices = {(one.cut, one.value): one.rows for one in report.slices}
    assert slices == {
        ("voice", "chat"): 1, ("voice", "form"): 3,
        ("length", "1–50"): 3, ("length", "101–200"): 1,
        ("script", "simplified"): 3, ("script", "traditional"): 1,
    }  # fmt: skip
    kinds = {(kind.facet, kind.kind): kind.count for kind in report.errors}
    assert kinds == {
        ("business", "loan → credit_card"): 1,
        ("urgency", "high → normal"): 1,
        ("demands", "needless refund"): 1,
        ("sentiment", "wrong sign"): 1,
    }
    assert report.compared == {"mood alone": {"sentiment mean absolute error": 0.125, "sentiment sign accuracy": 1.0}}


def test_excerpts_are_short_and_only_for_whoever_asks(report: Report, said: list[Answer], config: Config) -> None:
    assert {len(one.excerpt) for kind in report.errors for one in kind.examples} == {60}
    silent = evaluate(ROWS, said, config, draws=2)
    assert {one.excerpt for kind in silent.errors for one in kind.examples} == {""}


def test_a_row_that_fell_back_counts_as_unsure(said: list[Answer], config: Config) -> None:
    fallen = [dataclasses.replace(said[0], confidence={}), *said[1:]]
    assert evaluate(ROWS, fallen, config, draws=2).coverage[0].at_wanted == 0.25


def test_rules_have_no_confidence_and_the_report_says_so(triage: Triage, config: Config) -> None:
    said = answers_of(triage, [one.text for one in ROWS])
    report = evaluate(ROWS, said, config, draws=2)
    assert (report.calibration, report.coverage, dict(report.sources)) == ((), (), {"rules": 4})
    assert "rules give none" in markdown(report, config)


def test_three_files(report: Report, config: Config, tmp_path: Path) -> None:
    files = write(report, tmp_path / "new" / "folder", config)
    assert [file.name for file in files] == ["report.md", "report.html", "report.json"]
    text, page, data = (file.read_text(encoding="utf-8") for file in files)
    assert "| business accuracy | 0.750 |" in text
    assert "| credit_card 信用卡 | 0.750 | 1.000 | 0.857 | 3 |" in text
    assert "多收\\|&lt;b>年费" in text
    assert json.loads(data)["facets"][0]["accuracy"] == 0.75
    assert "credit_card 信用卡" in page
    assert "&lt;b&gt;年费" in page
    # Self-contained: pictures are data, and nothing is fetched.
    assert page.count("data:image/svg+xml;base64,") == 8
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    assert "<script" not in page


def test_the_same_answers_give_the_same_files(report: Report, config: Config, tmp_path: Path) -> None:
    first, again = (write(report, tmp_path / name, config) for name in "ab")
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]


def test_a_folder_that_is_a_file(report: Report, config: Config, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(OutputError, match=r"file: .*legal: a folder that can be written"):
        write(report, tmp_path / "file", config)


def test_no_complaint_at_all(config: Config) -> None:
    with pytest.raises(InputError, match="there are no labelled complaints; legal: at least one row"):
        evaluate([], [], config)


def test_a_text_that_cannot_be_decided_is_named(triage: Triage) -> None:
    with pytest.raises(InputError, match="b-2: the text is empty"):
        answers_of(triage, ["卡被吞了", "\u200b"], names=["b-1", "b-2"])


def test_a_figure_that_one_column_lacks_keeps_its_place() -> None:
    table = comparison({"one": {"a": 0.1, "c": 0.3}, "two": {"a": 0.1, "b": 0.2, "c": 0.3}})
    assert table.rows == (("a", "0.100", "0.100"), ("b", "–", "0.200"), ("c", "0.300", "0.300"))


@pytest.mark.parametrize(("target", "value", "met"), [(Target(0.9), 0.9, True), (Target(0.9), 0.89, False),
                                                      (Target(0.2, at_most=True), 0.2, True),
                                                      (Target(0.2, at_most=True), 0.21, False)])  # fmt: skip
def test_targets(target: Target, value: float, met: bool) -> None:
    assert target.met(value) is met
