"""The one way in which rows of every policy ask for labels."""

from __future__ import annotations

from collections.abc import Mapping, Set

__all__ = ["Facts", "holds"]

Facts = Mapping[str, Set[str]]
"""The labels of each facet that hold for a complaint."""


def holds(when: Mapping[str, tuple[str, ...]], facts: Facts) -> bool:
    """Tell whether for every facet of ``when`` one of its labels holds."""
    return all(not facts.get(facet, frozenset()).isdisjoint(labels) for facet, labels in when.items())
