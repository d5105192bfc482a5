"""The rules engine: one search, the scopes, then facet after facet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from triage.rules.facets import Judgement, decide, mood
from triage.rules.hits import CompiledRule, Hit, Reading
from triage.rules.matcher import Matcher, Span
from triage.rules.schema import FacetRules, ScopesFile, WordsFile
from triage.rules.scopes import ScopeFinder

__all__ = ["RulesEngine", "judging_order"]


class RulesEngine:
    """Judges every facet of a normalised text. Pure: the same text gives the same judgements.

    Args:
        facets: the rules of each facet.
        words: the named groups of words.
        scopes: the scopes.

    Raises:
        ValueError: a group is unknown, or facets look at each other in a circle.
    """

    def __init__(self, facets: Sequence[FacetRules], words: WordsFile, scopes: ScopesFile) -> None:
        by_name = {rules.facet: rules for rules in facets}
        self._facets = [
            (by_name[name], [CompiledRule(spec, by_name[name], words.expand) for spec in by_name[name].rules])
            for name in judging_order(facets)
        ]
        self._finder = ScopeFinder(scopes)
        atoms = {atom for _, rules in self._facets for rule in rules for atom in rule.atoms}
        degrees = {word for rules in facets if rules.sentiment for word in rules.sentiment.degrees}
        patterns = {atom[1:] for atom in atoms if atom.startswith("\0")}
        self._matcher = Matcher(
            {a for a in atoms if not a.startswith("\0")} | degrees | set(self._finder.words), patterns
        )
        # Most rules have no anchor in most texts: look only at those that do.
        self._awake: list[dict[str, list[int]]] = []
        self._always: list[list[int]] = []
        for _, rules in self._facets:
            awake: dict[str, list[int]] = {}
            for place, rule in enumerate(rules):
                for atom in rule.anchors:
                    awake.setdefault(atom, []).append(place)
            self._awake.append(awake)
            self._always.append([place for place, rule in enumerate(rules) if not rule.anchors])

    def judge(self, text: str) -> dict[str, Judgement]:
        """Return a judgement for each facet; spans count in characters of ``text``."""
        return {facet: judgement for facet, judgement, _ in self._run(text)}

    def explain(self, text: str) -> dict[str, list[Hit]]:
        """Return every hit for each facet, those that a scope blocked too (weight 0), in the order of the text."""
        return {facet: sorted(hits, key=lambda h: (h.start, h.end)) for facet, _, hits in self._run(text)}

    def _run(self, text: str) -> Iterable[tuple[str, Judgement, list[Hit]]]:
        layout = self._finder.layout(text)
        occurrences = self._matcher.find(text)
        reading = Reading(layout, occurrences, self._finder.find(text, layout, occurrences))
        decided: dict[str, Mapping[str, Span]] = {}
        for (facet, rules), awake, always in zip(self._facets, self._awake, self._always, strict=True):
            places = {place for atom in occurrences if atom in awake for place in awake[atom]}
            hits = [h for p in sorted(places.union(always)) for h in rules[p].hits(reading, decided)]
            speaking = [hit for hit in hits if hit.weight]
            if facet.sentiment is not None:
                judgement = mood(facet, facet.sentiment, speaking, reading=reading, decided=decided)
            else:
                judgement = decide(facet, speaking)
            decided[facet.facet] = {scored.label: _strongest(scored.hits) for scored in judgement.chosen}
            yield facet.facet, judgement, hits


def _strongest(hits: Sequence[Hit]) -> Span:
    return next(((hit.start, hit.end) for hit in hits if hit.end), (0, 0))


def judging_order(facets: Sequence[FacetRules]) -> list[str]:
    """Return the facets in an order in which each comes after those that its rules look at.

    Raises:
        ValueError: two facets look at each other, or a facet looks at one that has no rules.
    """
    graph: dict[str, set[str]] = {}
    for rules in facets:
        rows: list[Mapping[str, tuple[str, ...]]] = [when for rule in rules.rules for when in (rule.when, rule.unless)]
        rows += [row.when for row in rules.sentiment.base_when] if rules.sentiment else []
        graph[rules.facet] = {name for row in rows for name in row}
    known = set(graph)
    for facet, looks in graph.items():
        if looks - known:
            raise ValueError(f"the rules of {facet!r} look at {sorted(looks - known)}; legal: {sorted(known)}")
    try:
        return list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        raise ValueError(f"facets look at each other in a circle: {' → '.join(error.args[1])}") from None
