"""Scorers on public sentiment data: labels of scores, figures by hand, the table, and faults."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from triage.errors import InputError, UsageError
from triage.training.evaluate_sentiment import LEARNERS, SetScore, main, mood_of, score_set
from triage.training.sentiment_data import SentimentRow


@pytest.mark.parametrize(
    ("score", "neutral", "mood"),
    [
        (0.01, False, "positive"),
        (0.0, False, "negative"),
        (-0.01, False, "negative"),
        (0.19, True, "neutral"),
        (0.2, True, "positive"),
        (-0.2, True, "negative"),
        (0.0, True, "neutral"),
    ],
)
def test_mood(score: float, neutral: bool, mood: str) -> None:
    assert mood_of(score, neutral=neutral) == mood


def rows(*labels: str) -> list[SentimentRow]:
    return [SentimentRow("s", "好", label) for label in labels]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("labels", "scores", "expected"),
    [
        (("positive", "positive", "negative"), [0.5, -0.1, -0.9], SetScore(3, 2 / 3, 2 / 3)),
        # The same scores where neutral is known: the second is neutral.
        (("positive", "neutral", "negative"), [0.5, -0.1, -0.9], SetScore(3, 1.0, 1.0)),
        (("positive", "positive"), [1.0, 1.0], SetScore(2, 1.0, 1.0)),
    ],
)
def test_by_hand(labels: tuple[str, ...], scores: list[float], expected: SetScore) -> None:
    found = score_set(rows(*labels), scores)
    assert (found.rows, found.accuracy, found.macro_f1) == (
        expected.rows,
        pytest.approx(expected.accuracy),
        pytest.approx(expected.macro_f1),
    )


@pytest.mark.parametrize(
    ("scores", "said"),
    [([0.1], "1 scores for 2 texts"), ([0.1, 1.5], "gave 1.5; legal"), ([0.1, float("nan")], "gave nan; legal")],
)
def test_a_bad_scorer(scores: list[float], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        score_set(rows("positive", "negative"), scores)


@pytest.mark.parametrize("name", sorted(LEARNERS))
def test_learners_learn(name: str) -> None:
    known = [
        SentimentRow("s", f"{number}号{text}", label)  # type: ignore[arg-type]
        for number in range(40)
        for text, label in (("房间很好非常满意", "positive"), ("服务太差再也不来", "negative"))
    ]
    good, bad = LEARNERS[name](known)(["非常满意，很好", "太差，不来了"])
    assert -1 <= bad < 0 < good <= 1


def pack(folder: Path, count: int) -> None:
    lines = [
        f"第{number}号房间{text}" for number in range(count) for text in ("很好非常满意,positive", "太差,negative")
    ]
    (folder / "sentiment_htl.csv.gz").write_bytes(gzip.compress("\n".join(["text,label", *lines]).encode()))


def test_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack(tmp_path, 60)
    assert main([str(tmp_path), "--limit", "6", "--trained"]) == 0
    head, _, *lines = capsys.readouterr().out.splitlines()
    assert head == "| accuracy / macro-F1 | htl (6) |"
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == ["triage", "snownlp", "pysenti", *LEARNERS]
    assert lines[-2].endswith("| 1.000 / 1.000 |")


def test_too_little_to_hold_aside(tmp_path: Path) -> None:
    pack(tmp_path, 1)
    with pytest.raises(InputError, match="htl: no text belongs to the part 'held'"):
        main([str(tmp_path)])


def test_no_limit_below_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--limit is 0; legal: 1 and above"):
        main([str(tmp_path), "--limit", "0"])
