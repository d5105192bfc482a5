"""What a training starts from: a model folder with its heads, or any local Hugging Face encoder of BERT's kind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn
from transformers import AutoConfig, AutoModel, AutoTokenizer, BertConfig, BertModel

from triage.errors import ModelError
from triage.model.files import EMBEDDED, MANIFEST, SPEC, TOKENIZER, verify
from triage.model.heads import Head
from triage.model.spec import ModelSpec
from triage.model.tokens import Tokens
from triage.training.learn.network import Network
from triage.training.learn.thaw import thaw

__all__ = ["Start", "grafted", "start"]

KINDS = ("bert", "roberta", "xlm-roberta")
"""Families whose weights are those of BERT under the same names."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a training starts from.

    Attributes:
        network: encoder and, where it comes from a model folder, that model's heads.
        tokenizer: the text of its ``tokenizer.json``; the special tokens have the ids that the library expects.
        spec: of the model folder; None for a bare encoder.
        name: for people.
    """

    network: Network
    tokenizer: str
    spec: ModelSpec | None
    name: str


def start(path: Path | None, *, dropout: float = 0.1) -> Start:
    """Return the start of a training.

    Args:
        path: a model folder, or a local Hugging Face folder; the embedded model by default.
        dropout: in the encoder, for the training to come.

    Raises:
        ModelError: there is no such folder, or it holds no encoder that can be used.
    """
    folder = EMBEDDED if path is None else path
    if path is None and not (folder / MANIFEST).is_file():
        raise ModelError("there is no embedded model; legal: --encoder DIR, a model folder or a Hugging Face encoder")
    if not folder.is_dir():
        raise ModelError(f"--encoder is {str(path)!r}: no such folder; legal: a model folder or a Hugging Face encoder")
    if (folder / MANIFEST).is_file():
        files = verify(folder)
        spec = ModelSpec.from_json(files[SPEC])
        name = f"model {spec.version}"
        return Start(thaw(folder, dropout=dropout), files[TOKENIZER].decode("utf-8"), spec, name)
    return _hugging_face(folder, dropout=dropout)


def grafted(old: Network, heads: Sequence[Head]) -> Network:
    """Return a network of the same encoder with other heads; what the old heads know of their labels is taken over.

    Args:
        old: its encoder is used, not copied.
        heads: a facet and label of the same name and kind starts from the old weights; any other from zero, all tokens
            counting alike.
    """
    made = Network(old.encoder, heads, dropout=old.dropout.p)
    nn.init.zeros_(made.value.weight)
    for head in heads:
        before = next((own for own in old.layout.heads if own.facet == head.facet and own.kind == head.kind), None)
        if before is None or (head.kind == "ordinal" and before.labels != head.labels):
            continue
        pairs = [(0, 0)] if head.kind == "score" else list(enumerate(head.labels[: head.outputs]))
        for place, label in pairs:
            if head.kind == "ordinal":
                source = place
            elif head.kind == "score":
                source = 0
            elif label in before.labels:
                source = before.labels.index(str(label))
            else:
                continue
            into, out_of = made.layout[head.facet].start + place, old.layout[head.facet].start + source
            with torch.no_grad():
                made.value.weight[into] = old.value.weight[out_of]
                made.bias[into] = old.bias[out_of]
                made.query.weight[made.layout.query_of[into]] = old.query.weight[old.layout.query_of[out_of]]
    return made


def _hugging_face(folder: Path, *, dropout: float) -> Start:
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        if config.model_type not in KINDS:
            raise ModelError(f"{folder}: the encoder is {config.model_type!r}; legal: {', '.join(KINDS)}")
        loaded = AutoModel.from_pretrained(folder, local_files_only=True, add_pooling_layer=False, dtype=torch.float32)
        tokenizer = _tokenizer(folder)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        said = str(error).splitlines()[0]
        raise ModelError(f"{folder}: not an encoder ({said}); legal: config.json, weights, tokenizer") from None
    state = loaded.state_dict()
    positions = state["embeddings.position_embeddings.weight"]
    if config.model_type != "bert":
        # The positions of RoBERTa begin after its padding id.
        positions = state["embeddings.position_embeddings.weight"] = positions[config.pad_token_id + 1 :]
    tokenizer, order = _reordered(tokenizer, len(state["embeddings.word_embeddings.weight"]))
    state["embeddings.word_embeddings.weight"] = state["embeddings.word_embeddings.weight"][order]
    bert = BertConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.hidden_size,
        num_hidden_layers=config.num_hidden_layers,
        num_attention_heads=config.num_attention_heads,
        intermediate_size=config.intermediate_size,
        hidden_act=config.hidden_act,
        layer_norm_eps=config.layer_norm_eps,
        type_vocab_size=config.type_vocab_size,
        max_position_embeddings=len(positions),
        pad_token_id=Tokens.PADDING,
        hidden_dropout_prob=dropout,
        attention_probs_dropout_prob=0.0,
    )
    # Faster than the fused kernel for short texts and small heads on a processor.
    bert._attn_implementation = "eager"
    encoder = BertModel(bert, add_pooling_layer=False)
    buffers = {"embeddings.position_ids", "embeddings.token_type_ids"}
    encoder.load_state_dict({name: value for name, value in state.items() if name not in buffers})
    # A network needs a head; this one has the name of no facet, so that nobody takes it over.
    return Start(Network(encoder, [Head("none", "score")]), tokenizer, None, folder.name)


def _tokenizer(folder: Path) -> str:
    if (folder / TOKENIZER).is_file():
        return (folder / TOKENIZER).read_text(encoding="utf-8")
    return str(AutoTokenizer.from_pretrained(folder, local_files_only=True).backend_tokenizer.to_str())


def _reordered(tokenizer: str, size: int) -> tuple[str, list[int]]:
    """Return the tokenizer with its special tokens where the library expects them, and the old id of each new one.

    The library's ids are 0, 1 and 2 for the first token, padding and the last; BERT's own lie elsewhere.
    """
    data: dict[str, Any] = json.loads(tokenizer)
    made = Tokenizer.from_str(tokenizer)
    special = [
        next((made.token_to_id(name) for name in names if made.token_to_id(name) is not None), None)
        for names in (("<s>", "[CLS]"), ("<pad>", "[PAD]"), ("</s>", "[SEP]"))
    ]
    if None in special:
        raise ModelError("the tokenizer lacks special tokens; legal: <s> <pad> </s>, or [CLS] [PAD] [SEP]")
    first = [int(place) for place in special if place is not None]
    order = list(range(size))
    for new, old in enumerate(first):
        place = order.index(old)
        order[new], order[place] = order[place], order[new]
    if order == list(range(size)):
        return tokenizer, order
    moved = {old: new for new, old in enumerate(order)}
    model = data["model"]
    if isinstance(model["vocab"], dict):
        model["vocab"] = {token: moved[place] for token, place in model["vocab"].items()}
    else:
        known = len(model["vocab"])
        model["vocab"] = [model["vocab"][old] for old in order if old < known]
        if model.get("unk_id") is not None:
            model["unk_id"] = moved[model["unk_id"]]
    for token in data.get("added_tokens", []):
        token["id"] = moved[token["id"]]
    # What it adds by itself, and how it pads and cuts, is never used: the library does that.
    data |= {"post_processor": None, "padding": None, "truncation": None}
    return json.dumps(data, ensure_ascii=False), order
