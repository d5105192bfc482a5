"""fastText (Joulin et al. 2017): averaged vectors of jieba words and word pairs, a linear classifier for each facet."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

import fasttext
import numpy as np

from triage.config import Config
from triage.training.baselines.words import words
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer, right_answer
from triage.training.labelled import Labelled

__all__ = ["FastText", "likely", "line_of", "train"]

MARK = "__label__"
NONE = "none"
LIKELY = 0.5
BUCKETS = 200_000
"""Places for word pairs: fastText's two million are made for millions of texts, and take gigabytes."""


class FastText:
    """A classifier for each single-label facet, one against the rest for the others, bands for the sentiment.

    fastText has no regression: the sentiment is the mean score of each band of the taxonomy, weighted by the
    probability of the band.
    """

    name = "fastText"

    def __init__(self) -> None:
        self._single: dict[str, Any] = {}
        self._multiple: dict[str, Any] = {}
        self._bands: Any = None
        self._means: dict[str, float] = {}

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Learn from ``rows``; return itself."""
        lines = [line_of(row.text) for row in rows]
        right = [right_answer(row, config) for row in rows]
        self._single = {facet: train(lines, [[one.single[facet]] for one in right]) for facet in SINGLE}
        self._multiple = {
            facet: train(lines, [sorted(one.multiple[facet]) or [NONE] for one in right], several=True)
            for facet in MULTIPLE
        }
        bands = [config.taxonomy.band(row.sentiment).id for row in rows]
        self._bands = train(lines, [[band] for band in bands])
        for band in set(bands):
            self._means[band] = float(np.mean([r.sentiment for r, b in zip(rows, bands, strict=True) if b == band]))
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return [self._answer(line_of(text)) for text in texts]

    def _answer(self, line: str) -> Answer:
        surest = {facet: next(likely(model, line)) for facet, model in self._single.items()}
        tags = {
            facet: frozenset(label for label, sure in likely(model, line) if sure >= LIKELY and label != NONE)
            for facet, model in self._multiple.items()
        }
        bands = list(likely(self._bands, line))
        mood = sum(sure * self._means[band] for band, sure in bands) / sum(sure for _, sure in bands)
        return Answer(
            single={facet: label for facet, (label, _) in surest.items()},
            multiple=tags,
            sentiment=float(np.clip(mood, -1, 1)),
            confidence={facet: sure for facet, (_, sure) in surest.items()},
        )


def line_of(text: str) -> str:
    """Return the words of a text on one line; what looks like fastText's mark of a label is broken up."""
    return " ".join(words(text)).replace(MARK, "label")


def train(lines: Sequence[str], labels: Sequence[Iterable[str]], *, several: bool = False) -> Any:  # noqa: ANN401
    """Return a trained fastText model; the same input gives the same model.

    Args:
        lines: the words of each text on one line.
        labels: those of each text, ASCII ids.
        several: whether a text may have more than one.
    """
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "lines.txt"
        marked = (
            " ".join([*(MARK + label for label in names), line]) for names, line in zip(labels, lines, strict=True)
        )
        file.write_text("\n".join(marked) + "\n", encoding="utf-8")
        return fasttext.train_supervised(
            str(file),
            lr=0.5,
            dim=64,
            epoch=25,
            wordNgrams=2,
            bucket=BUCKETS,
            loss="ova" if several else "softmax",
            # More threads would write to the same weights in an order of chance.
            thread=1,
            seed=1,
            verbose=0,
        )


def likely(model: Any, line: str) -> Iterator[tuple[str, float]]:  # noqa: ANN401
    """Yield the labels with their probabilities in [0, 1], the likeliest first."""
    labels, sure = model.predict(line, k=-1)
    for label, value in zip(labels, sure, strict=True):
        yield label.removeprefix(MARK), min(float(value), 1.0)
