"""Files in, files out: every format, every kind of bad row, order, interruption."""

from __future__ import annotations

import csv
import fcntl
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from triage.batch import run
from triage.batch.flat import COLUMNS, escaped
from triage.batch.rows import Columns
from triage.errors import ColumnError, InputError, OutputError

RECEIVED = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
TEXTS = ["信用卡年费多收了三百元，退给我", "取款机吞了我的卡", "=1+1 保险理赔被拒赔了"]


def read(out: Path) -> list[dict[str, Any]]:
    match out.suffix:
        case ".jsonl":
            return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
        case ".csv":
            with out.open(encoding="utf-8-sig", newline="") as lines:
                return list(csv.DictReader(lines))
        case ".parquet":
            return list(pq.read_table(out).to_pylist())
        case _:
            rows = openpyxl.load_workbook(out).worksheets[0].iter_rows(values_only=True)
            header = next(rows)
            return [dict(zip(header, row, strict=True)) for row in rows]


def write(path: Path, texts: list[str]) -> Path:
    rows = [{"id": f"k{n}", "text": text} for n, text in enumerate(texts)]
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif path.suffix == ".xlsx":
        book = openpyxl.Workbook()
        book.worksheets[0].append(["id", "text"])
        for row in rows:
            # Not as a formula: what a desk exports is text.
            book.worksheets[0].append([row["id"], row["text"]])
            book.worksheets[0].cell(book.worksheets[0].max_row, 2).data_type = "s"
        book.save(path)
    else:
        with path.open("w", encoding="utf-8", newline="") as lines:
            table = csv.DictWriter(lines, ["id", "text"], delimiter="\t" if path.suffix == ".tsv" else ",")
            table.writeheader()
            table.writerows(rows)
    return path


@pytest.mark.parametrize("out", ["jsonl", "csv", "parquet", "xlsx"])
@pytest.mark.parametrize("source", ["jsonl", "csv", "tsv", "parquet", "xlsx"])
def test_every_format_into_every_format(tmp_path: Path, source: str, out: str) -> None:
    written = tmp_path / f"out.{out}"
    report = run(write(tmp_path / f"in.{source}", TEXTS), written, received=RECEIVED)
    rows = read(written)
    assert (report.rows, report.errors) == (3, 0)
    assert [row["id"] for row in rows] == ["k0", "k1", "k2"]
    business = [row["business"]["label"] if out == "jsonl" else row["business"] for row in rows]
    assert business == ["credit_card", "debit_card", "insurance_claim"]
    assert list(tmp_path.glob("*.part*")) == []
    if out != "jsonl":
        assert list(rows[0]) == list(COLUMNS)


def test_many_rows_keep_their_order_across_processes(tmp_path: Path) -> None:
    texts = [f"第{n}次反映信用卡年费" for n in range(1000)]
    run(write(tmp_path / "in.csv", texts), tmp_path / "out.csv", workers=2, received=RECEIVED)
    assert [row["id"] for row in read(tmp_path / "out.csv")] == [f"k{n}" for n in range(1000)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("not json", "not JSON"),
        ("[1, 2]", "legal: an object"),
        ('{"id": "x"}', "no field 'text'"),
        ('{"text": ""}', "text is empty"),
        ('{"text": " \\u200b "}', "text is empty"),
        ('{"text": ["a"]}', "legal: text"),
        ('{"text": null}', "text is empty"),
        ('{"text": "卡被吞了", "received": "yesterday"}', "legal: ISO 8601"),
        ('{"text": "卡被吞了", "channel": "telepathy"}', "legal: branch"),
        ("[" * 20_000, "not JSON"),
    ],
)
def test_a_bad_row_is_kept_with_its_error(tmp_path: Path, line: str, said: str) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text(f'{{"text": "卡被吞了"}}\n{line}\n{{"text": "年费多收"}}\n', encoding="utf-8")
    report = run(source, out, received=RECEIVED)
    rows = read(out)
    assert (report.rows, report.errors) == (3, 1)
    assert said in rows[1]["error"]
    assert rows[0]["business"]["label"] == "debit_card"
    assert "error" not in rows[2]


def test_gb18030_is_detected(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("编号,投诉内容\n7,信用卡年费多收了\n".encode("gb18030"))
    run(source, tmp_path / "out.csv", columns=Columns(text="投诉内容", id="编号"), received=RECEIVED)
    (row,) = read(tmp_path / "out.csv")
    assert (row["id"], row["business"]) == ("7", "credit_card")


def test_a_row_in_another_encoding_is_read(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes(b"text\n" + "取款机吞卡\n".encode() * 3 + "信用卡年费多收了\n".encode("gb18030"))
    report = run(source, tmp_path / "out.csv", received=RECEIVED)
    assert report.errors == 0
    assert read(tmp_path / "out.csv")[3]["business"] == "credit_card"


def test_bytes_that_are_no_text_cost_their_row_alone(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_bytes("text\n取款机吞卡\n".encode() * 1 + b"\xff\xff\xff\n" + "年费\n".encode())
    report = run(source, tmp_path / "out.csv", received=RECEIVED)
    assert (report.rows, report.errors) == (3, 1)


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("in.csv", b"a,b\n1,2\n", ColumnError, "no column 'text'; the columns are: a、b"),
        ("in.txt", b"x", InputError, "legal: .csv"),
        ("in.xlsx", b"not a workbook", InputError, "not an XLSX file"),
        ("in.parquet", b"not parquet", InputError, "not a Parquet file"),
        ("in.csv", b"", ColumnError, "the columns are: none"),
    ],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str, content: bytes, error: type, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(error, match=said):
        run(tmp_path / name, tmp_path / "out.csv")


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        run(tmp_path / "in.csv", tmp_path / "out.csv")


def test_the_input_is_never_the_output(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", TEXTS)
    with pytest.raises(OutputError, match="is the input"):
        run(source, source)
    assert "吞了" in source.read_text(encoding="utf-8")


def test_an_unknown_ending_of_the_output(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"legal: \.jsonl"):
        run(write(tmp_path / "in.csv", TEXTS), tmp_path / "out.doc")


def test_an_interrupted_run_goes_on(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [f"第{n}次反映信用卡年费" for n in range(700)])
    whole, out = tmp_path / "whole.csv", tmp_path / "out.csv"
    run(source, whole, received=RECEIVED)

    def stop(rows: int, _errors: int) -> None:
        if rows >= 400:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(source, out, received=RECEIVED, progress=stop)
    assert not out.exists()
    part = out.with_name("out.csv.part")
    part.write_bytes(part.read_bytes() + b"half a li")
    report = run(source, out, received=RECEIVED)
    assert (report.rows, report.resumed) == (700, 400)
    assert out.read_bytes() == whole.read_bytes()


def test_a_part_of_another_input_is_begun_anew(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv", tmp_path / "out.csv"
    write(source, [f"年费{n}" for n in range(300)])

    def stop(_rows: int, _errors: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(source, out, received=RECEIVED, progress=stop)
    write(source, ["只有一行年费"])
    report = run(source, out, received=RECEIVED)
    assert (report.rows, report.resumed) == (1, 0)


def test_two_runs_do_not_write_one_output(tmp_path: Path) -> None:
    source, out = write(tmp_path / "in.csv", TEXTS), tmp_path / "out.csv"
    with (tmp_path / "out.csv.part").open("wb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="locked by another run"):
            run(source, out)


def test_an_output_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        run(write(tmp_path / "in.csv", TEXTS), tmp_path / "no such folder" / "out.csv")


@pytest.mark.parametrize(
    ("cell", "safe"),
    [("=1+1", "'=1+1"), ("+86", "'+86"), ("-1", "'-1"), ("@x", "'@x"), ("\tx", "'\tx"), ("a=1", "a=1"), (-0.5, -0.5)],
)
def test_formulas_are_escaped(cell: str | float, safe: str | float) -> None:
    assert escaped(cell) == safe


def test_no_table_holds_a_formula(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", ["=cmd|'/c calc'!A1 信用卡年费"])
    for ending in ("csv", "xlsx"):
        run(source, tmp_path / f"out.{ending}", received=RECEIVED)
        (row,) = read(tmp_path / f"out.{ending}")
        assert row["redacted_text"].startswith("'=cmd")


def test_ray_gives_what_local_gives(tmp_path: Path) -> None:
    source = write(tmp_path / "in.csv", [f"第{n}次反映信用卡年费" for n in range(450)])
    run(source, tmp_path / "local.jsonl", received=RECEIVED)
    report = run(source, tmp_path / "ray.jsonl", engine="ray", workers=2, received=RECEIVED)
    assert report.rows == 450
    assert (tmp_path / "ray.jsonl").read_bytes() == (tmp_path / "local.jsonl").read_bytes()


@pytest.mark.parametrize(
    ("lines", "errors"),
    [
        ('1,卡被吞了\n2,"从未闭合\n3,存单\n4,保单\n', [None, "lines 3 to 5: not CSV (unexpected end of data)"]),
        ('1,"卡"被吞了\n2,存单到期\n', ["line 2: not CSV", None]),
        ('1,"多行\n文字"\n2,存单到期\n', [None, None]),
        ("1,卡\x00被吞了\n", [None]),
    ],
)
def test_broken_lines_of_csv_name_their_place(tmp_path: Path, lines: str, errors: list[str | None]) -> None:
    source = tmp_path / "in.csv"
    source.write_text(f"id,text\n{lines}", encoding="utf-8")
    run(source, tmp_path / "out.csv", received=RECEIVED)
    rows = read(tmp_path / "out.csv")
    assert len(rows) == len(errors)
    for row, error in zip(rows, errors, strict=True):
        assert (error in row["error"]) if error else row["error"] == "", row
