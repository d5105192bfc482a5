"""pysenti: a lexicon with rules for negation, degree and conjunctions, as the package ships it; sentiment alone."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Self

import pysenti

from triage.config import Config
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["Pysenti", "pysenti_scores"]


class Pysenti:
    """Learns nothing: it comes with its lexicon."""

    name = "pysenti"

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Return itself; neither ``rows`` nor ``config`` is looked at."""
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return [Answer(sentiment=score) for score in pysenti_scores(list(texts))]


def pysenti_scores(texts: list[str]) -> list[float]:
    """Return the sentiment of each text in [-1, 1]; pysenti's own score is an open sum, so tanh bounds it."""
    return [math.tanh(pysenti.classify(text)["score"]) for text in texts]
