"""Texts as vectors of a frozen encoder: the mean over a text's tokens."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from transformers import BertModel

from triage.errors import InputError
from triage.model.tokens import Tokens

__all__ = ["embedder"]


def embedder(folder: Path) -> Callable[[list[str]], NDArray[np.float32]]:
    """Return a function from texts to vectors, ``[texts, hidden]``; of a long text its first window counts.

    Args:
        folder: what ``python -m triage.training.encoder`` wrote.

    Raises:
        InputError: the folder holds no encoder and tokenizer.
    """
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: no {name}; legal: what `python -m triage.training.encoder` writes")
    encoder = BertModel.from_pretrained(folder, add_pooling_layer=False)
    encoder.eval()  # type: ignore[no-untyped-call]
    tokens = Tokens(Tokenizer.from_file(str(folder / "tokenizer.json")))

    def embed(texts: list[str]) -> NDArray[np.float32]:
        rows = []
        with torch.no_grad():
            for window, *_ in tokens(texts):
                hidden = encoder(input_ids=torch.tensor([window.ids])).last_hidden_state
                rows.append(hidden[0].mean(0).numpy())
        return np.stack(rows)

    return embed
