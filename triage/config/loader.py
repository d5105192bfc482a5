"""Reads a folder of configuration: the default one, or a user's own over it, file by file."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from triage.config.cache import Cache
from triage.config.doors import DoorsSpec
from triage.config.references import broken
from triage.config.taxonomy import Taxonomy
from triage.errors import ConfigError
from triage.redact.schema import RedactionSpec
from triage.route.schema import DeadlinesSpec, DecisionsSpec, PolicySpec, RepliesSpec, ServiceLevelsSpec
from triage.rules.lexicon import LexiconSpec
from triage.rules.schema import FacetRules, ScopesFile, WordsFile
from triage.text.schema import TextSpec

__all__ = ["DEFAULT", "Config", "load"]

DEFAULT = Path(__file__).parent.parent / "configs"
"""The folder that travels with the package."""

FACETS = ("business", "reason", "channel", "urgency", "complexity", "sentiment", "demands", "flags")

FILES: Mapping[str, type[BaseModel]] = {
    "taxonomy.yaml": Taxonomy,
    "policy.yaml": PolicySpec,
    "deadlines.yaml": DeadlinesSpec,
    "service_levels.yaml": ServiceLevelsSpec,
    "replies.yaml": RepliesSpec,
    "decisions.yaml": DecisionsSpec,
    "redaction.yaml": RedactionSpec,
    "text.yaml": TextSpec,
    "doors.yaml": DoorsSpec,
    "rules/words.yaml": WordsFile,
    "rules/scopes.yaml": ScopesFile,
    "rules/lexicon.csv": LexiconSpec,
    **{f"rules/{facet}.yaml": FacetRules for facet in FACETS},
}
"""Every file of a folder, with its schema. Nobody else spells these names."""

POLICY_FILES = (
    "policy.yaml", "deadlines.yaml", "service_levels.yaml", "replies.yaml", "decisions.yaml", "redaction.yaml",
)  # fmt: skip
RULE_FILES = (*(name for name in FILES if name.startswith("rules/")), "text.yaml")

LEXICON_COLUMNS = ["facet", "word", "label", "weight"]

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Config:
    """Everything that a folder of configuration says, checked file by file.

    The versions are the ``version`` of the leading file and, after ``+``, eight hex digits over the bytes of all files
    that belong together: an edited file shows in every decision even when nobody changed its ``version``.
    """

    taxonomy: Taxonomy
    policy: PolicySpec
    deadlines: DeadlinesSpec
    service_levels: ServiceLevelsSpec
    replies: RepliesSpec
    decisions: DecisionsSpec
    redaction: RedactionSpec
    text: TextSpec
    doors: DoorsSpec
    words: WordsFile
    scopes: ScopesFile
    rules: tuple[FacetRules, ...]
    lexicon: LexiconSpec
    sources: Mapping[str, Path]
    taxonomy_version: str
    policy_version: str
    rules_version: str

    @classmethod
    def _of(cls, specs: Mapping[str, Any], sources: Mapping[str, Path], digests: Mapping[str, bytes]) -> Self:
        def version(*names: str) -> str:
            digest = hashlib.sha256(b"".join(digests[name] for name in names)).hexdigest()
            return f"{specs[names[0]].version}+{digest[:8]}"

        return cls(
            taxonomy=specs["taxonomy.yaml"],
            policy=specs["policy.yaml"],
            deadlines=specs["deadlines.yaml"],
            service_levels=specs["service_levels.yaml"],
            replies=specs["replies.yaml"],
            decisions=specs["decisions.yaml"],
            redaction=specs["redaction.yaml"],
            text=specs["text.yaml"],
            doors=specs["doors.yaml"],
            words=specs["rules/words.yaml"],
            scopes=specs["rules/scopes.yaml"],
            lexicon=specs["rules/lexicon.csv"],
            rules=tuple(specs[f"rules/{facet}.yaml"] for facet in FACETS),
            sources=sources,
            taxonomy_version=version("taxonomy.yaml"),
            policy_version=version(*POLICY_FILES),
            rules_version=version(*RULE_FILES),
        )


def load(folder: str | Path | None = None) -> Config:
    """Return the configuration of ``folder``; a file that it lacks is inherited from the default folder.

    Raises:
        ConfigError: the folder is not there, holds a file of an unknown name, or a file is not legal.
    """
    sources = {name: DEFAULT / name for name in FILES}
    if folder is not None:
        sources |= _own_files(Path(folder))
    specs: dict[str, Any] = {}
    digests: dict[str, bytes] = {}
    own = {name for name, path in sources.items() if path != DEFAULT / name}
    kept = _kept() if len(own) < len(FILES) else {}
    for name, path in sources.items():
        specs[name], digests[name] = _read(path, FILES[name]) if name in own else kept.get(name) or _default_file(name)
    for facet in FACETS:
        told = specs[f"rules/{facet}.yaml"].facet
        if told != facet:
            raise ConfigError(str(sources[f"rules/{facet}.yaml"]), "facet", f"legal: {facet}", value=told)
    config = Config._of(specs, sources, digests)
    if own or not kept:
        for file, key, said in broken(config):
            raise ConfigError(str(sources.get(file, file)), key, said)
        if not own:
            Cache(FILES, digests).write(specs)
    return config


def _own_files(folder: Path) -> dict[str, Path]:
    if not folder.is_dir():
        raise ConfigError(str(folder), "", "no such folder; legal: a folder with any of the files of configs/")
    own = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".yaml", ".yml", ".csv")
    }
    for name, path in own.items():
        if name not in FILES:
            raise ConfigError(str(path), "", f"not a file of a configuration; legal: {', '.join(FILES)}")
    return own


@cache
def _kept() -> Mapping[str, tuple[BaseModel, bytes]]:
    """Return the default files as an earlier process checked them, each with its digest; empty when none did."""
    try:
        digests = {name: hashlib.sha256((DEFAULT / name).read_bytes()).digest() for name in FILES}
    except OSError:
        # Reading file by file says which.
        return {}
    models = Cache(FILES, digests).read() or {}
    return {name: (model, digests[name]) for name, model in models.items()}


@cache
def _default_file(name: str) -> tuple[BaseModel, bytes]:
    return _read(DEFAULT / name, FILES[name])


def _read(path: Path, model: type[Model]) -> tuple[Model, bytes]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ConfigError(str(path), "", f"cannot be read ({error.strerror}); legal: a readable file") from error
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ConfigError(str(path), "", f"not UTF-8 at byte {error.start}; save the file as UTF-8") from error
    data = _weights(text, path) if path.suffix == ".csv" else _yaml(text, path)
    if not isinstance(data, dict):
        raise ConfigError(str(path), "", "legal: a mapping of keys to values", value=data)
    try:
        return model.model_validate(data), hashlib.sha256(raw).digest()
    except ValidationError as error:
        raise _config_error(path, model, error) from None


def _yaml(text: str, path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    try:
        return yaml.load(text, Loader=_UniqueKeys)
    except yaml.YAMLError as error:
        raise ConfigError(str(path), "", f"not YAML: {' '.join(str(error).split())}") from error


def _weights(text: str, path: Path) -> dict[str, Any]:
    """Return the rows of a lexicon as the nested mapping that its schema checks."""
    rows = csv.reader(text.removeprefix("\ufeff").splitlines())
    header = next(rows, [])
    if header != LEXICON_COLUMNS:
        raise ConfigError(str(path), "line 1", f"legal: {','.join(LEXICON_COLUMNS)}", value=",".join(header))
    weights: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        if len(row) != len(LEXICON_COLUMNS):
            legal = f"legal: {len(LEXICON_COLUMNS)} cells, {','.join(LEXICON_COLUMNS)}"
            raise ConfigError(str(path), f"line {rows.line_num}", legal, value=",".join(row))
        facet, word, label, weight = row
        labels = weights.setdefault(facet, {}).setdefault(word, {})
        if label in labels:
            raise ConfigError(str(path), f"line {rows.line_num}", f"{word!r} has a weight for {label} already")
        labels[label] = weight
    return {"weights": weights}


def _config_error(path: Path, model: type[BaseModel], error: ValidationError) -> ConfigError:
    errors = error.errors(include_url=False)
    # A key that is not known is the likeliest cause of one that is missing.
    first = next((one for one in errors if one["type"] == "extra_forbidden"), errors[0])
    key = ".".join(str(part) for part in first["loc"])
    legal = first["msg"].removeprefix("Value error, ")
    if first["type"] == "extra_forbidden":
        names = ", ".join(sorted(field.alias or name for name, field in model.model_fields.items()))
        legal = "no such key" + (f"; legal: {names}" if len(first["loc"]) == 1 else " there; see the default file")
    more = error.error_count() - 1
    legal += f" (and {more} more)" if more else ""
    value = first["input"]
    if isinstance(value, (dict, list, tuple)) and first["type"] == "value_error":
        return ConfigError(str(path), key, legal)
    return ConfigError(str(path), key, legal, value=value)


class _UniqueKeys(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """A safe loader that refuses a key that stands twice; plain YAML would keep the last and lose the first."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=deep)
            if key in seen:
                raise yaml.YAMLError(f"the key {key!r} stands twice {str(key_node.start_mark).strip()}")
            seen.add(key)
        return super().construct_mapping(node, deep=deep)  # type: ignore[no-any-return]
