"""Finds rules that can never fire, and rules that nobody meant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from triage.rules.engine import judging_order
from triage.rules.lexicon import LexiconSpec
from triage.rules.schema import FacetRules, RuleSpec, ScopesFile, WordsFile

__all__ = ["broken_lexicon", "broken_references", "dead_rules", "dead_words"]

Found = tuple[str, str, str]
"""The file, the key in it, and what is wrong and legal."""


def broken_references(
    facets: Sequence[FacetRules], words: WordsFile, scopes: ScopesFile, legal: Mapping[str, Sequence[str]]
) -> Iterator[Found]:
    """Yield every name in the rules that nothing answers to: such a configuration must not be used.

    Args:
        facets: the rules of each facet.
        words: the groups of words.
        scopes: the scopes.
        legal: the labels of each facet that the taxonomy knows; sentiment has ``positive``, ``negative`` and its irony.
    """
    try:
        judging_order(facets)
    except ValueError as error:
        yield "rules", "", str(error)
    for rules in facets:
        file = f"rules/{rules.facet}.yaml"
        known = legal[rules.facet]
        for key, label in _labels(rules):
            if label not in known:
                yield file, key, f"{label!r} is no label of {rules.facet}; legal: {', '.join(known)}"
        for name in rules.scopes:
            if name not in scopes.scopes:
                yield file, f"scopes.{name}", f"no such scope; legal: {', '.join(scopes.scopes)}"
        for rule in rules.rules:
            yield from ((file, f"rules.{rule.id}", said) for said in _broken(rule, words, scopes, legal))


def broken_lexicon(lexicon: LexiconSpec, legal: Mapping[str, Sequence[str]]) -> Iterator[Found]:
    """Yield every facet and label of the lexicon that nothing answers to."""
    for facet, words in lexicon.weights.items():
        if facet not in legal:
            yield "rules/lexicon.csv", facet, f"no facet {facet!r}; legal: {', '.join(legal)}"
            continue
        for word, row in words.items():
            for label in row:
                if label not in legal[facet]:
                    yield (
                        "rules/lexicon.csv",
                        word,
                        f"{label!r} is no label of {facet}; legal: {', '.join(legal[facet])}",
                    )


def dead_words(lexicon: LexiconSpec, normal: Callable[[str], str]) -> Iterator[Found]:
    """Yield every word of the lexicon that no normalised text can hold."""
    for facet, words in lexicon.weights.items():
        yield from _abnormal("rules/lexicon.csv", facet, tuple(words), normal)


def _labels(rules: FacetRules) -> Iterator[tuple[str, str]]:
    yield from (("order", label) for label in rules.order)
    yield from ((f"thresholds.{label}", label) for label in rules.thresholds)
    yield from ((f"rules.{rule.id}.label", rule.label) for rule in rules.rules)
    if rules.default is not None:
        yield "default", rules.default


def _broken(rule: RuleSpec, words: WordsFile, scopes: ScopesFile, legal: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for group in (rule.words, rule.exclude, *(context.words for context in (*rule.with_, *rule.without))):
        try:
            words.expand(group)
        except ValueError as error:
            yield str(error)
    for name in rule.scopes:
        if name not in scopes.scopes:
            yield f"no scope {name!r}; legal: {', '.join(scopes.scopes)}"
    for when in (rule.when, rule.unless):
        for facet, labels in when.items():
            for label in labels:
                if label not in legal.get(facet, ()):
                    yield f"{label!r} is no label of {facet}; legal: {', '.join(legal.get(facet, ())) or 'none'}"


def dead_rules(
    facets: Sequence[FacetRules], words: WordsFile, scopes: ScopesFile, normal: Callable[[str], str]
) -> Iterator[Found]:
    """Yield rules and words that can never have an effect.

    Args:
        facets: the rules of each facet.
        words: the groups of words.
        scopes: the scopes.
        normal: gives the normal form of a word; a word that is not in normal form meets no text.
    """
    for group, members in words.groups.items():
        yield from _abnormal("rules/words.yaml", f"groups.{group}", members, normal)
    for name, scope in scopes.scopes.items():
        yield from _abnormal("rules/scopes.yaml", f"scopes.{name}", (*scope.cues, *scope.exclude), normal)
    used = {word[1:] for rules in facets for rule in rules.rules for word in _words(rule) if word.startswith("@")}
    used |= {word[1:] for members in words.groups.values() for word in members if word.startswith("@")}
    yield from (
        ("rules/words.yaml", f"groups.{group}", "no rule uses this group")
        for group in words.groups
        if group not in used
    )
    for rules in facets:
        file = f"rules/{rules.facet}.yaml"
        seen: dict[str, str] = {}
        best = _reachable(rules)
        for rule in rules.rules:
            key = f"rules.{rule.id}"
            yield from _abnormal(file, key, _words(rule), normal)
            said = _never(rule, words)
            if said:
                yield file, key, said
            meaning = rule.model_dump_json(exclude={"id", "note", "weight"})
            if meaning in seen:
                yield file, key, f"says the same as {seen[meaning]}"
            seen.setdefault(meaning, rule.id)
            if rules.decide != "score" and best[rule.label] < rules.thresholds.get(rule.label, rules.threshold):
                yield (
                    file,
                    key,
                    f"dead: all rules for {rule.label} together give {best[rule.label]:g}, below the threshold",
                )


def _words(rule: RuleSpec) -> tuple[str, ...]:
    contexts = (word for context in (*rule.with_, *rule.without) for word in context.words)
    return (*rule.words, *rule.exclude, *contexts)


def _abnormal(file: str, key: str, members: Sequence[str], normal: Callable[[str], str]) -> Iterator[Found]:
    for word in members:
        if not word.startswith("@") and normal(word) != word:
            yield file, key, f"{word!r} never occurs: normalised text reads {normal(word)!r}"


def _never(rule: RuleSpec, words: WordsFile) -> str | None:
    anchors = set(words.expand(rule.words))
    for context in rule.without:
        nearby = context.within is None or context.side == "either"
        if anchors and not rule.patterns and nearby and anchors <= set(words.expand(context.words)):
            return "dead: its own words stand under `without`"
    if anchors and not rule.patterns and anchors <= set(words.expand(rule.exclude)):
        return "dead: its own words stand under `exclude`"
    for facet, labels in rule.when.items():
        if set(labels) <= set(rule.unless.get(facet, ())):
            return f"dead: `when` and `unless` ask opposite things of {facet}"
    return None


def _reachable(rules: FacetRules) -> dict[str, float]:
    best: dict[str, float] = {}
    strongest = 1.0
    for factor in rules.scopes.values():
        strongest *= max(1.0, factor)
    for rule in rules.rules:
        hits = 1 + rule.repeat * (rule.most - 1)
        own = strongest
        for factor in rule.scopes.values():
            own *= max(1.0, factor)
        best[rule.label] = best.get(rule.label, 0.0) + max(0.0, rule.weight) * hits * own
    return best
