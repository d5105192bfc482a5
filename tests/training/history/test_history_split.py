"""Stories stay whole, time goes forward, and duplicates count once."""

from __future__ import annotations

import numpy as np
import pytest

from triage.errors import InputError
from triage.training.history.rows import HistoryRow
from triage.training.history.split import LEFT_OUT, PARTS, duplicates, split
from triage.training.history.store import Collected, collect
from triage.training.history.stories import groups, sketch

SHARES = (0.7, 0.1, 0.1, 0.1)


def _texts(count: int) -> list[str]:
    drawn = np.random.default_rng(2)
    return ["".join(chr(code) for code in drawn.integers(0x4E00, 0x9000, 40)) for _ in range(count)]


def _collected(rows: list[tuple[str, str, float | None, str | None]]) -> Collected:
    made = (
        HistoryRow(number=place, text=text, labels={"business": (label,)}, time=time, story=story)
        for place, (text, label, time, story) in enumerate(rows, start=1)
    )
    return collect(made, facets=["business"])


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("家里的宽带从昨天晚上开始断网，打了客服电话没有人接，请尽快派人上门处理", None, True),
        (
            "家里的宽带从昨天晚上开始断网，打了客服电话没有人接，请尽快派人上门处理，在线等回复，谢谢你们",
            "家里的宽带从昨天晚上开始断网，打了客服电话没有人接，请尽快派人上门处理，在线等回复，谢谢",
            True,
        ),
        ("家里的宽带从昨天晚上开始断网，打了客服", "话费这个月多扣了三十块钱，要求退还给我", False),
        ("断网", "断网了", False),
    ],
)
def test_near_duplicates_tell_one_story(one: str, other: str | None, same: bool) -> None:
    found = groups(np.stack([sketch(one), sketch(other or f" {one} ")]))
    assert (found[0] == found[1]) == same


def test_a_story_stands_in_one_part_and_time_goes_forward() -> None:
    texts = _texts(100)
    found = _collected([(text, "ab"[place % 2], float(place), f"s{place // 4}") for place, text in enumerate(texts)])
    made = split(found, SHARES, {"business": found.labels["business"]}, seed=1)
    assert made.by_time
    assert all(len({made.parts[row] for row in range(first, first + 4)}) == 1 for first in range(0, 100, 4))
    assert list(made.parts) == sorted(made.parts)
    assert [len(made.rows(part)) for part in PARTS] == [72, 8, 12, 8]


def test_without_times_the_seed_decides_and_decides_alike() -> None:
    found = _collected([(text, "ab"[place % 2], None, None) for place, text in enumerate(_texts(60))])
    one, same, other = (split(found, SHARES, {}, seed=seed).parts for seed in (1, 1, 2))
    assert (one == same).all()
    assert (one != other).any()


def test_a_label_that_only_new_rows_have_is_learned() -> None:
    rows = [(text, "new" if place >= 95 else "old", float(place), None) for place, text in enumerate(_texts(100))]
    found = _collected(list(rows))
    made = split(found, SHARES, {"business": found.labels["business"]}, seed=1)
    assert sum(row >= 95 for row in made.rows("train")) == 3
    assert "1 labels stood only in newer rows" in made.notes[0]


def test_duplicates_count_once_and_the_frequent_labelling_stands() -> None:
    texts = _texts(30)
    twice = [(texts[0], "a", None, None), (f"{texts[0]}。", "b", None, None), (texts[0], "b", None, None)]
    found = _collected([*((text, "a", None, None) for text in texts), *twice])
    kept, repeated, conflicting = duplicates(found)
    assert (repeated, conflicting) == (3, 1)
    assert kept[32]
    assert not kept[[0, 30, 31]].any()
    made = split(found, SHARES, {}, seed=1)
    assert (made.parts == LEFT_OUT).sum() == 3


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([(text, "a", None, None) for text in _texts(10)], "10 rows with texts of their own"),
        ([("同一条", "a", None, None)] * 100, "1 rows with texts of their own"),
        ([(text, "a", None, "one") for text in _texts(40)], "one story has 40 of 40 rows"),
    ],
)
def test_what_cannot_be_split(rows: list[tuple[str, str, None, None]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        split(_collected(list(rows)), SHARES, {}, seed=1)
