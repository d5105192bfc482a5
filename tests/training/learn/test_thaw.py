"""A folder that was written can be trained again."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from tiny import HEADS, VOCABULARY, network
from tokenizers import Tokenizer, models

from triage.errors import ModelError
from triage.model.files import GRAPH, write_manifest
from triage.model.spec import ModelSpec
from triage.training.learn.examples import Example, collate
from triage.training.learn.export import export
from triage.training.learn.thaw import thaw


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("卡", -1.0)]
    tokenizer = Tokenizer(models.Unigram(pieces, 3))
    spec = ModelSpec(version="tiny", heads=tuple(HEADS), taxonomy_version="1")
    export(network(), spec, tokenizer=tokenizer.to_str(), out=tmp_path / "model")
    return tmp_path / "model"


def test_the_weights_come_back(folder: Path) -> None:
    made, thawed = network(), thaw(folder)
    assert thawed.layout.heads == tuple(HEADS)
    expected = dict(made.state_dict())
    for name, value in thawed.state_dict().items():
        assert value.shape == expected[name].shape
        # Half a step of 8 bits, with one scale for each row.
        assert (value - expected[name]).abs().max() <= expected[name].abs().max() / 127 / 2 + 1e-6, name
    batch = collate([Example(((0, *range(4, VOCABULARY), 2),))], HEADS)
    with torch.no_grad():
        assert (made(batch) - thawed(batch)).abs().max() < 0.1


def test_another_graph_is_refused(folder: Path) -> None:
    import onnx

    graph = onnx.load(folder / GRAPH)
    for tensor in graph.graph.initializer:
        if tensor.name == "words.table":
            tensor.name = "words.other"
    onnx.save(graph, folder / GRAPH)
    write_manifest(folder)
    with pytest.raises(ModelError, match=r"no tensor 'words\.table'; legal: a graph of this version"):
        thaw(folder)
