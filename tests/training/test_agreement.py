"""Agreement of two labellings: perfect, partial, and a row labelled twice."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from triage.errors import InputError
from triage.training.agreement import agreement, read_second
from triage.training.corpus_rows import CorpusRow, read_corpus

FACETS = ("business", "reason", "channel", "urgency", "complexity", "demands", "flags")


@pytest.fixture(scope="module")
def rows() -> dict[str, CorpusRow]:
    return {row.id: row for row in list(read_corpus())[:200]}


def second(rows: dict[str, CorpusRow]) -> dict[str, dict[str, object]]:
    return {name: {"id": name} | {facet: getattr(row, facet) for facet in FACETS} for name, row in rows.items()}


def test_the_same_labels_agree(rows: dict[str, CorpusRow]) -> None:
    for equal, value in agreement(rows, second(rows)).values():
        assert (equal, value) == (1.0, pytest.approx(1.0))


def test_a_far_urgency_costs_more_than_a_near_one(rows: dict[str, CorpusRow]) -> None:
    def moved(to: str) -> float:
        labels = second(rows)
        for name in [name for name, row in rows.items() if row.urgency == "critical"][:5]:
            labels[name]["urgency"] = to
        return agreement(rows, labels)["urgency"][1]

    assert moved("low") < moved("high") < 1.0


def test_the_department_follows_the_labels(rows: dict[str, CorpusRow]) -> None:
    labels = second(rows)
    name = next(name for name, row in rows.items() if row.reason != "fund_safety")
    labels[name]["reason"] = "fund_safety"
    assert agreement(rows, labels)["department"][0] == pytest.approx(1 - 1 / len(rows))


def test_an_id_that_stands_twice(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(f"{json.dumps({'id': 'a'})}\n" * 2, encoding="utf-8")
    with pytest.raises(InputError, match="a was labelled twice"):
        read_second([path])
