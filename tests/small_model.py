"""A real model folder, small enough for tests: a graph of two look-ups, whose words somebody chose.

Every character is a token. A character that ``says`` names speaks for labels; all others say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Split

from triage.config import load
from triage.model.files import GRAPH, SPEC, TOKENIZER, write_manifest
from triage.model.heads import Head, Layout
from triage.model.spec import Calibration, ModelSpec

__all__ = ["SAYS", "renamed", "small_model"]

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")

SAYS: Mapping[str, Mapping[str, str]] = {
    "骗": {"reason": "fund_safety", "urgency": "critical", "business": "payment"},
    "催": {"reason": "collection_conduct", "business": "debt_collection", "urgency": "high"},
    "费": {"reason": "pricing", "business": "credit_card"},
    "贷": {"business": "loan"},
    "保": {"business": "insurance_policy", "reason": "marketing"},
}
"""What the characters speak for."""


def small_model(
    folder: Path, *, version: str = "small-1", says: Mapping[str, Mapping[str, str]] = SAYS, weight: float = 6.0
) -> Path:
    """Write a model folder that the library runs, and return it.

    Args:
        folder: made when it is not there.
        version: as every decision names it.
        says: the labels that a character speaks for, by facet.
        weight: what a character adds to the logit of its label.
    """
    config = load()
    facets = config.taxonomy.facets
    heads = tuple(
        Head(name, "ordinal" if spec.ordinal else "multi" if spec.multiple else "single",
             tuple(reversed(spec.ids)) if spec.ordinal else spec.ids)
        for name, spec in facets.items()
    )  # fmt: skip
    heads += (Head("sentiment", "score"),)
    layout = Layout(heads)
    words = [*SPECIAL, *says]
    values = np.zeros((len(words), layout.outputs), np.float32)
    attention = np.zeros((len(words), layout.queries), np.float32)
    bias = np.zeros(layout.outputs, np.float32)
    for head in heads:
        columns = layout[head.facet]
        if head.kind == "multi":
            bias[columns] = -4
        elif head.kind == "ordinal":
            bias[columns] = [3, *[-3] * (head.outputs - 1)]
        elif head.kind == "single":
            bias[columns] = [1.5 if label in {"other", "unknown", "simple"} else 0 for label in head.labels]
        for place, word in enumerate(words[len(SPECIAL) :], len(SPECIAL)):
            # A character that speaks is looked at, the others are not.
            attention[place] = 5
            label = says[word].get(head.facet)
            if label is None:
                continue
            rank = head.labels.index(label)
            if head.kind == "ordinal":
                values[place, columns] = [weight if step < rank else -weight for step in range(head.outputs)]
            else:
                values[place, columns.start + rank] = weight
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save_model(_graph(attention, values, bias), str(folder / GRAPH))
    tokenizer = Tokenizer(WordLevel({word: place for place, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = Split(Regex("."), "isolated")
    (folder / TOKENIZER).write_text(tokenizer.to_str(), encoding="utf-8")
    thresholds = {head.facet: (0.5,) * len(head.labels) for head in heads if head.kind == "multi"}
    spec = ModelSpec(
        version=version,
        heads=heads,
        taxonomy_version=config.taxonomy_version,
        calibration=Calibration(thresholds=thresholds, spread={"sentiment": 0.2}, calibrated=True),
        about={"script": "tests"},
    )
    (folder / SPEC).write_text(spec.to_json(), encoding="utf-8")
    write_manifest(folder)
    return folder


def renamed(folder: Path, version: str) -> Path:
    """Give the model in ``folder`` another version, and return the folder."""
    spec = json.loads((folder / SPEC).read_text(encoding="utf-8"))
    (folder / SPEC).write_text(json.dumps(spec | {"version": version}, ensure_ascii=False), encoding="utf-8")
    write_manifest(folder)
    return folder


def _graph(attention: np.ndarray, values: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    tables = {"attention_table": attention, "value_table": values, "bias_row": bias}
    nodes = [
        helper.make_node("Gather", ["attention_table", "ids"], ["attention"], axis=0),
        helper.make_node("Gather", ["value_table", "ids"], ["values"], axis=0),
        helper.make_node("Identity", ["bias_row"], ["bias"]),
        helper.make_node("Identity", ["mask"], ["unused"]),
    ]
    shape = ["windows", "tokens"]
    graph = helper.make_graph(
        nodes,
        "small",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("ids", "mask")],
        [
            helper.make_tensor_value_info("attention", TensorProto.FLOAT, [*shape, attention.shape[1]]),
            helper.make_tensor_value_info("values", TensorProto.FLOAT, [*shape, values.shape[1]]),
            helper.make_tensor_value_info("bias", TensorProto.FLOAT, [len(bias)]),
        ],
        [numpy_helper.from_array(table, name) for name, table in tables.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
