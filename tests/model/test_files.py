"""The manifest: what differs from it is refused."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.errors import ModelError
from triage.model import EMBEDDED, load
from triage.model.files import GRAPH, MANIFEST, SPEC, TOKENIZER, verify, write_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(EMBEDDED, tmp_path / "model"))


def _append(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" ")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", [GRAPH, TOKENIZER, SPEC])
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (Path.unlink, "the manifest names it and it is not there"),
        (_append, r"has \d+ bytes; legal: \d+"),
        (_cut, r"has \d+ bytes; legal: \d+"),
        (_flip, "has the SHA-256 [0-9a-f]{12}…; legal"),
    ],
)
def test_a_damaged_file_is_refused(folder: Path, name: str, damage: Callable[[Path], None], said: str) -> None:
    damage(folder / name)
    with pytest.raises(ModelError, match=f"{name}.*{said}"):
        load(folder)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "no manifest.json"),
        ("{", "manifest.json cannot be read"),
        ("[]", "manifest.json cannot be read"),
        ('{"format": 7, "files": {}}', "format is 7; legal: 1"),
        ('{"format": 1, "files": {}}', "no entry for model.onnx, tokenizer.json, model.json"),
        ('{"format": 1, "files": {"model.onnx": {}}}', "manifest.json cannot be read"),
    ],
)
def test_a_damaged_manifest_is_refused(folder: Path, text: str | None, said: str) -> None:
    if text is None:
        (folder / MANIFEST).unlink()
    else:
        (folder / MANIFEST).write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=said):
        verify(folder)


def test_a_path_out_of_the_folder_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"]["../secret"] = {"bytes": 1, "sha256": "0" * 64}
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ModelError, match="not there"):
        verify(folder)


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder; legal: a folder that `triage train` wrote"):
        load(tmp_path / "none")


def test_a_whole_folder_that_cannot_be_run_is_refused(folder: Path) -> None:
    (folder / GRAPH).write_bytes(b"no graph")
    write_manifest(folder)
    with pytest.raises(ModelError, match="cannot be run"):
        load(folder)


def test_heads_that_do_not_fit_the_graph_are_refused(folder: Path) -> None:
    spec = json.loads((folder / SPEC).read_text(encoding="utf-8"))
    spec["heads"].pop()
    (folder / SPEC).write_text(json.dumps(spec), encoding="utf-8")
    write_manifest(folder)
    with pytest.raises(ModelError, match=r"the graph has \d+ outputs; legal: \d+"):
        load(folder)


def test_the_embedded_model_is_small_enough() -> None:
    assert sum(path.stat().st_size for path in EMBEDDED.iterdir()) <= 30_000_000
