"""The corpus in the repository is whole, and every kind of fault is found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.config import Config
from triage.errors import InputError
from triage.training.corpus_rows import CORPUS, CorpusRow, read_briefs, read_corpus
from triage.training.load_corpus import FEATURES, load_corpus
from triage.training.validate_corpus import faults, flipped

TEXTS = ("卡被吞了两天还没人来取，网点说等厂家", "房贷提前还款排到了明年三月，我等不起", "柜员把存单金额少打了一个零")


@pytest.fixture(scope="module")
def rows() -> list[CorpusRow]:
    return list(read_corpus())


def made(number: int, **change: object) -> CorpusRow:
    row = {
        "id": f"b01-{number:03}", "text": TEXTS[number], "business": "loan", "reason": "pricing", "channel": "unknown",
        "urgency": "normal", "complexity": "simple", "sentiment": -0.4, "voice": "form", "script": "simplified",
        "story": f"b01-s{number}", "department": "retail_lending", "brief": "b01", "split": "train",
    }  # fmt: skip
    return CorpusRow.model_validate(row | change)


def test_the_corpus_is_whole(rows: list[CorpusRow], config: Config) -> None:
    assert list(faults(rows, config, CORPUS)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"business": "lone"}, "b01-001: business is 'lone'; legal: debit_card"),
        ({"department": "card_center"}, "b01-001: department is card_center; by the policy: retail_lending"),
        ({"co_departments": ["risk_fraud"]}, "by the policy: retail_lending"),
        ({"id": "b01-000"}, "b01-000: 2 rows have this id"),
        ({"brief": "z99"}, "no brief 'z99'"),
        ({"split": "test"}, "split is test; its brief is train"),
        ({"story": "b01-s0", "brief": "t01", "split": "test"}, "the story b01-s0 stands in test and train"),
        ({"pair": "1"}, "b01 pair 1: 1 rows; legal: 2"),
        ({"text": TEXTS[0] + "。"}, "near-twins"),
        ({"text": TEXTS[0][:12] + "师傅修", "brief": "t01", "split": "test"}, "too near"),
    ],
)
def test_faults_are_found(config: Config, change: dict[str, object], said: str) -> None:
    found = list(faults([made(0), made(1, **change)], config, CORPUS))
    assert any(said in fault for fault in found), found


def test_a_pair_without_a_difference(config: Config) -> None:
    pair = [made(0, pair="1"), made(1, pair="1", text=TEXTS[0] + "。")]
    found = list(faults(pair, config, CORPUS))
    assert "b01 pair 1: no label differs" in found
    assert not [fault for fault in found if "twins" in fault]
    assert flipped(pair[0], made(1, urgency="high", sentiment=0.3)) == ["urgency", "sentiment"]


def test_counts_have_a_floor(config: Config) -> None:
    found = list(faults([made(0)], config, CORPUS))
    for said in (
        "1 rows; at least 4000",
        "business treasury: 0 rows",
        "checklist sarcasm",
        "0 contrast pairs in which exactly one label flips",
    ):
        assert any(fault.startswith(said) for fault in found), said


def test_every_brief_is_asked_once() -> None:
    briefs = read_briefs()
    assert {brief.split for brief in briefs.values()} == {"train", "validation", "calibration", "test"}
    assert len({brief.brief for brief in briefs.values()}) == len(briefs)


def test_the_datasets_library_reads_it(rows: list[CorpusRow]) -> None:
    loaded = load_corpus()
    assert sum(len(split) for split in loaded.values()) == len(rows)
    assert loaded["train"].features == FEATURES
    first = loaded["train"][0]
    assert first["text"] == next(row.text for row in rows if row.split == "train")
    assert isinstance(first["flags"], list)


@pytest.mark.parametrize(
    "spoil",
    [lambda row: row | {"sentiment": 3}, lambda row: row | {"extra": 1}, lambda row: row | {"flags": ["media"] * 2}],
)
def test_a_bad_line_is_named(tmp_path: Path, spoil: Callable[[dict[str, object]], dict[str, object]]) -> None:
    line = json.dumps(spoil(made(0).model_dump(mode="json")), ensure_ascii=False)
    (tmp_path / "b01.jsonl").write_text(f"{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"b01\.jsonl:1"):
        list(read_corpus(tmp_path))
    with pytest.raises(InputError, match="no rows"):
        load_corpus(tmp_path / "nowhere")
