"""SnowNLP: naive Bayes on reviews of goods, as the package ships it; judges the sentiment alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from snownlp import SnowNLP

from triage.config import Config
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["Snow", "snownlp_scores"]


class Snow:
    """Learns nothing: it comes trained."""

    name = "snownlp"

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Return itself; neither ``rows`` nor ``config`` is looked at."""
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return [Answer(sentiment=score) for score in snownlp_scores(list(texts))]


def snownlp_scores(texts: list[str]) -> list[float]:
    """Return the sentiment of each text in [-1, 1], from the probability that it is positive."""
    return [2 * SnowNLP(text).sentiments - 1 for text in texts]
