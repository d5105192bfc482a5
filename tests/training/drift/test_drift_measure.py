"""The whole report: what is a move, what is chance, and the cause in words."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from triage.config import Config
from triage.errors import InputError, OutputError
from triage.training.drift import Observed, Report, markdown, measure, write
from triage.training.drift.embed import embed_by_characters
from triage.training.drift.periods import Judged, judged

WORDS = ["年费", "利息", "网点", "柜台", "退款", "额度", "客服", "账单", "转账", "还款"]


def side(
    seed: int, *, rows: int = 200, loans: float = 0.2, word: str = "", sure: float = 0.9, review: float = 0.1,
    version: str = "m1", origin: str = "decision",
) -> list[Observed]:  # fmt: skip
    chance = np.random.default_rng(seed)
    found = []
    for _ in range(rows):
        said = "，".join(chance.choice(WORDS, size=6)) + (f"，{word}" * 3 if word and chance.random() < 0.7 else "")
        business = "loan" if chance.random() < loans else "credit_card"
        found.append(
            Observed(
                text=said,
                origin=origin,  # type: ignore[arg-type]
                single={"business": business, "urgency": "normal"},
                multiple={"flags": frozenset({"repeat"} if chance.random() < 0.3 else ())},
                confidence={"business": float(np.clip(chance.normal(sure, 0.03), 0, 1))},
                review=bool(chance.random() < review),
                version=version,
            )
        )
    return found


def report(config: Config, new: list[Observed], feedback: list[Judged] | None = None) -> Report:
    return measure(side(1), new, config, embed=embed_by_characters, embedded="characters", feedback=feedback or ())


MOVES: list[tuple[str, dict[str, object], set[str], str]] = [
    ("nothing", {}, set(), "No drift"),
    ("more loans", {"loans": 0.6}, {"labels business"}, "the same kind of texts in another mix"),
    ("a little more loans", {"loans": 0.24}, set(), "No drift"),
    ("another model", {"loans": 0.6, "version": "m2"}, {"labels business"}, "another model judged: m1 before, m2 now"),
    ("people's labels", {"loans": 0.6, "origin": "label"}, {"labels business"}, "compare like with like"),
    ("less sure", {"sure": 0.7}, {"confidence business"}, "Cause: "),
    ("more review", {"review": 0.4}, {"review review share"}, "share of complaints for a person"),
    ("new words", {"word": "刷脸"}, {"vocabulary words", "embedding texts", "length characters"}, "刷脸"),
]


@pytest.mark.parametrize(("what", "change", "moved", "said"), MOVES, ids=[case[0] for case in MOVES])
def test_moves(config: Config, what: str, change: dict[str, object], moved: set[str], said: str) -> None:
    found = report(config, side(2, **change))  # type: ignore[arg-type]
    assert {f"{one.kind} {one.name}" for one in found.moved} == moved
    assert found.drift is bool(moved)
    assert said in " ".join(found.causes)


def test_names_stand_in_chinese(config: Config) -> None:
    words = " ".join(report(config, side(2, loans=0.6)).causes)
    assert re.search(r"strong: 业务: 贷款从 \d\d\.\d% 到 \d\d\.\d%、信用卡从", words)


def test_accuracy_on_feedback(config: Config) -> None:
    def rows(when: str, right: int, wrong: int) -> list[Judged]:
        return [judged(when, right={"business": hit}, where="") for hit in [True] * right + [False] * wrong]

    worse = [*rows("2026-11-02", 90, 10), *rows("2026-11-09", 55, 45)]
    found = report(config, side(2), worse)
    assert [one.kind for one in found.moved] == ["accuracy"]
    assert "the model is right less often than it was" in " ".join(found.causes)
    assert "业务: accuracy on feedback from 90.0% of 100 to 55.0% of 100 in 2026-W46" in " ".join(found.causes)
    same = [*rows("2026-11-02", 90, 10), *rows("2026-11-09", 88, 12)]
    assert not report(config, side(2), same).drift


@pytest.mark.parametrize(("mark", "moved"), [("、", {"embedding"}), ("，", set())])
def test_texts_that_move_in_their_vectors_alone(config: Config, mark: str, moved: set[str]) -> None:
    def embed(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        noise = np.random.default_rng(len(texts[0])).normal(size=(len(texts), 4))
        return np.asarray(noise + [["、" in text] for text in texts])

    new = [dataclasses.replace(row, text=row.text.replace("，", mark)) for row in side(2)]
    found = measure(side(1, rows=150), new, config, embed=embed)
    assert {one.kind for one in found.moved} == moved


def test_labels_alone_need_no_text(config: Config) -> None:
    bare = [[dataclasses.replace(row, text="") for row in side(seed)] for seed in (1, 2)]
    found = measure(*bare, config, embed=embed_by_characters)
    assert {one.kind for one in found.findings} == {"labels", "confidence", "review"}
    assert found.risen == ()


def test_too_few(config: Config) -> None:
    with pytest.raises(InputError, match="new has 19 complaints; legal: 20 and above"):
        measure(side(1), side(2, rows=19), config)


def test_files(config: Config, tmp_path: Path) -> None:
    found = report(config, side(2, loans=0.6, word="刷脸"))
    files = write(found, tmp_path / "new" / "out")
    assert [file.name for file in files] == ["drift.md", "drift.html", "drift.json"]
    text, page, data = (file.read_text(encoding="utf-8") for file in files)
    assert text == markdown(found)
    assert "| loan 贷款 |" in text
    assert json.loads(data)["drift"] is True
    # Self-contained: pictures are data, and nothing is fetched.
    assert page.count("data:image/svg+xml;base64,") == 1 + len(found.facets)
    assert not re.search(r"(src|href)=\"(?!data:|#)", page)
    with pytest.raises(OutputError, match="legal: a folder that can be written"):
        write(found, files[0])
