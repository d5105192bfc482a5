"""A network small enough for tests, with weights drawn by chance."""

from __future__ import annotations

import torch
from transformers import BertConfig, BertModel

from triage.model.heads import Head
from triage.training.learn.network import Network

HEADS = [
    Head("business", "single", ("a", "b", "c")),
    Head("urgency", "ordinal", ("low", "normal", "high", "critical")),
    Head("flags", "multi", ("x", "y")),
    Head("sentiment", "score"),
]
VOCABULARY = 40


def network(seed: int = 1) -> Network:
    torch.manual_seed(seed)
    config = BertConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        pad_token_id=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation="eager",
    )
    made = Network(BertModel(config, add_pooling_layer=False), HEADS, dropout=0.0)
    torch.nn.init.normal_(made.query.weight, std=0.3)
    torch.nn.init.normal_(made.bias)
    with torch.no_grad():
        # As after a training: no two tensors are the same.
        for parameter in made.encoder.parameters():
            if parameter.ndim == 1:
                parameter.add_(0.1 * torch.randn_like(parameter))
    return made.eval()
