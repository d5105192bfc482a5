"""Heads and where their outputs lie."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from triage.errors import ModelError
from triage.model.heads import Head, Layout

SINGLE = Head("business", "single", ("a", "b", "c"))
ORDINAL = Head("urgency", "ordinal", ("low", "normal", "high", "critical"))
MULTI = Head("flags", "multi", ("x", "y"))
SCORE = Head("sentiment", "score")


@pytest.mark.parametrize(
    ("head", "outputs", "queries"), [(SINGLE, 3, 1), (ORDINAL, 3, 1), (MULTI, 2, 2), (SCORE, 1, 1)]
)
def test_sizes(head: Head, outputs: int, queries: int) -> None:
    assert (head.outputs, head.queries) == (outputs, queries)


def test_layout() -> None:
    layout = Layout([SINGLE, MULTI, ORDINAL, SCORE])
    assert (layout.outputs, layout.queries) == (9, 5)
    assert [layout[head.facet] for head in layout.heads] == [slice(0, 3), slice(3, 5), slice(5, 8), slice(8, 9)]
    assert layout.query_of == [0, 0, 0, 1, 2, 3, 3, 3, 4]


@pytest.mark.parametrize("head", [SINGLE, ORDINAL, MULTI, SCORE])
def test_round_trip(head: Head) -> None:
    assert Head.from_dict(asdict(head)) == head


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"facet": "a", "kind": "tree", "labels": ["x", "y"]}, "head a: kind is 'tree'; legal: single, ordinal"),
        ({"facet": "a", "kind": "single", "labels": ["x"]}, "head a: 1 labels; legal: 2 or more"),
        ({"facet": "a", "kind": "score", "labels": ["x", "y"]}, "head a: 2 labels; legal: 2 or more, none for a score"),
    ],
)
def test_no_head(data: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=said):
        Head.from_dict(data)
