"""python -m triage.training.variety [--reviews FOLDER]: how varied the corpus is, as Markdown tables.

Counts of every label; lengths, types and distinct-n (Li et al. 2016) by voice; self-BLEU (Zhu et al. 2018) by voice
beside a sample of real posts from FOLDER (a folder of ``*.csv.gz`` with a column ``text``); openings that repeat; and
for each brief the share of its rows that a linear model trained on all other briefs gets right.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from sklearn.svm import LinearSVC

from triage.config import load
from triage.training.baseline import features
from triage.training.corpus_rows import CorpusRow, labels_of, read_corpus
from triage.training.script import run

__all__ = ["distinct", "main", "self_bleu"]

SAMPLE = 60
ORDER = 4
SEED = 7


def distinct(texts: Iterable[str], n: int) -> float:
    """Return the share of character n-grams that are different ones, in (0, 1]."""
    grams = [gram for text in texts for gram in _grams(text, n)]
    return len(set(grams)) / max(1, len(grams))


def self_bleu(texts: Sequence[str]) -> float:
    """Return the mean BLEU-4 over characters of each text against all others, in [0, 1]; lower is more varied.

    Clipped precisions with add-one smoothing above unigrams, brevity against the nearest length.
    """
    counts = [[Counter(_grams(text, n)) for n in range(1, ORDER + 1)] for text in texts]
    scores = []
    for place, own in enumerate(counts):
        others = [count for other, count in enumerate(counts) if other != place]
        logs = []
        for n in range(ORDER):
            most: Counter[str] = Counter()
            for other in others:
                most |= other[n]
            hit = sum(min(count, most[gram]) for gram, count in own[n].items())
            total = sum(own[n].values())
            logs.append(np.log((hit + (n > 0)) / (total + (n > 0))) if hit + (n > 0) else -50.0)
        length = len(texts[place])
        nearest = min((len(text) for i, text in enumerate(texts) if i != place), key=lambda size: abs(size - length))
        scores.append(np.exp(np.mean(logs)) * min(1.0, np.exp(1 - nearest / max(1, length))))
    return float(np.mean(scores))


def _grams(text: str, n: int) -> list[str]:
    joined = re.sub(r"\s+", "", text)
    return [joined[place : place + n] for place in range(len(joined) - n + 1)]


def counts(rows: Sequence[CorpusRow]) -> Iterator[str]:
    """Yield a table with how often each label of each facet stands in each split."""
    config = load()
    splits = ("train", "validation", "calibration", "test")
    yield f"| facet | label | all | {' | '.join(splits)} |\n|---|---|---|{'---|' * len(splits)}"
    for facet in ("business", "reason", "channel", "urgency", "complexity", "department", "demands", "flags"):
        for label in labels_of(config, facet):
            which = [row.split for row in rows if label in row.labels(facet)]
            by_split: Counter[str] = Counter(which)
            yield f"| {facet} | {label} | {len(which)} | {' | '.join(str(by_split[split]) for split in splits)} |"


def voices(rows: Sequence[CorpusRow], reviews: Sequence[str]) -> Iterator[str]:
    """Yield a table of lengths and variety by voice, the reviews in the last row."""
    yield "| voice | texts | median length | longest | characters (types) | distinct-2 | distinct-4 | self-BLEU |"
    yield "|---|---|---|---|---|---|---|---|"
    by_voice = defaultdict(list)
    for row in rows:
        if row.pair is None:
            by_voice[row.voice].append(row.text)
    groups: Mapping[str, Sequence[str]] = {**dict(sorted(by_voice.items())), "real reviews": reviews}
    for name, texts in groups.items():
        if len(texts) < 2:
            continue
        some = random.Random(SEED).sample(list(texts), min(SAMPLE, len(texts)))
        lengths = [len(text) for text in texts]
        yield (
            f"| {name} | {len(texts)} | {np.median(lengths):.0f} | {max(lengths)} | {len(set(''.join(texts)))} | "
            f"{distinct(some, 2):.3f} | {distinct(some, 4):.3f} | {self_bleu(some):.3f} |"
        )


def openings(rows: Sequence[CorpusRow]) -> str:
    """Return the openings of four characters that most texts share, with their counts."""
    found = Counter(row.text[:4] for row in rows if row.pair is None)
    return "、".join(f"{opening} {count}" for opening, count in found.most_common(15))


def easiness(rows: Sequence[CorpusRow]) -> Iterator[str]:
    """Yield a table with the share of each brief that a model trained on the other briefs gets right."""
    yield "| brief | split | texts | business right | reason right | urgency right |\n|---|---|---|---|---|---|"
    briefs = np.array([row.brief for row in rows])
    seen = features().fit_transform([row.text for row in rows])
    for brief in sorted(set(briefs)):
        own = briefs == brief
        shares = []
        for facet in ("business", "reason", "urgency"):
            right = np.array([row.labels(facet)[0] for row in rows])
            said = LinearSVC().fit(seen[~own], right[~own]).predict(seen[own])
            shares.append(f"{np.mean(said == right[own]):.2f}")
        split = next(row.split for row in rows if row.brief == brief)
        yield f"| {brief} | {split} | {own.sum()} | {' | '.join(shares)} |"


def read_reviews(folder: Path) -> list[str]:
    """Return a sample of the texts of every ``*.csv.gz`` of ``folder``."""
    texts: list[str] = []
    for path in sorted(folder.glob("*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            texts += random.Random(SEED).sample([row["text"] for row in csv.DictReader(file)], 400)
    return texts


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables."""
    parser = argparse.ArgumentParser(prog="variety", description=__doc__)
    parser.add_argument("--reviews", type=Path)
    options = parser.parse_args(arguments)
    rows = list(read_corpus())
    print("\n".join(counts(rows)), end="\n\n")
    print("\n".join(voices(rows, read_reviews(options.reviews) if options.reviews else [])), end="\n\n")
    print(f"Openings that repeat most: {openings(rows)}", end="\n\n")
    print("\n".join(easiness(rows)))
    return 0


if __name__ == "__main__":
    run(main)
