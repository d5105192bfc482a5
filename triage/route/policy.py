"""Which department leads, which join, and which rows said so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from triage.route.conditions import Facts, holds
from triage.route.schema import PolicyRow, PolicySpec

__all__ = ["Routed", "route", "unreachable"]


@dataclass(frozen=True, slots=True)
class Routed:
    """The lead department, those that join it, and the ids of the rows that fired."""

    lead: str
    co: tuple[str, ...]
    because: tuple[str, ...]


def route(policy: PolicySpec, facts: Facts, second: Mapping[str, Sequence[str]]) -> Routed:
    """Return where a complaint goes.

    Args:
        policy: the rows.
        facts: the labels that hold.
        second: clear second labels by facet; their departments join when the policy's ``second`` names them.
    """
    lead = _first(policy, facts)
    joined: dict[str, str] = {}
    for row in policy.co:
        if row.co is not None and holds(row.when, facts):
            joined.setdefault(row.co, row.id)
    for facet, labels in second.items():
        for label in labels:
            if label in policy.second.get(facet, ()):
                joined.setdefault(_department(policy, facts, facet, label), f"second.{facet}.{label}")
    joined.pop(lead.lead or "", None)
    return Routed(lead.lead or "", tuple(joined), (lead.id, *dict.fromkeys(joined.values())))


def _department(policy: PolicySpec, facts: Facts, facet: str, label: str) -> str:
    """Return where the complaint would go if ``label`` came first; a second business stands without a reason."""
    kept = facts if facet == "reason" else {"channel": facts.get("channel", frozenset())}
    return _first(policy, {**kept, facet: frozenset((label,))}).lead or ""


def _first(policy: PolicySpec, facts: Facts) -> PolicyRow:
    return next(row for row in policy.lead if holds(row.when, facts))


def unreachable(policy: PolicySpec, labels: Mapping[str, Sequence[str]]) -> Iterator[PolicyRow]:
    """Yield lead rows that earlier rows leave nothing to decide, whatever single labels a complaint has.

    Args:
        policy: the rows.
        labels: the legal labels of every facet that a row looks at.
    """
    looked_at = sorted({facet for row in policy.lead for facet in row.when})
    reached = set()
    for combination in product(*(labels[facet] for facet in looked_at)):
        facts = {facet: frozenset((label,)) for facet, label in zip(looked_at, combination, strict=True)}
        reached.add(_first(policy, facts).id)
    yield from (row for row in policy.lead if row.id not in reached)
