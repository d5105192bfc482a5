"""What every baseline can do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, Self

from triage.config import Config
from triage.training.evaluate.answer import Answer
from triage.training.labelled import Labelled

__all__ = ["Baseline"]


class Baseline(Protocol):
    """Learns from labelled complaints and answers for others.

    Attributes:
        name: its column in tables.
    """

    name: str

    def fit(self, rows: Sequence[Labelled], config: Config) -> Self:
        """Learn from ``rows``, at least one; return itself."""
        ...

    def predict(self, texts: Sequence[str]) -> list[Answer]:
        """Answer for each text, in their order; facets that it cannot judge are left out."""
        ...
