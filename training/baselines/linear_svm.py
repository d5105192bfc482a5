"""TF-IDF of characters and jieba words, and a linear SVM for each facet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from sklearn.linear_model import Ridge
from sklearn.svm import LinearSVC

from triage.config import Config
from triage.training.baselines.heads import Heads
from triage.training.baselines.words import features
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["LinearSVM"]

ENOUGH = 100
"""Rows from which on a word has to stand in two of them to count."""


class LinearSVM:
    """Linear SVMs on TF-IDF, ridge regression for the sentiment; it has no confidences."""

    name = "TF-IDF + SVM"

    def __init__(self) -> None:
        self._features = features()
        self._heads = Heads(lambda: LinearSVC(random_state=0), lambda: Ridge(alpha=2.0))

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Learn from ``rows``; return itself."""
        self._features = features(least=2 if len(rows) >= ENOUGH else 1)
        self._heads.fit(self._features.fit_transform([row.text for row in rows]), rows, config)
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return self._heads.predict(self._features.transform(list(texts)))
