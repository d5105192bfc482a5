"""A checkpoint is whole or not there, whatever happens while it is written."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from triage.errors import ModelError, OutputError
from triage.training.tuning.checkpoint import load, save


@pytest.fixture
def small_disk() -> Iterator[None]:
    """Let no file grow beyond 20 kB, as a full disk would not."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_what_was_saved_comes_back(tmp_path: Path) -> None:
    assert load(tmp_path / "c.pt") is None
    save(tmp_path / "c.pt", {"a": torch.arange(3), "step": 4})
    found = load(tmp_path / "c.pt")
    assert found is not None
    assert (found["a"].tolist(), found["step"]) == ([0, 1, 2], 4)


def test_a_full_disk_leaves_the_last_checkpoint(tmp_path: Path, small_disk: None) -> None:
    save(tmp_path / "c.pt", {"a": torch.zeros(10)})
    with pytest.raises(OutputError, match="cannot be written") as raised:
        save(tmp_path / "c.pt", {"a": torch.zeros(100_000)})
    assert "\n" not in str(raised.value)
    found = load(tmp_path / "c.pt")
    assert found is not None
    assert len(found["a"]) == 10
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.pt").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ModelError, match="not a checkpoint"):
        load(tmp_path / "c.pt")
