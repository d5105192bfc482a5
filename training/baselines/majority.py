"""The most frequent label of each facet, the mean sentiment, and nothing learnt from the text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor

from triage.config import Config
from triage.training.baselines.heads import Heads
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["Majority"]


class Majority:
    """Says the same about every complaint; its confidence is the share of the label among the rows it learnt from."""

    name = "majority"

    def __init__(self) -> None:
        self._heads = Heads(lambda: DummyClassifier(strategy="prior"), DummyRegressor)

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Count the labels of ``rows``; return itself."""
        self._heads.fit(np.zeros((len(rows), 1)), rows, config)
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return self._heads.predict(np.zeros((len(texts), 1)))
