"""An invented history in a taxonomy that nothing here knows, and an encoder small enough for tests."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from transformers import BertConfig, BertModel

from triage.training.history.mapping import ColumnMap

KINDS = {
    "宽带": ("家里的宽带断网三天了", "宽带网速特别慢看视频卡", "光猫红灯闪烁宽带上不了网"),
    "话费": ("话费扣多了对不上账单", "套餐月租话费莫名其妙多扣", "充值话费没有到账余额不对"),
    "信号": ("手机在家没有信号打不通", "地铁里信号差通话断断续续", "手机信号只有一格"),
}
ENDINGS = (
    "请尽快处理", "已经打过客服", "希望给个说法", "昨天开始的", "很不方便", "我是老用户", "小区里都这样",
    "上班很受影响", "麻烦核实一下", "等了两天没人理", "邻居也一样", "师傅没有上门", "老人不会弄", "孩子要上网课",
)  # fmt: skip
COLUMNS = ("工单号", "投诉内容", "一级分类", "责任部门", "受理时间")
COLUMN_MAP = ColumnMap.model_validate(
    {"text": "投诉内容", "id": "工单号", "time": "受理时间", "facets": {"business": "一级分类"}}
)


def rows(count: int = 60, *, seed: int = 3) -> list[dict[str, Any]]:
    drawn = random.Random(seed)
    made = []
    for number in range(count):
        kind = list(KINDS)[number % len(KINDS)]
        text = "，".join((drawn.choice(KINDS[kind]), *drawn.sample(ENDINGS, 4)))
        day = f"2026-{1 + number // 28 % 12:02d}-{1 + number % 28:02d} 10:00"
        cells = (
            f"G{number}",
            f"{text}，电话1380013{8000 + number}。",
            kind,
            "计费部" if kind == "话费" else "网络部",
            day,
        )
        made.append(dict(zip(COLUMNS, cells, strict=True)))
    return made


def write_csv(path: Path, made: Sequence[dict[str, Any]]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, made[0])
        writer.writeheader()
        writer.writerows(made)
    return path


def write_encoder(folder: Path) -> Path:
    """Write a BERT with weights drawn by chance, whose special tokens stand where BERT has them."""
    words = "".join(sorted({char for row in rows(300) for char in row["投诉内容"] if not char.isdigit()}))
    vocabulary = {token: place for place, token in enumerate(("[PAD]", "[UNK]", "[CLS]", "[SEP]", *words, "□"))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]"])
    torch.manual_seed(5)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=256,
    )
    encoder = BertModel(config, add_pooling_layer=False)
    with torch.no_grad():
        # As after a training: no two tensors are the same.
        for parameter in encoder.parameters():
            parameter.add_(0.05 * torch.randn_like(parameter))
    encoder.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    return folder
