"""Rows as training may see them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from triage.batch.readers import Cells
from triage.config import Config
from triage.errors import InputError
from triage.training.history.mapping import ColumnMap
from triage.training.history.rows import HistoryReader, HistoryRow, moment

COLUMNS = {
    "text": "t",
    "time": "when",
    "facets": {"business": {"column": ["a", "b"]}, "flags": "f", "sentiment": "s"},
}


@pytest.fixture(scope="module")
def reader(config: Config) -> HistoryReader:
    return HistoryReader(config, ColumnMap.model_validate(COLUMNS))


def _row(reader: HistoryReader, **cells: Any) -> HistoryRow:
    return reader.row(Cells(1, {"t": "宽带断网", "a": "网", "b": "断", "f": "", "s": "", "when": "", **cells}))


@pytest.mark.parametrize(
    ("cells", "facet", "labels"),
    [
        ({}, "business", ("网/断",)),
        ({"b": None}, "business", ("网",)),
        ({"a": " Ａ  b ", "b": ""}, "business", ("A b",)),
        ({"a": 3.0, "b": float("nan")}, "business", ("3",)),
        ({"a": "", "b": ""}, "business", ()),
        ({"f": "老用户；黑名单;老用户"}, "flags", ("老用户", "黑名单")),
        ({"f": ["x", "y"]}, "flags", ("x", "y")),
    ],
)
def test_labels(reader: HistoryReader, cells: dict[str, Any], facet: str, labels: tuple[str, ...]) -> None:
    assert _row(reader, **cells).labels[facet] == labels


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"t": ""}, "the text is empty"),
        ({"t": None}, "the text is empty"),
        ({"s": "2"}, "sentiment is '2'"),
        ({"s": "喜"}, "sentiment is '喜'"),
        ({"when": "昨天"}, "time is '昨天'"),
        ({"a": "\udcff\udcff"}, "neither UTF-8 nor GB18030"),
    ],
)
def test_what_is_wrong_with_a_row(reader: HistoryReader, cells: dict[str, Any], said: str) -> None:
    row = _row(reader, **cells)
    assert said in (row.error or "")
    assert not row.text


@pytest.mark.parametrize(
    ("said", "score"), [("0.5", 0.5), ("负面", -0.4), ("positive", 0.4), ("very_negative", -0.8), ("", None)]
)
def test_sentiment(reader: HistoryReader, said: str, score: float | None) -> None:
    row = _row(reader, s=said)
    assert row.error is None
    assert row.sentiment == (None if score is None else pytest.approx(score))


def test_personal_data_never_reach_training(reader: HistoryReader) -> None:
    row = _row(reader, t="我的手机13800138000，身份证11010519491231002X，宽带断网")
    assert "13800138000" not in row.text
    assert "49123" not in row.text
    assert "宽带断网" in row.text
    assert len(row.personal) == 2


@pytest.mark.parametrize(
    "told",
    [
        "2026-03-05 09:00",
        "2026/3/5 9:00",
        "2026年3月5日 09:00",
        "2026-03-05T09:00:00Z",
        datetime(2026, 3, 5, 9, tzinfo=UTC),
    ],
)
def test_times(told: object) -> None:
    assert moment(told) == datetime(2026, 3, 5, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize("told", ["三月", "2026-13-05", "5", "12:30"])
def test_no_times(told: str) -> None:
    with pytest.raises(InputError, match="time is"):
        moment(told)
