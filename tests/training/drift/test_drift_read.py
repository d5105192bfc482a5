"""What a row is: a decision, a flat decision, a labelled complaint, a bare text; and rows that are none."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from triage.batch.flat import flat
from triage.errors import InputError
from triage.pipeline import Triage
from triage.training.drift import Observed, read

TEXT = "信用卡年费多收了，电话13812345678，退给我"
LABELLED = {
    "text": TEXT, "business": "credit_card", "reason": "pricing", "channel": "unknown", "urgency": "normal",
    "complexity": "simple", "sentiment": -0.4, "demands": ["refund"], "flags": [],
}  # fmt: skip


def lines(path: Path, *rows: object) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def test_a_labelled_complaint(tmp_path: Path, triage: Triage) -> None:
    (seen,) = read([lines(tmp_path / "a.jsonl", LABELLED)], triage)
    assert (seen.origin, seen.review, seen.version, seen.confidence) == ("label", None, "", {})
    assert seen.single["business"] == "credit_card"
    assert seen.single["sentiment"] == "negative"
    assert seen.multiple == {"demands": frozenset({"refund"}), "flags": frozenset()}
    assert "13812345678" not in seen.text


def test_decisions_are_the_same_whole_flat_and_made_here(tmp_path: Path, triage: Triage) -> None:
    decision = triage.predict(TEXT, id="1")
    (whole,) = read([lines(tmp_path / "a.jsonl", decision.to_dict())], triage)
    with (tmp_path / "a.csv").open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(flat(decision)))
        writer.writeheader()
        writer.writerow(flat(decision))
    (cells,) = read([tmp_path / "a.csv"], triage)
    (fresh,) = read([lines(tmp_path / "b.jsonl", {"text": TEXT})], triage)
    (anew,) = read([lines(tmp_path / "c.jsonl", LABELLED)], triage, predict=True)
    assert whole == cells
    assert fresh == anew == Observed(**{**vars_of(whole), "origin": "prediction"})
    assert whole.origin == "decision"
    assert whole.version == triage.versions[0]
    assert "13812345678" not in whole.text


def vars_of(seen: Observed) -> dict[str, object]:
    return {name: getattr(seen, name) for name in Observed.__dataclass_fields__}


def test_rows_that_are_none_are_left_out(tmp_path: Path, triage: Triage) -> None:
    path = lines(tmp_path / "a.jsonl", LABELLED, {"id": "1"}, {"error": "the text is empty", "text": "x"}, [1])
    assert len(read([path], triage)) == 1
    path = lines(tmp_path / "b.jsonl", {"id": "1"})
    with pytest.raises(InputError, match=r"b.jsonl: no row can be used; legal: rows with the columns business"):
        read([path], triage)
