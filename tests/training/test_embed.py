"""Texts as vectors of a frozen encoder."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import BertConfig, BertModel

from triage.errors import InputError
from triage.model import EMBEDDED
from triage.model.files import TOKENIZER
from triage.training.encoder.embed import embedder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=13_911,
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        pad_token_id=1,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(made)
    shutil.copy(EMBEDDED / TOKENIZER, made / TOKENIZER)
    return made


def test_a_vector_for_each_text_whatever_its_company(folder: Path) -> None:
    embed = embedder(folder)
    vectors = embed(["卡被吞了", "好" * 2_000, ""])
    assert vectors.shape == (3, 32)
    assert np.isfinite(vectors).all()
    assert np.array_equal(embed(["卡被吞了"])[0], vectors[0])


def test_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no config\.json; legal: what `python -m triage\.training\.encoder` writes"):
        embedder(tmp_path)
