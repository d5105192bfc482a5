"""One simple model for each facet over the same features, whatever the features and the models are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from triage.config import Config
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer, right_answer
from triage.training.labelled import Labelled

__all__ = ["Heads"]

Features = Any
"""A matrix, dense or sparse, of shape (rows, features)."""


class Heads:
    """A classifier for each single-label facet, one for each label of the others, and a regressor of the sentiment.

    Args:
        classifier: makes an untrained scikit-learn classifier.
        regressor: makes an untrained scikit-learn regressor.
    """

    def __init__(self, classifier: Callable[[], Any], regressor: Callable[[], Any]) -> None:
        self._classifier, self._regressor = classifier, regressor
        self._single: dict[str, Any] = {}
        self._labels: dict[str, dict[str, Any]] = {}
        self._mood: Any = None

    def fit(self, seen: Features, rows: Sequence[Labelled], config: Config) -> Self:
        """Learn from the features ``seen``, shape (rows, features), of the labelled complaints ``rows``."""
        right = [right_answer(row, config) for row in rows]
        self._single = {facet: self._learn(seen, [one.single[facet] for one in right]) for facet in SINGLE}
        for facet in MULTIPLE:
            sets = [one.multiple[facet] for one in right]
            known = sorted(set().union(*sets))
            self._labels[facet] = {label: self._learn(seen, [label in one for one in sets]) for label in known}
        self._mood = self._regressor().fit(seen, [row.sentiment for row in rows])
        return self

    def predict(self, seen: Features) -> list[Answer]:
        """Answer for each row of ``seen``, shape (rows, features)."""
        single = {facet: model.predict(seen) for facet, model in self._single.items()}
        tags = {
            facet: {label: model.predict(seen) for label, model in models.items()}
            for facet, models in self._labels.items()
        }
        confidence = {
            facet: model.predict_proba(seen).max(axis=1)
            for facet, model in self._single.items()
            if hasattr(model, "predict_proba")
        }
        moods = np.clip(self._mood.predict(seen), -1, 1)
        return [
            Answer(
                single={facet: str(said[row]) for facet, said in single.items()},
                multiple={facet: _held(said, row) for facet, said in tags.items()},
                sentiment=float(moods[row]),
                confidence={facet: float(sure[row]) for facet, sure in confidence.items()},
            )
            for row in range(len(moods))
        ]

    def _learn(self, seen: Features, right: Sequence[str | bool]) -> Any:  # noqa: ANN401 - scikit-learn has no types
        return self._classifier().fit(seen, right) if len(set(right)) > 1 else _Constant(right[0])


class _Constant:
    """Says the only label that there was to learn: classifiers refuse to learn from one."""

    def __init__(self, label: str | bool) -> None:
        self._label = label

    def predict(self, seen: Features) -> npt.NDArray[Any]:
        return np.full(seen.shape[0], self._label)

    def predict_proba(self, seen: Features) -> npt.NDArray[np.float64]:
        return np.ones((seen.shape[0], 1))


def _held(said: Mapping[str, npt.NDArray[Any]], row: int) -> frozenset[str]:
    return frozenset(label for label, held in said.items() if held[row])
