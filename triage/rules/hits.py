"""One rule, compiled: from occurrences in a text to hits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from triage.rules.matcher import Matcher, Occurrences, Span
from triage.rules.schema import ContextSpec, FacetRules, RuleSpec
from triage.rules.scopes import Layout, inside

__all__ = ["CompiledRule", "Decided", "Hit", "Reading", "holds"]

Expand = Callable[[tuple[str, ...]], tuple[str, ...]]
Decided = Mapping[str, Mapping[str, Span]]
"""For each facet judged before, its labels, each with the span of its strongest hit; (0, 0) where there is none."""


def holds(when: Mapping[str, tuple[str, ...]], decided: Decided) -> bool:
    """Tell whether for every facet of ``when`` one of its labels was decided."""
    return all(any(label in decided.get(facet, {}) for label in labels) for facet, labels in when.items())


@dataclass(frozen=True, slots=True)
class Hit:
    """One place where a rule speaks.

    Attributes:
        rule: the id of the rule.
        label: the label that it speaks for.
        start: first character of the anchor in the text that was searched.
        end: one past its last character.
        weight: what the hit adds, scopes and repetition counted in; 0 when a scope blocks it.
        scopes: the scopes that the anchor lies in.
    """

    rule: str
    label: str
    start: int
    end: int
    weight: float
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one text before any rule looks at it."""

    layout: Layout
    occurrences: Occurrences
    scopes: Mapping[str, list[Span]]


class _Context:
    def __init__(self, spec: ContextSpec, expand: Expand) -> None:
        self.atoms = frozenset((*expand(spec.words), *map(Matcher.key, spec.patterns)))
        self._spec = spec

    def holds(self, anchor: Span | None, reading: Reading) -> bool:
        """Tell whether the context is there, seen from ``anchor`` (None: anywhere in the text)."""
        present = [atom for atom in self.atoms if atom in reading.occurrences]
        if anchor is None:
            return bool(present)
        return any(self._beside(anchor, span, reading.layout) for a in present for span in reading.occurrences[a])

    def _beside(self, anchor: Span, other: Span, layout: Layout) -> bool:
        spec = self._spec
        if spec.side == "before":
            gap = anchor[0] - other[1]
        elif spec.side == "after":
            gap = other[0] - anchor[1]
        else:
            gap = max(anchor[0] - other[1], other[0] - anchor[1], 0)
        if spec.side != "either" and gap < 0:
            return False
        if spec.within is not None and gap > spec.within:
            return False
        return layout.together(anchor[0], other[0], spec.same)


class CompiledRule:
    """A rule whose groups are expanded and whose scope factors are settled."""

    def __init__(self, spec: RuleSpec, facet: FacetRules, expand: Expand) -> None:
        self.spec = spec
        self.anchors = (*expand(spec.words), *map(Matcher.key, spec.patterns))
        self.exclude = expand(spec.exclude)
        self._with = [_Context(context, expand) for context in spec.with_]
        self._without = [_Context(context, expand) for context in spec.without]
        self._factors = {**facet.scopes, **spec.scopes}

    @property
    def atoms(self) -> Iterable[str]:
        """Everything that must be searched for on behalf of this rule."""
        yield from (*self.anchors, *self.exclude)
        for context in (*self._with, *self._without):
            yield from context.atoms

    def hits(self, reading: Reading, decided: Decided) -> list[Hit]:
        """Return the hits of this rule, the strongest first; blocked ones come last, with weight 0.

        Args:
            reading: what was found in the text.
            decided: the labels of the facets judged before; a rule without an anchor shows the evidence of the label
                that it looks at.
        """
        spec = self.spec
        if not holds(spec.when, decided) or any(holds({facet: some}, decided) for facet, some in spec.unless.items()):
            return []
        if not self.anchors:
            spans = (decided[facet].get(label, (0, 0)) for facet, labels in spec.when.items() for label in labels)
            start, end = next((span for span in spans if span[1]), (0, 0))
            return [Hit(spec.id, spec.label, start, end, spec.weight)] if self._in_context(None, reading) else []
        hits = []
        for start, end in self._anchor_spans(reading):
            if not self._in_context((start, end), reading):
                continue
            scopes = tuple(name for name, spans in reading.scopes.items() if _touches(spans, start, end))
            factor = 1.0
            for name in scopes:
                factor *= self._factors.get(name, 1.0)
            hits.append(Hit(spec.id, spec.label, start, end, spec.weight * factor, scopes))
        hits.sort(key=lambda hit: (-abs(hit.weight), hit.start))
        return [self._fade(hit, place) for place, hit in enumerate(hits)]

    def _anchor_spans(self, reading: Reading) -> list[Span]:
        occurrences = reading.occurrences
        spans = sorted(
            {span for atom in self.anchors for span in occurrences.get(atom, ())}, key=lambda s: (s[0], s[0] - s[1])
        )
        excluded = [span for word in self.exclude for span in occurrences.get(word, ())]
        kept: list[Span] = []
        for start, end in spans:
            # 信用卡中心 and 信用卡 at the same place are one mention.
            if (kept and end <= kept[-1][1]) or inside(excluded, start, end):
                continue
            kept.append((start, end))
        return kept

    def _in_context(self, anchor: Span | None, reading: Reading) -> bool:
        return all(context.holds(anchor, reading) for context in self._with) and not any(
            context.holds(anchor, reading) for context in self._without
        )

    def _fade(self, hit: Hit, place: int) -> Hit:
        if place == 0:
            return hit
        share = self.spec.repeat if place < self.spec.most else 0.0
        return Hit(hit.rule, hit.label, hit.start, hit.end, hit.weight * share, hit.scopes)


def _touches(spans: Iterable[Span], start: int, end: int) -> bool:
    return any(a < end and start < b for a, b in spans)
