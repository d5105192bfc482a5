"""How likely each department is, when labels are uncertain and the policy is not."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from triage.pipeline.views import Choice
from triage.route import route
from triage.route.conditions import Facts
from triage.route.schema import PolicySpec
from triage.types import Alternative

__all__ = ["Departments"]

LABELS = 5
"""Labels of a facet that are followed at most, the likeliest."""


class Departments:
    """Sums the probabilities of all labels that lead to a department.

    Args:
        policy: the routing policy.
    """

    def __init__(self, policy: PolicySpec) -> None:
        self._policy = policy
        self._facets = sorted({facet for row in policy.lead for facet in row.when})
        self._leads: dict[tuple[tuple[str, ...], ...], str] = {}

    def likely(self, choices: Mapping[str, Choice], facts: Facts) -> dict[str, float]:
        """Return the probability of each lead department; empty when a facet that matters has no probabilities.

        Facets are taken as independent of each other, which they are but roughly.

        Args:
            choices: the labels, with their probabilities.
            facts: what holds; it stands for facets without probabilities, and for what the caller knows.
        """
        rows = []
        for facet in self._facets:
            choice = choices.get(facet)
            known = tuple(sorted(facts[facet])) if facet in facts else ()
            if choice is None or known != (choice.label,):
                rows.append([(known, 1.0)])
            elif not choice.probabilities:
                return {}
            else:
                ranked = sorted(choice.probabilities.items(), key=lambda pair: -pair[1])[:LABELS]
                rows.append([((label,), probability) for label, probability in ranked])
        found: dict[str, float] = {}
        for labels in product(*rows):
            lead = self._lead(tuple(label for label, _ in labels))
            weight = 1.0
            for _, probability in labels:
                weight *= probability
            found[lead] = found.get(lead, 0.0) + weight
        return found

    def others(self, likely: Mapping[str, float], lead: str) -> tuple[Alternative, ...]:
        """Return the three likeliest departments beside the lead."""
        ranked = sorted(likely.items(), key=lambda pair: -pair[1])
        return tuple(Alternative(name, round(weight, 4)) for name, weight in ranked if name != lead)[:3]

    def _lead(self, labels: tuple[tuple[str, ...], ...]) -> str:
        if labels not in self._leads:
            facts = {facet: frozenset(label) for facet, label in zip(self._facets, labels, strict=True)}
            self._leads[labels] = route(self._policy, facts, {}).lead
        return self._leads[labels]
