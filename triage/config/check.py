"""What ``triage check`` finds beyond what loading refuses: rows and rules without effect, and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from triage.config.loader import Config, load
from triage.config.references import legal_labels
from triage.errors import ConfigError
from triage.route.policy import unreachable
from triage.rules.lint import dead_rules, dead_words
from triage.text import Normaliser

__all__ = ["Finding", "check"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that a person should look at: ``error`` when the folder cannot be used, else ``warning``."""

    severity: str
    file: str
    key: str
    message: str


def check(folder: str | Path | None = None) -> list[Finding]:
    """Return what is wrong with a folder of configuration; empty when all is well."""
    try:
        config = load(folder)
    except ConfigError as error:
        if not error.key and "no such folder" in error.legal:
            raise
        return [Finding("error", error.file, error.key, error.legal)]
    return [Finding("warning", *found) for found in _warnings(config)]


def _warnings(config: Config) -> Iterator[tuple[str, str, str]]:
    normalise = Normaliser(config.text)
    yield from dead_rules(config.rules, config.words, config.scopes, lambda word: normalise(word).text)
    yield from dead_words(config.lexicon, lambda word: normalise(word).text)
    legal = legal_labels(config)
    for row in unreachable(config.policy, legal):
        yield "policy.yaml", row.id, "unreachable: earlier rows take every complaint that it fits"
    used = {row.lead or row.co for row in (*config.policy.lead, *config.policy.co)}
    for department in config.taxonomy.departments:
        if department.id not in used:
            yield "taxonomy.yaml", f"departments.{department.id}", "no policy row names this department"
    named = {label for row in config.policy.lead for label in row.when.get("business", ())}
    rest = config.policy.lead[-1].lead
    for label in legal["business"]:
        if label not in named and label != "other":
            yield "policy.yaml", "lead", f"the business {label!r} has no row of its own and goes to {rest}"
    for facet, spec in config.taxonomy.facets.items():
        rules = next((rules for rules in config.rules if rules.facet == facet), None)
        spoken = {rules.default, *(rule.label for rule in rules.rules)} if rules else set()
        for label in spec.ids:
            if label not in spoken:
                yield f"rules/{facet}.yaml", "rules", f"no rule speaks for the label {label!r}"
    fields = set(config.replies.computed) - {"department", "due", "first_response", "id"}
    if fields:
        yield "replies.yaml", "computed", f"the program fills in no field {sorted(fields)}"
    for name in config.replies.fields:
        if not any(f"{{{name}}}" in row.text for row in config.replies.replies):
            yield "replies.yaml", f"fields.{name}", "no reply uses this field"
