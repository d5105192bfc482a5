"""Names in one file that another file must know. A configuration with a broken one is refused on loading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from triage.config.doors import broken as broken_doors
from triage.rules.lint import broken_lexicon, broken_references

if TYPE_CHECKING:
    from triage.config.loader import Config

__all__ = ["broken", "legal_labels"]

Found = tuple[str, str, str]

_TEXT = ("cut", "foreign")
"""What the pipeline says became of a text."""


def legal_labels(config: Config) -> dict[str, Sequence[str]]:
    """Return the labels that rows may ask for, by facet."""
    legal: dict[str, Sequence[str]] = {name: facet.ids for name, facet in config.taxonomy.facets.items()}
    legal["sentiment"] = tuple(band.id for band in config.taxonomy.sentiment)
    return legal | {"text": _TEXT, "forwarded_by": tuple(config.deadlines.forwarders)}


def broken(config: Config) -> Iterator[Found]:
    """Yield every reference that nothing answers to: file, key, what is wrong and legal."""
    legal = legal_labels(config)
    mood = ("positive", "negative", *(r.sentiment.irony for r in config.rules if r.sentiment))
    yield from broken_references(config.rules, config.words, config.scopes, legal | {"sentiment": mood})
    moods = tuple(rules.sentiment.mood for rules in config.rules if rules.sentiment)
    yield from broken_lexicon(
        config.lexicon, {rules.facet: legal[rules.facet] for rules in config.rules} | {"sentiment": moods}
    )
    departments = [department.id for department in config.taxonomy.departments]
    for row in (*config.policy.lead, *config.policy.co):
        named = row.lead or row.co
        if named not in departments:
            yield "policy.yaml", row.id, f"no department {named!r}; legal: {', '.join(departments)}"
    for file, key, when in _rows(config):
        yield from ((file, key, said) for said in _unknown(when, legal))
    urgencies = legal["urgency"]
    for label in urgencies:
        if label not in config.service_levels.levels:
            yield "service_levels.yaml", f"levels.{label}", "no level for this urgency; give minutes or working_days"
    for label in config.service_levels.levels:
        if label not in urgencies:
            yield "service_levels.yaml", f"levels.{label}", f"no such urgency; legal: {', '.join(urgencies)}"
    for name in config.decisions.facets:
        if name not in config.taxonomy.facets:
            yield "decisions.yaml", "facets", f"no facet {name!r}; legal: {', '.join(config.taxonomy.facets)}"
    seen = legal | {"department": departments, "decision": ("auto", "suggest", "review")}
    yield from (("doors.yaml", key, said) for key, said in broken_doors(config.doors, seen))
    meeting = config.decisions.meeting
    for key, rows in (("bars", meeting.bars), ("raise", meeting.raise_)):
        said = _unknown({facet: tuple(labels) for facet, labels in rows.items()}, legal)
        yield from (("decisions.yaml", f"meeting.{key}", line) for line in said)


def _unknown(when: Mapping[str, Sequence[str]], legal: Mapping[str, Sequence[str]]) -> Iterator[str]:
    for facet, labels in when.items():
        if facet not in legal:
            yield f"no facet {facet!r}; legal: {', '.join(legal)}"
            continue
        for label in labels:
            if label not in legal[facet]:
                yield f"{label!r} is no label of {facet}; legal: {', '.join(legal[facet])}"


def _rows(config: Config) -> Iterator[tuple[str, str, Mapping[str, Sequence[str]]]]:
    yield from (("policy.yaml", row.id, row.when) for row in (*config.policy.lead, *config.policy.co))
    yield from (("policy.yaml", "second", {facet: labels}) for facet, labels in config.policy.second.items())
    yield from (("deadlines.yaml", rule.id, rule.when) for rule in config.deadlines.rules)
    yield from (("decisions.yaml", row.id, row.when) for row in config.decisions.review)
    yield from (("replies.yaml", row.id, row.when) for row in config.replies.replies)
