"""A frozen encoder and a linear model for each facet on top: what the encoder knows before it is trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler

from triage.config import Config
from triage.errors import UsageError
from triage.training.baselines.heads import Heads
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["Embed", "LinearProbe"]

Embed = Callable[[list[str]], npt.NDArray[np.float32]]
"""Texts in, vectors of shape (texts, dimensions) out; finite numbers."""


class LinearProbe:
    """Logistic regression on standardised vectors, ridge regression for the sentiment.

    Args:
        embed: the frozen encoder.
        name: its column in tables.
    """

    def __init__(self, embed: Embed, *, name: str = "frozen encoder + linear probe") -> None:
        self.name = name
        self._embed = embed
        self._scale = StandardScaler()
        # A strong penalty: vectors of an encoder have as many dimensions as some labels have complaints, and more.
        self._heads = Heads(lambda: LogisticRegression(C=0.02, max_iter=2000), lambda: Ridge(alpha=100.0))

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Learn from ``rows``; return itself.

        Raises:
            UsageError: ``embed`` gives no matrix with a row for each text.
        """
        self._heads.fit(self._scale.fit_transform(self._vectors([row.text for row in rows])), rows, config)
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order."""
        return self._heads.predict(self._scale.transform(self._vectors(list(texts))))

    def _vectors(self, texts: list[str]) -> npt.NDArray[np.float64]:
        vectors = np.asarray(self._embed(texts), dtype=float)
        if vectors.ndim != 2 or len(vectors) != len(texts):
            legal = f"({len(texts)}, dimensions)"
            raise UsageError(f"embed: the vectors have shape {vectors.shape}; legal: {legal}")
        return vectors
