"""Public sentiment data: rows, the split by text, and faults of files."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from triage.errors import InputError
from triage.training.sentiment_data import SentimentRow, part, read_sentiment


def pack(folder: Path, name: str, text: str) -> Path:
    file = folder / f"sentiment_{name}.csv.gz"
    file.write_bytes(gzip.compress(text.encode()))
    return file


def test_rows_file_by_file(tmp_path: Path) -> None:
    pack(tmp_path, "b", "\ufefftext,label\n\ufeff房间很好 ,positive\n")
    pack(tmp_path, "a", 'label,text\nneutral,"逗号,和\n换行"\n')
    (tmp_path / "README.md").write_text("no data", encoding="utf-8")
    assert read_sentiment(tmp_path) == [
        SentimentRow("a", "逗号,和\n换行", "neutral"),
        SentimentRow("b", "房间很好", "positive"),
    ]


def test_about_a_tenth_is_held() -> None:
    held = sum(part(f"第{number}条评论") == "held" for number in range(5000))
    assert 430 < held < 570


def test_the_part_of_a_text_never_changes() -> None:
    # A change here would mix what models have learnt from with what they are measured on.
    assert [number for number in range(40) if part(f"第{number}条评论") == "held"] == [4, 11, 13, 28]


@pytest.mark.parametrize("copy", ["{}", " {}\n", "\ufeff{}", "{}！！", "{}。", "　{}"])
def test_copies_fall_to_the_same_side(copy: str) -> None:
    for number in range(200):
        text = f"酒店第{number}号房间a很好"
        assert part(copy.format(text)) == part(text)
        assert part(text.replace("a", "Ａ")) == part(text)


def test_texts_of_marks_alone_are_told_apart() -> None:
    assert {part("!" * number) for number in range(1, 60)} == {"held", "train"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("text,mood\n好,positive\n", "the columns are text, mood; legal: text, label"),
        ("", "the columns are none"),
        ("text,label\n好,great\n", "label of row 1 is 'great'; legal: negative, neutral, positive"),
        ("text,label\n好,positive\n好\n", "label of row 2 is None"),
        ("text,label\n  ,positive\n", "text of row 1 is empty"),
    ],
)
def test_faults_of_rows(tmp_path: Path, text: str, said: str) -> None:
    pack(tmp_path, "a", text)
    with pytest.raises(InputError, match=said):
        read_sentiment(tmp_path)


@pytest.mark.parametrize(
    "data",
    # Names of their own: what gzip writes holds the time.
    [
        pytest.param(b"text,label\n", id="plain"),
        pytest.param(gzip.compress("好".encode("gb18030")), id="not-utf-8"),
        pytest.param(gzip.compress(b"x" * 99)[:-9], id="cut"),
    ],
)
def test_faults_of_files(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "sentiment_a.csv.gz").write_bytes(data)
    with pytest.raises(InputError, match="legal: CSV in UTF-8, packed by gzip"):
        read_sentiment(tmp_path)


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no file sentiment_\*\.csv\.gz"):
        read_sentiment(tmp_path)
