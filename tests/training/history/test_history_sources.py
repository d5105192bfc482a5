"""The same rows from every kind of source, and what is said of sources that cannot be read."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pyarrow
import pytest
import telecom
from pyarrow import parquet

from triage.errors import InputError
from triage.training.history.sources import stream

ROWS = [{"text": "宽带断网", "cat": "宽带"}, {"text": "话费多扣", "cat": "话费"}]
NEEDED = ("text", "cat")


def _csv(folder: Path) -> str:
    return str(telecom.write_csv(folder / "a.csv", ROWS))


def _gbk(folder: Path) -> str:
    (folder / "a.csv").write_bytes("text,cat\n宽带断网,宽带\n话费多扣,话费\n".encode("gbk"))
    return str(folder / "a.csv")


def _jsonl(folder: Path) -> str:
    (folder / "a.jsonl").write_text("\n".join(json.dumps(row) for row in ROWS), encoding="utf-8")
    return str(folder / "a.jsonl")


def _parquet(folder: Path) -> str:
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), folder / "a.parquet")
    return str(folder / "a.parquet")


def _xlsx(folder: Path) -> str:
    book = openpyxl.Workbook()
    for row in (NEEDED, *((row["text"], row["cat"]) for row in ROWS)):
        book.worksheets[0].append(row)
    book.save(folder / "a.xlsx")
    return str(folder / "a.xlsx")


def _dataset(folder: Path) -> str:
    from datasets import Dataset

    Dataset.from_list(ROWS).save_to_disk(str(folder / "set"))
    return str(folder / "set")


def _database(folder: Path) -> str:
    with sqlite3.connect(folder / "a.db") as connection:
        connection.execute("CREATE TABLE t (text, cat)")
        connection.executemany("INSERT INTO t VALUES (:text, :cat)", ROWS)
    connection.close()
    return f"sqlite:///{folder / 'a.db'}"


@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("make", [_csv, _gbk, _jsonl, _parquet, _xlsx, _dataset, _database])
def test_every_source_gives_the_same_rows(tmp_path: Path, make: Callable[[Path], str]) -> None:
    found = list(stream(make(tmp_path), needed=NEEDED, query="SELECT * FROM t"))
    assert [dict(row.cells) for row in found] == ROWS
    assert [row.error for row in found] == [None, None]


def _cut(make: Callable[[Path], str]) -> Callable[[Path], str]:
    def cut(folder: Path) -> str:
        path = Path(make(folder))
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        return str(path)

    return cut


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: str(folder / "none.csv"), "no such file"),
        (str, "not a folder that `datasets` saved"),
        (_cut(_xlsx), "not an XLSX file"),
        (_cut(_parquet), "not a Parquet file"),
        (lambda folder: telecom.write_csv(folder / "a.csv", [{"text": "话", "other": "x"}]), "no column 'cat'"),
        (lambda folder: f"sqlite:///{folder}/none/a.db", "the query failed"),
        (lambda _: "nosuchdb://here/x", "the query failed"),
    ],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, make: Callable[[Path], object], said: str) -> None:
    with pytest.raises(InputError) as raised:
        list(stream(str(make(tmp_path)), needed=NEEDED, query="SELECT * FROM t"))
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_needs_a_query_and_keeps_its_password(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no query") as raised:
        list(stream("postgresql://me:secret@host/db"))
    assert "secret" not in str(raised.value)


def test_a_cut_line_is_an_error_of_its_row_alone(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "话", "cat": "a"}\n{"text": "费", "cat": "b"}\n{"text": "宽', encoding="utf-8"
    )
    assert [row.error is None for row in stream(str(tmp_path / "a.jsonl"), needed=NEEDED)] == [True, True, False]
