"""The rules engine: one search, the scopes, then facet after facet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter

from triage.rules.facets import Judgement, decide, mood
from triage.rules.hits import CompiledRule, Decided, Hit, Reading
from triage.rules.lexicon import Lexicon, LexiconSpec
from triage.rules.matcher import PATTERN, Matcher, Span
from triage.rules.schema import FacetRules, ScopesFile, WordsFile
from triage.rules.scopes import ScopeFinder

__all__ = ["RulesEngine", "judging_order"]


class _Facet:
    """One facet, compiled: its rules, its words, and how hits become labels."""

    def __init__(self, rules: FacetRules, words: WordsFile, lexicon: LexiconSpec) -> None:
        self.name = rules.facet
        self._rules = rules
        self._compiled = [CompiledRule(spec, rules, words.expand) for spec in rules.rules]
        self._lexicon = Lexicon(lexicon, rules.facet)
        # Most rules have no anchor in most texts: look only at those that do.
        self._awake: dict[str, list[int]] = {}
        for place, rule in enumerate(self._compiled):
            for atom in rule.anchors:
                self._awake.setdefault(atom, []).append(place)
        self._always = [place for place, rule in enumerate(self._compiled) if not rule.anchors]

    @property
    def atoms(self) -> set[str]:
        """Everything that must be searched for."""
        degrees = self._rules.sentiment.degrees if self._rules.sentiment else ()
        return {*(atom for rule in self._compiled for atom in rule.atoms), *self._lexicon.words, *degrees}

    @property
    def words(self) -> Iterable[str]:
        """The words of the lexicon."""
        return self._lexicon.words

    def judge(self, reading: Reading, decided: Decided, present: Sequence[str]) -> Judgement:
        """Return the labels of the facet; ``present`` are the words of its lexicon that occur."""
        speaking = [hit for hit in self._hits(reading, decided) if hit.weight]
        spoken = self._lexicon.read(present, reading)
        if self._rules.sentiment is not None:
            words = self._lexicon.hits(spoken, self._rules.sentiment.mood, most=None)
            start = spoken.scores.get(self._rules.sentiment.mood, 0.0) - sum(hit.weight for hit in words)
            return mood(
                self._rules, self._rules.sentiment, speaking, words, start=start, reading=reading, decided=decided
            )
        return decide(self._rules, speaking, spoken.scores, lambda label: self._lexicon.hits(spoken, label))

    def explain(self, reading: Reading, decided: Decided, present: Sequence[str]) -> list[Hit]:
        """Return every hit, those that a scope blocked too, in the order of the text."""
        spoken = self._lexicon.read(present, reading)
        words = (hit for label in spoken.scores for hit in self._lexicon.hits(spoken, label, most=None))
        return sorted((*self._hits(reading, decided), *words), key=lambda hit: (hit.start, hit.end))

    def _hits(self, reading: Reading, decided: Decided) -> Iterable[Hit]:
        places = {place for atom in reading.occurrences.keys() & self._awake.keys() for place in self._awake[atom]}
        return (
            hit for place in sorted(places.union(self._always)) for hit in self._compiled[place].hits(reading, decided)
        )


class RulesEngine:
    """Judges every facet of a normalised text. Pure: the same text gives the same judgements.

    Args:
        facets: the rules of each facet.
        words: the named groups of words.
        scopes: the scopes.
        lexicon: weighted words beside the rules; none by default.

    Raises:
        ValueError: a group is unknown, or facets look at each other in a circle.
    """

    def __init__(
        self, facets: Sequence[FacetRules], words: WordsFile, scopes: ScopesFile, lexicon: LexiconSpec | None = None
    ) -> None:
        by_name = {rules.facet: rules for rules in facets}
        lexicon = lexicon or LexiconSpec()
        self._facets = [_Facet(by_name[name], words, lexicon) for name in judging_order(facets)]
        self._speaking: dict[str, list[int]] = {}
        for place, facet in enumerate(self._facets):
            for word in facet.words:
                self._speaking.setdefault(word, []).append(place)
        self._finder = ScopeFinder(scopes)
        atoms = {atom for facet in self._facets for atom in facet.atoms} | set(self._finder.words)
        patterns = {atom for atom in atoms if atom.startswith(PATTERN)}
        self._matcher = Matcher(atoms - patterns, {pattern.removeprefix(PATTERN) for pattern in patterns})

    def judge(self, text: str) -> dict[str, Judgement]:
        """Return a judgement for each facet; spans count in characters of ``text``."""
        reading = self._read(text)
        return {facet.name: judgement for facet, judgement, _, _ in self._run(reading)}

    def explain(self, text: str) -> dict[str, list[Hit]]:
        """Return every hit for each facet, those that a scope blocked too (weight 0), in the order of the text."""
        reading = self._read(text)
        return {facet.name: facet.explain(reading, decided, words) for facet, _, decided, words in self._run(reading)}

    def _read(self, text: str) -> Reading:
        layout = self._finder.layout(text)
        occurrences = self._matcher.find(text)
        return Reading(layout, occurrences, self._finder.find(text, layout, occurrences))

    def _run(self, reading: Reading) -> Iterator[tuple[_Facet, Judgement, Decided, list[str]]]:
        present: list[list[str]] = [[] for _ in self._facets]
        for atom in reading.occurrences:
            for place in self._speaking.get(atom, ()):
                present[place].append(atom)
        decided: dict[str, Mapping[str, Span]] = {}
        for facet, words in zip(self._facets, present, strict=True):
            judgement = facet.judge(reading, decided, words)
            yield facet, judgement, decided, words
            decided[facet.name] = {scored.label: _strongest(scored.hits) for scored in judgement.chosen}


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
