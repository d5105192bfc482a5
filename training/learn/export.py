"""From a trained network to a folder that the library runs: the graph in 8 bits, the tokenizer, the description."""

from __future__ import annotations

import contextlib
import io
import logging
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.transformers.fusion_options import FusionOptions
from onnxruntime.transformers.optimizer import optimize_model
from torch import Tensor, nn

from triage.model.files import GRAPH, SPEC, TOKENIZER, write_manifest
from triage.model.spec import ModelSpec
from triage.training.learn.network import Network

__all__ = ["export", "to_onnx"]

OPSET = 17


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters from telling of shapes that they do not need."""
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(disabled)


class _Words(nn.Module):
    """Word embeddings in 8 bits, with one scale for each word: finer than the one scale of a whole table."""

    table: Tensor
    scale: Tensor

    def __init__(self, table: Tensor) -> None:
        super().__init__()
        scale = table.abs().amax(1, keepdim=True).clamp_min(1e-9) / 127
        self.register_buffer("table", (table / scale).round().to(torch.int8))
        self.register_buffer("scale", scale)

    def forward(self, ids: Tensor) -> Tensor:
        return self.table[ids].float() * self.scale[ids]


class _Graph(nn.Module):
    """The network as the library runs it: ids and mask in; attention, values and bias out."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network
        self.words = _Words(network.encoder.embeddings.word_embeddings.weight.detach())

    def forward(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        hidden = self.network.encoder(inputs_embeds=self.words(ids), attention_mask=mask).last_hidden_state
        # A copy, so that the exporter keeps it as an output of its own.
        return self.network.query(hidden), self.network.value(hidden), self.network.bias + 0.0


def to_onnx(network: Network, path: Path) -> None:
    """Write the network as an ONNX graph in float32, attention and layer norms fused."""
    network.eval()
    example = torch.tensor([[0, 5, 6, 2]])
    with _quiet(), tempfile.TemporaryDirectory() as temporary:
        raw = Path(temporary) / "raw.onnx"
        torch.onnx.export(
            _Graph(network),
            (example, torch.ones_like(example)),
            str(raw),
            input_names=["ids", "mask"],
            output_names=["attention", "values", "bias"],
            dynamic_axes={name: {0: "windows", 1: "tokens"} for name in ("ids", "mask", "attention", "values")},
            opset_version=OPSET,
            dynamo=False,
        )
        config = network.encoder.config
        fusion = FusionOptions("bert")
        fused = optimize_model(
            str(raw),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            optimization_options=fusion,
            opt_level=0,
        )
        fused.save_model_to_file(str(path))


def export(network: Network, spec: ModelSpec, *, tokenizer: str, out: Path) -> None:
    """Write a model folder: weights in 8 bits, one scale for each output channel, activations quantised as they come.

    Args:
        network: trained.
        spec: its heads, calibration and description.
        tokenizer: the text of the encoder's ``tokenizer.json``.
        out: the folder; its files are written over.
    """
    out.mkdir(parents=True, exist_ok=True)
    with _quiet(), tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole.onnx"
        to_onnx(network, whole)
        quantize_dynamic(
            whole,
            out / GRAPH,
            per_channel=True,
            weight_type=QuantType.QInt8,
            # Look-ups cost nothing: positions and the scales of words stay whole.
            op_types_to_quantize=["MatMul", "Attention"],
            # The heads are small and decide: they stay whole.
            nodes_to_exclude=_heads(onnx.load(whole), network),
            extra_options={"MatMulConstBOnly": True, "DefaultTensorType": onnx.TensorProto.FLOAT},
        )
    (out / TOKENIZER).write_text(tokenizer, encoding="utf-8")
    (out / SPEC).write_text(spec.to_json(), encoding="utf-8")
    write_manifest(out)


def _heads(graph: onnx.ModelProto, network: Network) -> list[str]:
    """Return the names of the nodes that multiply by the weights of the heads."""
    sizes = {network.layout.queries, network.layout.outputs}
    weights = {tensor.name for tensor in graph.graph.initializer if len(tensor.dims) == 2 and tensor.dims[1] in sizes}
    return [node.name for node in graph.graph.node if node.op_type == "MatMul" and set(node.input) & weights]
