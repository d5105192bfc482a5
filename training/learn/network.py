"""The encoder with a head for each facet.

A head looks at the text through attention of its own and adds up what each token speaks for a label: the logit of a
label is the weighted sum of its tokens' values (attention pooling; label by label for multi-label facets, as CAML,
Mullenbach et al., NAACL 2018). The sum runs over all windows of a text, so a long text is judged as a whole, and each
token's share in a logit is known without a second pass: that is the evidence.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from transformers import BertModel

from triage.model.heads import Head, Layout
from triage.training.learn.examples import Batch

__all__ = ["Network"]


class Network(nn.Module):
    """Encoder and heads.

    Args:
        encoder: a BERT encoder without pooler.
        heads: what to judge.
        dropout: share of a token's hidden values dropped before the heads, in training.
    """

    query_of: Tensor

    def __init__(self, encoder: BertModel, heads: Sequence[Head], *, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.layout = Layout(heads)
        hidden = encoder.config.hidden_size
        self.query = nn.Linear(hidden, self.layout.queries, bias=False)
        self.value = nn.Linear(hidden, self.layout.outputs, bias=False)
        self.bias = nn.Parameter(torch.zeros(self.layout.outputs))
        self.dropout = nn.Dropout(dropout)
        self.register_buffer("query_of", torch.tensor(self.layout.query_of), persistent=False)
        # All tokens count alike at the start.
        nn.init.zeros_(self.query.weight)

    def tokens(self, ids: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return each token's attention (before the softmax) and values.

        Args:
            ids: token ids, ``[windows, tokens]``, int64.
            mask: 1 for a token, 0 for padding, like ``ids``.

        Returns:
            ``[windows, tokens, queries]`` and ``[windows, tokens, outputs]``, float32.
        """
        hidden = self.dropout(self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state)
        return self.query(hidden), self.value(hidden)

    def forward(self, batch: Batch) -> Tensor:
        """Return the logits of a batch, ``[examples, outputs]``, float32."""
        attention, values = self.tokens(batch.ids, batch.mask)
        return pooled(attention.float(), values.float(), batch, self.query_of) + self.bias


def pooled(attention: Tensor, values: Tensor, batch: Batch, query_of: Tensor) -> Tensor:
    """Return the attention-weighted sum of the values over all tokens of each example, special ones left out.

    Args:
        attention: ``[windows, tokens, queries]``.
        values: ``[windows, tokens, outputs]``.
        batch: which tokens and which windows belong together.
        query_of: the query of each output, ``[outputs]``.
    """
    # The first and the last token of a window are special.
    inner = batch.mask.bool() & (batch.mask.cumsum(1) > 1) & (batch.mask.flip(1).cumsum(1).flip(1) > 1)
    attention = attention.masked_fill(~inner[..., None], -1e4)
    count, queries = len(batch.weights), attention.shape[-1]
    index = batch.text[:, None].expand(-1, queries)
    highest = attention.new_full((count, queries), -1e4)
    highest = highest.scatter_reduce(0, index, attention.detach().amax(1), "amax")
    weight = (attention - highest[batch.text][:, None]).exp() * inner[..., None]
    total = weight.new_zeros(count, queries).index_add(0, batch.text, weight.sum(1))
    parts = (weight[..., query_of] * values).sum(1)
    sums = parts.new_zeros(count, parts.shape[-1]).index_add(0, batch.text, parts)
    return sums / total[:, query_of].clamp_min(1e-9)
