"""Texts as vectors: what the model makes of them, or their characters where rules judge."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from sklearn.feature_extraction.text import HashingVectorizer

from triage.pipeline import Triage
from triage.text import Normaliser

__all__ = ["Embed", "embed_by_characters", "embed_by_model", "embedder"]

Embed = Callable[[Sequence[str]], npt.NDArray[np.float64]]
"""Texts in, vectors out: shape (texts, size)."""

SIZE = 512


def embedder(triage: Triage) -> tuple[str, Embed]:
    """Return how texts become vectors, in words, and what does it."""
    if triage.model is None:
        return "characters", embed_by_characters
    return "the model's token values", embed_by_model(triage)


def embed_by_model(triage: Triage) -> Embed:
    """Return what pools the values that the model gives each token, weighted by its own attention: its logits.

    They are what every head sees: a text that moves there moves the decisions.
    """
    model, normalise = triage.model, Normaliser(triage.config.text)

    def embed(texts: Sequence[str]) -> npt.NDArray[np.float64]:
        if model is None or not texts:
            return np.empty((0, 0))
        return np.asarray(model.logits([normalise(text).text for text in texts]), dtype=float)

    return embed


def embed_by_characters(texts: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return hashed counts of characters and pairs, each text of length 1 (Weinberger et al. 2009)."""
    vectors = HashingVectorizer(analyzer="char", ngram_range=(1, 2), n_features=SIZE, norm="l2").transform(texts)
    return np.asarray(vectors.toarray(), dtype=float)
