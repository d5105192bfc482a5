"""A model folder as the start of a new training: the weights of its graph, back in floating point.

The folder needs no second copy of its weights. What 8 bits rounded away stays away, which training makes good within
its first steps.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper
from transformers import BertConfig, BertModel

from triage.errors import ModelError
from triage.model.files import GRAPH, SPEC, verify
from triage.model.heads import Layout
from triage.model.spec import ModelSpec
from triage.training.learn.network import Network

__all__ = ["thaw"]

MATRICES = ("attention.output.dense", "intermediate.dense", "output.dense")

Floats = NDArray[np.float32]


def thaw(folder: Path, *, dropout: float = 0.1) -> Network:
    """Return the network of a model folder that :func:`~triage.training.learn.export.export` wrote.

    Args:
        folder: checked against its manifest.
        dropout: in the encoder, for the training to come.

    Raises:
        ModelError: the folder cannot be used, or its graph is not of this form.
    """
    files = verify(folder)
    spec = ModelSpec.from_json(files[SPEC])
    graph = onnx.load_from_string(files[GRAPH]).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    try:
        state = _state(graph, values, Layout(spec.heads))
    except KeyError as error:
        raise ModelError(f"{folder / GRAPH}: no tensor {error}; legal: a graph of this version of triage") from None
    words, positions = state["embeddings.word_embeddings.weight"], state["embeddings.position_embeddings.weight"]
    settings: dict[str, Any] = {
        "vocab_size": len(words),
        "hidden_size": words.shape[1],
        "num_hidden_layers": sum(name.endswith("intermediate.dense.bias") for name in state),
        "num_attention_heads": _attention_heads(graph),
        "intermediate_size": len(state["encoder.layer.0.intermediate.dense.bias"]),
        "max_position_embeddings": len(positions),
        "pad_token_id": 1,
        "hidden_dropout_prob": dropout,
        "attention_probs_dropout_prob": 0.0,
        "attn_implementation": "eager",
    }
    network = Network(BertModel(BertConfig(**settings), add_pooling_layer=False), spec.heads)
    heads = {name: state.pop(name) for name in ("query.weight", "value.weight", "bias")}
    whole = {f"encoder.{name}": value for name, value in state.items()} | heads
    network.load_state_dict({name: torch.from_numpy(np.array(value)) for name, value in whole.items()})
    return network.eval()


def _state(graph: onnx.GraphProto, values: dict[str, NDArray[np.generic]], layout: Layout) -> dict[str, Floats]:
    """Return the weights by the names of the network."""
    prefix = "network.encoder."
    state = {name.removeprefix(prefix): _float(value) for name, value in values.items() if name.startswith(prefix)}
    state["embeddings.word_embeddings.weight"] = _float(values["words.table"]) * _float(values["words.scale"])
    inputs = {node.name: node.input for node in graph.node}
    layer = 0
    while f"Attention_{layer}_qkv_bias" in values:
        weight = _whole(values, f"Attention_{layer}_qkv_weight")
        for place, part in enumerate(("query", "key", "value")):
            own = slice(place * len(weight), (place + 1) * len(weight))
            name = f"encoder.layer.{layer}.attention.self.{part}"
            state[f"{name}.weight"] = weight[:, own].T
            state[f"{name}.bias"] = _float(values[f"Attention_{layer}_qkv_bias"][own])
        for part in MATRICES:
            node = f"/encoder/encoder/layer.{layer}/{part.replace('.', '/')}/MatMul_quant"
            state[f"encoder.layer.{layer}.{part}.weight"] = _whole(values, _stem(inputs[node][1])).T
        layer += 1
    for part in ("query", "value"):
        state[f"{part}.weight"] = _float(values[inputs[f"/{part}/MatMul"][1]]).T
    bias = next(value for name, value in values.items() if value.shape == (layout.outputs,) and name not in state)
    state["bias"] = _float(bias)
    return state


def _attention_heads(graph: onnx.GraphProto) -> int:
    """Return the number of attention heads, which the shapes of the weights do not tell."""
    node = next(node for node in graph.node if node.op_type == "QAttention")
    return next(int(attribute.i) for attribute in node.attribute if attribute.name == "num_heads")


def _stem(name: str) -> str:
    return name.removesuffix("_quantized")


def _whole(values: dict[str, NDArray[np.generic]], name: str) -> Floats:
    """Return a matrix of 8-bit numbers times its scales, one for each column."""
    return _float(values[f"{name}_quantized"]) * _float(values[f"{name}_scale"])


def _float(value: NDArray[np.generic]) -> Floats:
    return value.astype(np.float32)
