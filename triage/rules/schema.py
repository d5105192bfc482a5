"""The schema of ``configs/rules/``: words, scopes, and one file of rules for each facet.

A rule is data. It has *anchors* (words or RE2 expressions) that must occur, *contexts* that must (``with``) or must
not (``without``) occur, near the anchor or anywhere, and a *weight* that it adds to its label. *Scopes* are
stretches of text (negated, quoted, hypothetical, settled …); each facet, or a rule for itself, says by which factor a
hit inside such a stretch counts: 0 blocks it, 1 ignores the scope, 1.5 strengthens it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

import re2
from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from triage.rules.matcher import compiled
from triage.schema import CHECKED, Ident, Spec, Text, VersionedSpec

__all__ = [
    "ContextSpec",
    "FacetRules",
    "RuleSpec",
    "ScopeSpec",
    "ScopesFile",
    "SentimentSpec",
    "WordsFile",
]


def _expression(value: str, info: ValidationInfo) -> str:
    if info.context is CHECKED:
        return value
    try:
        expression = compiled(value)
    except re2.error as error:
        detail = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error.args[0])
        raise ValueError(
            f"not an RE2 expression ({detail}); look-around and back-references are not part of RE2"
        ) from None
    if expression.search("") is not None:
        raise ValueError("an expression that matches the empty text would match everywhere; legal: one that needs text")
    return value


Expression = Annotated[str, AfterValidator(_expression)]
"""An RE2 expression; it runs in time linear in the text."""

Factor = Annotated[float, Field(ge=0, le=4)]


class WordsFile(VersionedSpec):
    """``words.yaml``: named groups of words; a rule names a group as ``@name``. A group may name other groups."""

    groups: dict[Ident, tuple[Text, ...]]

    @model_validator(mode="after")
    def _known_and_acyclic(self) -> Self:
        for name in self.groups:
            self.expand((f"@{name}",))
        return self

    def expand(self, words: tuple[str, ...], _open: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return ``words`` with every ``@group`` replaced by its words, in order, without repeats.

        Raises:
            ValueError: a group is unknown, or contains itself.
        """
        flat: dict[str, None] = {}
        for word in words:
            if not word.startswith("@"):
                flat[word] = None
                continue
            name = word[1:]
            if name in _open:
                raise ValueError(f"the group {name!r} contains itself: {' → '.join((*_open, name))}")
            if name not in self.groups:
                raise ValueError(f"no group {word!r} in words.yaml; legal: {', '.join(sorted(self.groups)) or 'none'}")
            flat |= dict.fromkeys(self.expand(self.groups[name], (*_open, name)))
        return tuple(flat)


class ScopeSpec(Spec):
    """How the stretches of one scope are found.

    Attributes:
        cues: words that open the scope.
        exclude: longer words that contain a cue and do not open it (没想到 for 没).
        side: whether the stretch lies after the cue, before it, or on both sides.
        reach: how many characters it reaches at most.
        until: where it ends at the latest.
        pairs: opening and closing marks, for a scope that is bracketed instead (quotation).
        shortest: a bracketed stretch with fewer characters is a name or an emphasis, not a scope.
        first: the scope is the first so many characters of the text.
        last: the scope is the last so many characters of the text.
    """

    cues: tuple[Text, ...] = ()
    exclude: tuple[Text, ...] = ()
    side: Literal["after", "before", "both"] = "after"
    reach: Annotated[int, Field(ge=1, le=100_000)] = 12
    until: Literal["clause", "sentence", "text"] = "clause"
    pairs: tuple[Annotated[str, Field(min_length=2, max_length=2)], ...] = ()
    shortest: Annotated[int, Field(ge=0)] = 0
    first: Annotated[int, Field(ge=0)] = 0
    last: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _finds_something(self) -> Self:
        if not (self.cues or self.pairs or self.first or self.last):
            raise ValueError("a scope needs one of: cues, pairs, first, last")
        return self


class ScopesFile(VersionedSpec):
    """``scopes.yaml``: the marks that end a clause or a sentence, and the scopes by name."""

    clause_marks: Text
    sentence_marks: Text
    scopes: dict[Ident, ScopeSpec]


class ContextSpec(Spec):
    """Something that must, or must not, occur beside an anchor.

    Attributes:
        words: any of these words (``@group`` allowed).
        patterns: or any of these expressions.
        within: at most so many characters between anchor and context; None for no limit.
        side: where the context stands, seen from the anchor.
        same: both stand in the same clause or sentence, or anywhere in the text.
    """

    words: tuple[Text, ...] = ()
    patterns: tuple[Expression, ...] = ()
    within: Annotated[int, Field(ge=0, le=10_000)] | None = None
    side: Literal["either", "before", "after"] = "either"
    same: Literal["clause", "sentence", "text"] = "text"

    @model_validator(mode="after")
    def _has_something(self) -> Self:
        if not (self.words or self.patterns):
            raise ValueError("a context needs words or patterns")
        return self


class RuleSpec(Spec):
    """One rule. At least one of ``words``, ``patterns`` and ``when`` is given.

    Attributes:
        id: unique in the folder; evidence names it as ``rule:<id>``.
        label: the label that the rule speaks for.
        weight: what one hit adds to the label; negative speaks against it.
        words: anchors (``@group`` allowed).
        patterns: anchors as RE2 expressions.
        exclude: longer words inside which an anchor does not count.
        with_: contexts that must all be there (key ``with`` in the file).
        without: contexts none of which may be there.
        when: labels of facets judged before this one, e.g. ``{reason: [collection_conduct]}``; all must hold.
        unless: the same, none may hold.
        scopes: factors of this rule by scope, over those of the facet.
        repeat: the share of the weight that each further hit adds.
        most: how many hits count at most.
        note: why the rule is there, for the next reader.
    """

    model_config = Spec.model_config | {"populate_by_name": True}

    id: Ident
    label: Ident
    weight: Annotated[float, Field(ge=-20, le=20)] = 1.0
    words: tuple[Text, ...] = ()
    patterns: tuple[Expression, ...] = ()
    exclude: tuple[Text, ...] = ()
    with_: Annotated[tuple[ContextSpec, ...], Field(alias="with")] = ()
    without: tuple[ContextSpec, ...] = ()
    when: dict[Ident, tuple[Ident, ...]] = {}
    unless: dict[Ident, tuple[Ident, ...]] = {}
    scopes: dict[Ident, Factor] = {}
    repeat: Annotated[float, Field(ge=0, le=1)] = 0.0
    most: Annotated[int, Field(ge=1, le=10)] = 3
    note: str = ""

    @model_validator(mode="after")
    def _has_an_anchor(self) -> Self:
        if not (self.words or self.patterns or self.when):
            raise ValueError(f"the rule {self.id!r} can never fire; give words, patterns or when")
        if not (self.words or self.patterns) and any(c.within is not None or c.same != "text" for c in self.with_):
            raise ValueError(f"the rule {self.id!r} has no anchor to measure `within` or `same` from")
        if self.weight == 0:
            raise ValueError(f"the rule {self.id!r} has weight 0; legal: any other number in [-20, 20]")
        return self


class SentimentSpec(Spec):
    """How hits become a score in [-1, 1]: ``tanh((base + Σ weight x factors) / scale)``.

    Attributes:
        base: what a complaint without any mood word has; ``base_when`` may replace it by labels judged before.
        base_when: ordered rows; the first whose ``when`` holds sets the base.
        scale: the sum at which the score reaches tanh(1) = 0.76.
        negated: the factor of a hit inside the scope ``negated``: below 0 it turns the mood.
        degrees: words that strengthen or weaken the mood word that follows, with their factors.
        degree_within: how many characters may stand between.
        mood: the label under which the lexicon holds the words of sentiment.
        irony: the label of the rules that mark irony; one hit turns every positive hit by ``irony_turn``.
    """

    class Base(Spec):
        """One row of ``base_when``."""

        when: dict[Ident, tuple[Ident, ...]]
        base: Annotated[float, Field(ge=-5, le=5)]

    base: Annotated[float, Field(ge=-5, le=5)] = 0.0
    base_when: tuple[Base, ...] = ()
    scale: Annotated[float, Field(gt=0, le=20)] = 2.0
    negated: Annotated[float, Field(ge=-2, le=1)] = -0.5
    degrees: dict[Text, Annotated[float, Field(gt=0, le=4)]] = {}
    degree_within: Annotated[int, Field(ge=0, le=20)] = 2
    mood: Ident = "mood"
    irony: Ident = "irony"
    irony_turn: Annotated[float, Field(ge=-2, le=1)] = -1.0


class FacetRules(VersionedSpec):
    """The rules of one facet.

    Attributes:
        facet: the facet of the taxonomy.
        decide: ``best``: the label with the highest score; ``ordered``: the first label of ``order`` that reaches the
            threshold; ``all``: every label that reaches it; ``score``: a number (sentiment).
        order: for ``ordered`` the order of trial, for ``best`` the order in a tie.
        default: the label when none reaches the threshold; none for ``all`` and ``score``.
        threshold: the score that a label needs.
        thresholds: other thresholds by label.
        second_share: with ``best``: a runner-up counts as a clear second label from this share of the best score on.
        second_least: and from this score on.
        scopes: factors by scope for every rule of the facet.
        sentiment: how ``score`` is computed.
        rules: the rules.
    """

    facet: Ident
    decide: Literal["best", "ordered", "all", "score"]
    order: tuple[Ident, ...] = ()
    default: Ident | None = None
    threshold: Annotated[float, Field(gt=0)] = 1.0
    thresholds: dict[Ident, Annotated[float, Field(gt=0)]] = {}
    second_share: Annotated[float, Field(gt=0, le=1)] = 0.8
    second_least: Annotated[float, Field(gt=0)] = 4.0
    scopes: dict[Ident, Factor] = {}
    sentiment: SentimentSpec | None = None
    rules: tuple[RuleSpec, ...]

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.decide in ("best", "ordered") and self.default is None:
            raise ValueError(f"decide: {self.decide} needs a default label")
        if self.decide == "ordered" and not self.order:
            raise ValueError("decide: ordered needs an order of labels")
        if (self.decide == "score") != (self.sentiment is not None):
            raise ValueError("decide: score and the section `sentiment` go together")
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"the rule id {rule.id!r} stands twice; ids are unique")
            if self.facet in (*rule.when, *rule.unless):
                raise ValueError(
                    f"the rule {rule.id!r} looks at its own facet {self.facet!r}; legal: facets judged before"
                )
            seen.add(rule.id)
        return self
