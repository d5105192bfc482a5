"""python benchmarks/model_speed.py [--texts N] [--turns N]: the embedded model beside a BERT-base of the same task.

BERT-base runs as most people run it, `transformers.pipeline("text-classification")`, one text at a time, with random
weights: its time does not depend on what it has learnt. All contenders read the same texts in turns, so that whatever
else the machine does falls on all of them alike; the ratios count, not the times. Needs the extra `train`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast, pipeline

from triage import Triage, load
from triage.model import EMBEDDED, Model
from triage.model import load as load_model
from triage.model.files import TOKENIZER
from triage.pipeline import Request
from triage.pipeline.reading import Reader

CORPUS = Path(__file__).parent.parent / "training" / "corpus"
LENGTHS = ((10, 40), (40, 80), (80, 160), (160, 400))
INT8_OPERATIONS = 2 * 64 * 2
"""Multiplications and additions of 8-bit numbers in a cycle of a core with AVX-512 VNNI that issues two of 64."""

Judge = Callable[[Sequence[str]], object]


def bert_base() -> Judge:
    """Return the usual pipeline around a BERT-base with the tokenizer of the embedded model."""
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(EMBEDDED / TOKENIZER),
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        unk_token="<unk>",
    )
    config = BertConfig(vocab_size=21_128, num_labels=234)
    with tempfile.TemporaryDirectory() as folder:
        BertForSequenceClassification(config).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
        judge = pipeline("text-classification", model=folder, tokenizer=folder, device="cpu", top_k=None)
    return lambda texts: [judge(text, truncation=True, max_length=512) for text in texts]


def one_at_a_time(model: Model) -> Judge:
    """Return the model, called once for each text."""
    return lambda texts: [model.judge([text]) for text in texts]


def latencies(judge: Judge, texts: Sequence[str]) -> list[float]:
    """Return the seconds of each text alone."""
    found = []
    for text in texts:
        start = time.perf_counter()
        judge([text])
        found.append(time.perf_counter() - start)
    return found


def seconds(judge: Judge, texts: Sequence[str]) -> float:
    """Return the seconds of all texts."""
    start = time.perf_counter()
    judge(texts)
    return time.perf_counter() - start


def whole(triage: Triage) -> Judge:
    """Return everything: reading, rules, model, routing."""
    return lambda texts: triage.decide([Request(text=text) for text in texts])


def share_of_peak(model: Model, texts: Sequence[str], per_second: float, ghz: float) -> float:
    """Return how much of one core's int8 peak the encoder's matrices use at a pace of texts."""
    tokens = statistics.mean(sum(len(window.ids) for window in own) for own in model._tokens(texts))
    operations = 2 * 12 * 384 * 384 * 8 * tokens
    return operations * per_second / (INT8_OPERATIONS * ghz * 1e9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--texts", type=int, default=120)
    parser.add_argument("--characters", type=int, default=400, help="leave out longer texts")
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--ghz", type=float, default=3.1, help="of a core, for the share of its peak")
    asked = parser.parse_args()
    rows = [
        json.loads(line)["text"] for path in sorted(CORPUS.glob("v*.jsonl")) for line in path.open(encoding="utf-8")
    ]
    triage = load(threads=1)
    reader = Reader(triage.config)
    texts = [reader.read(Request(text=row)).whole.text for row in rows]
    texts = [text for text in texts if len(text) <= asked.characters][: asked.texts]
    print(f"{len(texts)} texts of {statistics.mean(map(len, texts)):.0f} characters, {asked.turns} turns\n")
    contenders: dict[str, tuple[Judge, int]] = {}
    base = bert_base()
    for threads in (1, 2):
        model = load_model(threads=threads)
        contenders[f"BERT-base, transformers.pipeline, one at a time, {threads} thread"] = (base, threads)
        contenders[f"embedded model, one at a time, {threads} thread"] = (one_at_a_time(model), threads)
        contenders[f"embedded model, all at once, {threads} thread"] = (model.judge, threads)
    contenders["whole decision, one at a time, 1 thread"] = (lambda t: [whole(triage)([x]) for x in t], 1)
    contenders["whole decision, all at once, 1 thread"] = (whole(triage), 1)
    paces: dict[str, list[float]] = {name: [] for name in contenders}
    medians: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(asked.turns):
        for name, (judge, threads) in contenders.items():
            torch.set_num_threads(threads)
            alone = "one at a time" in name
            few = texts[:: 6 if judge is base else 1]
            judge(few[:2])
            times = latencies(judge, few) if alone else [seconds(judge, few)]
            paces[name].append(len(few) / sum(times))
            medians[name].append(statistics.median(times) if alone else float("nan"))
    print("| | texts/s | times BERT-base | median, ms | BERT-base's is longer by |\n|---|---|---|---|---|")
    for name in contenders:
        threads = contenders[name][1]
        reference = f"BERT-base, transformers.pipeline, one at a time, {threads} thread"
        # Pairs of one turn, so that a slow minute slows both.
        pace = statistics.median(a / b for a, b in zip(paces[name], paces[reference], strict=True))
        slower = statistics.median(b / a for a, b in zip(medians[name], medians[reference], strict=True))
        print(f"| {name} | {statistics.median(paces[name]):.0f} | {pace:.1f} | ", end="")
        alone = not np.isnan(slower)
        print(f"{1e3 * statistics.median(medians[name]):.2f} | {slower:.1f} |" if alone else "| |")
    model = load_model(threads=1)
    pace = statistics.median(paces["embedded model, all at once, 1 thread"])
    print(
        f"\nint8 matrices at {share_of_peak(model, texts, pace, asked.ghz):.0%} of one core's peak at {asked.ghz} GHz\n"
    )
    print("| characters | texts/s one at a time | all at once |\n|---|---|---|")
    for low, high in LENGTHS:
        some = [text for text in texts if low <= len(text) < high][:40]
        if some:
            alone = min(seconds(one_at_a_time(model), some) for _ in range(asked.turns))
            together = min(seconds(model.judge, some) for _ in range(asked.turns))
            print(f"| {low}–{high - 1} | {len(some) / alone:.0f} | {len(some) / together:.0f} |")


if __name__ == "__main__":
    main()
