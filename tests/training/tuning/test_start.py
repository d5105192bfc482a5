"""Encoders as they come, and heads that are taken over."""

from __future__ import annotations

from pathlib import Path

import pytest
import telecom
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel, GPT2Config

from triage.errors import ModelError
from triage.model.heads import Head
from triage.training.learn.network import Network
from triage.training.tuning.start import grafted, start

TEXT = "宽带断网三天"


def test_a_bert_reads_the_same_with_its_special_tokens_moved(tmp_path: Path) -> None:
    folder = telecom.write_encoder(tmp_path)
    before = Tokenizer.from_file(str(folder / "tokenizer.json"))
    found = start(folder)
    after = Tokenizer.from_str(found.tokenizer)
    assert [after.token_to_id(token) for token in ("[CLS]", "[PAD]", "[SEP]")] == [0, 1, 2]
    old, new = (made.encode(TEXT, add_special_tokens=False).ids for made in (before, after))
    original = BertModel.from_pretrained(folder, add_pooling_layer=False).eval()
    with torch.no_grad():
        one = original(input_ids=torch.tensor([[2, *old, 3]])).last_hidden_state
        other = found.network.encoder.eval()(input_ids=torch.tensor([[0, *new, 2]])).last_hidden_state
    assert torch.allclose(one, other, atol=1e-5)


def test_known_labels_start_from_the_old_heads() -> None:
    config = BertConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1, intermediate_size=8)
    old = Network(
        BertModel(config, add_pooling_layer=False),
        [Head("flags", "multi", ("x", "y")), Head("business", "single", ("a", "b")), Head("mood", "score")],
    )
    torch.nn.init.normal_(old.query.weight)
    made = grafted(
        old, [Head("business", "single", ("c", "b")), Head("mood", "score"), Head("flags", "multi", ("y", "z"))]
    )
    assert torch.equal(made.value.weight[1], old.value.weight[3])
    assert torch.equal(made.value.weight[2], old.value.weight[4])
    assert torch.equal(made.query.weight[2], old.query.weight[1])
    assert not made.value.weight[0].any()
    assert not made.query.weight[3].any()


def test_what_is_no_encoder(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such folder"):
        start(tmp_path / "none")
    with pytest.raises(ModelError, match="not an encoder"):
        start(tmp_path)
    GPT2Config().save_pretrained(tmp_path)
    with pytest.raises(ModelError, match="the encoder is 'gpt2'; legal: bert"):
        start(tmp_path)
