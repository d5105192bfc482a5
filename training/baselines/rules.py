"""The rules of the configuration, without any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from triage.config import Config
from triage.errors import UsageError
from triage.pipeline import Triage
from triage.training.evaluate.answer import Answer, answers_of
from triage.training.labelled import Labelled

__all__ = ["Rules"]


class Rules:
    """Learns nothing: the rules are what the configuration says."""

    name = "rules"

    def __init__(self) -> None:
        self._triage: Triage | None = None

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Take the rules from ``config``; ``rows`` are not looked at. Return itself."""
        self._triage = Triage(config)
        return self

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order.

        Raises:
            UsageError: :meth:`fit` was not called.
            InputError: a text cannot be decided.
        """
        if self._triage is None:
            raise UsageError("rules: predict was called before fit; legal: fit first")
        return answers_of(self._triage, texts)
