"""What a model judges: one head for each facet, and where its outputs lie."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal, Self, get_args

from triage.errors import ModelError

__all__ = ["Head", "Kind", "Layout"]

Kind = Literal["single", "ordinal", "multi", "score"]
"""``single``: one label of several; ``ordinal``: one of several in rising order; ``multi``: any number of labels;
``score``: a number in [-1, 1]."""


@dataclass(frozen=True, slots=True)
class Head:
    """One facet that a model judges.

    Attributes:
        facet: its name.
        kind: what the outputs mean.
        labels: ids, in the order of the outputs; of an ordinal head from the lowest to the highest; empty for a score.
    """

    facet: str
    kind: Kind
    labels: tuple[str, ...] = ()

    @property
    def outputs(self) -> int:
        """How many numbers it needs: an ordinal head one for each step up, a score one, another one for each label."""
        return {"single": len(self.labels), "ordinal": len(self.labels) - 1, "multi": len(self.labels), "score": 1}[
            self.kind
        ]

    @property
    def queries(self) -> int:
        """How many ways of looking at the text it has: a multi-label head one for each label, another one."""
        return len(self.labels) if self.kind == "multi" else 1

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Read back what :func:`dataclasses.asdict` wrote.

        Raises:
            ModelError: the kind is unknown or the labels do not fit it.
        """
        head = cls(data["facet"], data["kind"], tuple(data["labels"]))
        if head.kind not in get_args(Kind):
            raise ModelError(f"head {head.facet}: kind is {head.kind!r}; legal: {', '.join(get_args(Kind))}")
        if (len(head.labels) < 2) != (head.kind == "score") and head.kind != "multi":
            raise ModelError(f"head {head.facet}: {len(head.labels)} labels; legal: 2 or more, none for a score")
        return head


class Layout:
    """Where each head's outputs and queries lie in the model's two arrays.

    Args:
        heads: in the order of the arrays.
    """

    def __init__(self, heads: Sequence[Head]) -> None:
        self.heads = tuple(heads)
        self.outputs = sum(head.outputs for head in heads)
        self.queries = sum(head.queries for head in heads)
        starts = accumulate((head.outputs for head in heads), initial=0)
        self._slices = {
            head.facet: slice(start, start + head.outputs) for head, start in zip(heads, starts, strict=False)
        }
        self.query_of = self._query_of()

    def __getitem__(self, facet: str) -> slice:
        """Return the columns of a facet's outputs."""
        return self._slices[facet]

    def _query_of(self) -> list[int]:
        """Return for each output the query that weighs the text for it."""
        places: list[int] = []
        first = 0
        for head in self.heads:
            places += [first + number if head.kind == "multi" else first for number in range(head.outputs)]
            first += head.queries
        return places
