"""Fine-tuning learns, stops when it no longer does, and keeps its minutes."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
import telecom
from tokenizers import Tokenizer

from triage.model.heads import Head
from triage.model.tokens import Tokens
from triage.training.history.rows import HistoryRow
from triage.training.history.store import Texts, collect
from triage.training.learn.network import Network
from triage.training.learn.recipe import Recipe
from triage.training.tuning.data import Rows, class_weights, grouped
from triage.training.tuning.loop import Settings, tune
from triage.training.tuning.start import grafted, start

PARTS = {"train": np.arange(45), "validation": np.arange(45, 60)}


@pytest.fixture
def prepared(tmp_path: Path) -> tuple[Network, Rows]:
    base = start(telecom.write_encoder(tmp_path / "encoder"), dropout=0.0)
    labels = tuple(telecom.KINDS)
    made = telecom.rows()
    rows = (HistoryRow(number=place, text=row["投诉内容"]) for place, row in enumerate(made))
    collect(rows, facets=[], tokens=Tokens(Tokenizer.from_str(base.tokenizer)), folder=tmp_path / "data")
    targets = [labels.index(row["一级分类"]) for row in made]
    return grafted(base.network, [Head("business", "single", labels)]), Rows(
        Texts(tmp_path / "data"), {"business": targets}
    )


def test_it_learns(tmp_path: Path, prepared: tuple[Network, Rows]) -> None:
    recipe = Recipe(epochs=12, tokens=512, rate=2e-3, head_rate=2e-2)
    curves = tune(*prepared, PARTS, recipe, settings=Settings(patience=12), folder=tmp_path)
    assert curves[-1].loss < 0.6 * curves[0].loss
    assert max(curve.score for curve in curves) >= 0.8


def test_it_stops_when_it_no_longer_learns(tmp_path: Path, prepared: tuple[Network, Rows]) -> None:
    recipe = Recipe(epochs=25, rate=0.0, head_rate=0.0)
    assert len(tune(*prepared, PARTS, recipe, settings=Settings(patience=2), folder=tmp_path)) == 3


def test_it_keeps_its_minutes(tmp_path: Path, prepared: tuple[Network, Rows]) -> None:
    began = time.monotonic()
    recipe = Recipe(epochs=100_000, minutes=0.04)
    curves = tune(*prepared, PARTS, recipe, settings=Settings(patience=100_000), folder=tmp_path)
    assert 2 < time.monotonic() - began < 15
    assert len(curves) < 100_000


def test_batches_hold_every_row_once_and_about_so_many_tokens() -> None:
    from random import Random

    sizes = np.random.default_rng(1).integers(10, 200, 300)
    found = grouped(sizes, np.arange(50, 300), tokens=512, random=Random(1))
    assert sorted(np.concatenate(found).tolist()) == list(range(50, 300))
    assert max(int(sizes[group].sum()) for group in found) <= 512


def test_rare_labels_weigh_more_but_not_without_end() -> None:
    weights = class_weights(Head("business", "single", ("a", "b", "c")), [0] * 90 + [1] * 10, np.arange(100))
    assert weights is not None
    assert weights[0] < 1 < weights[1] <= 3
    assert class_weights(Head("flags", "multi", ("a",)), [(0,)], np.arange(1)) is None
