"""python -m triage.training.baseline [FILE…]: TF-IDF and a linear SVM, trained on the train split, per facet.

Characters (1 to 4) and jieba words side by side; a facet of several labels is one against the rest. Scored on the test
split of the corpus, on the development set of the rules, and on every FILE of labelled complaints.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import jieba
import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.metrics import f1_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import FeatureUnion
from sklearn.preprocessing import MultiLabelBinarizer
from sklearn.svm import LinearSVC

from triage.config import Config, load
from triage.training.corpus_rows import labels_of, read_corpus
from triage.training.labelled import Labelled, label_of, read_labelled
from triage.training.script import run

__all__ = ["Baseline", "main", "words"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department")
MULTIPLE = ("demands", "flags")
DEVSET = Path(__file__).parent / "devset"


def words(text: str) -> list[str]:
    """Return the jieba words of a text."""
    jieba.setLogLevel(logging.ERROR)
    return [word for word in jieba.cut(text.lower()) if word.strip()]


def features() -> FeatureUnion:
    """Return TF-IDF of characters and of words."""
    characters = TfidfVectorizer(analyzer="char", ngram_range=(1, 4), sublinear_tf=True, min_df=2)
    return FeatureUnion(
        [
            ("characters", characters),
            ("words", TfidfVectorizer(analyzer=words, sublinear_tf=True, min_df=2)),
        ]
    )


class Baseline:
    """One linear model for each facet.

    Args:
        rows: the complaints to learn from.
        config: the labels and the policy.
    """

    def __init__(self, rows: Sequence[Labelled], config: Config) -> None:
        self._config = config
        self._features = features()
        seen = self._features.fit_transform([row.text for row in rows])
        self._models = {
            facet: LinearSVC().fit(seen, [label_of(row, facet, config) for row in rows]) for facet in SINGLE
        }
        self._binarizers = {facet: MultiLabelBinarizer(classes=labels_of(config, facet)) for facet in MULTIPLE}
        for facet, binarizer in self._binarizers.items():
            right = binarizer.fit_transform([row.labels(facet) for row in rows])
            self._models[facet] = OneVsRestClassifier(LinearSVC()).fit(seen, right)
        self._mood = Ridge(alpha=2.0).fit(seen, [row.sentiment for row in rows])

    def figures(self, rows: Sequence[Labelled]) -> dict[str, float]:
        """Return accuracy and macro-F1 of single-label facets, micro-F1 of the others, and how near the mood comes."""
        seen = self._features.transform([row.text for row in rows])
        found: dict[str, float] = {}
        for facet in SINGLE:
            right = [label_of(row, facet, self._config) for row in rows]
            said = self._models[facet].predict(seen)
            found[f"{facet} accuracy"] = float(np.mean(said == np.array(right)))
            of = sorted(set(right))
            found[f"{facet} macro-F1"] = f1_score(right, said, labels=of, average="macro", zero_division=0)
        for facet, binarizer in self._binarizers.items():
            right_sets = binarizer.transform([row.labels(facet) for row in rows])
            said_sets = self._models[facet].predict(seen)
            found[f"{facet} micro-F1"] = f1_score(right_sets, said_sets, average="micro", zero_division=0)
        moods = np.array([row.sentiment for row in rows])
        found["sentiment mean absolute error"] = float(np.abs(self._mood.predict(seen) - moods).mean())
        return found


def main(files: Sequence[Path]) -> int:
    """Print a Markdown table with a column for each set of complaints."""
    config = load()
    train = list(read_corpus(splits=["train"]))
    sets: dict[str, list[Labelled]] = {"test split": list(read_corpus(splits=["test"]))}
    sets["development set of the rules"] = list(read_labelled(sorted(DEVSET.glob("*.jsonl")), config))
    sets |= {path.name: list(read_labelled([path], config)) for path in files}
    sets = {name: rows for name, rows in sets.items() if rows}
    model = Baseline(train, config)
    columns = {name: model.figures(rows) for name, rows in sets.items()}
    print(f"| trained on {len(train)} | " + " | ".join(f"{name} ({len(rows)})" for name, rows in sets.items()) + " |")
    print("|---|" + "---|" * len(sets))
    for figure in next(iter(columns.values())):
        print(f"| {figure} | " + " | ".join(f"{column[figure]:.3f}" for column in columns.values()) + " |")
    return 0


if __name__ == "__main__":
    run(lambda: main([Path(argument) for argument in sys.argv[1:]]))
