"""The words of a text, and TF-IDF of its words and characters."""

from __future__ import annotations

import logging

import jieba
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import FeatureUnion

__all__ = ["features", "words"]


def words(text: str) -> list[str]:
    """Return the jieba words of a text."""
    jieba.setLogLevel(logging.ERROR)
    return [word for word in jieba.cut(text.lower()) if word.strip()]


def features(*, least: int = 2) -> FeatureUnion:
    """Return TF-IDF of characters (1 to 4) and of words; what fewer than ``least`` texts hold does not count."""
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=least)
    return FeatureUnion(
        [
            ("characters", characters),
            ("words", TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=least)),
        ]
    )
