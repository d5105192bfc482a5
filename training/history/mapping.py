"""``mapping.yaml``: which column of a history is which facet.

```yaml
text: 内容                       # the column of the texts
id: 工单号                       # optional, as are time and story
time: 受理时间
story: 事件号                    # rows of one story never stand on both sides of a split
query: SELECT * FROM complaints  # for a database
facets:
  business: 一级分类             # a column of labels …
  reason: {column: [大类, 小类]} # … or several: a tree, the path is the label
  flags: {column: 标签, separator: ";"}
migrate: migration.yaml          # labels of an older taxonomy; see migrate.py
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Self

import yaml
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from triage.errors import ConfigError
from triage.schema import Spec, Text

__all__ = ["DEPARTMENT", "FACETS", "ColumnMap", "FacetColumn", "of_options", "read_mapping"]

FACETS = ("business", "reason", "channel", "urgency", "complexity", "demands", "flags")
DEPARTMENT = "department"
"""Learned as rows of the policy, not as a head: a policy can be read, and a department can be renamed."""
SENTIMENT = "sentiment"
LEGAL = (*FACETS, SENTIMENT, DEPARTMENT)
MULTIPLE = ("demands", "flags")


def _several(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class FacetColumn(Spec):
    """Where a facet's labels stand.

    Attributes:
        column: one column, or the levels of a tree from the top down; the path ``a/b`` is then the label.
        separator: what stands between several labels in one cell; for facets that may have several.
        order: for own labels that are degrees (of urgency), all of them from the most to the least.
    """

    column: Annotated[tuple[Text, ...], BeforeValidator(_several), Field(min_length=1)]
    separator: str | None = None
    order: tuple[Text, ...] = ()


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, (str, list, tuple)) else value


class ColumnMap(Spec):
    """The content of ``mapping.yaml``."""

    text: Text
    id: Text | None = None
    time: Text | None = None
    story: Text | None = None
    query: Text | None = None
    facets: dict[Text, Annotated[FacetColumn, BeforeValidator(_column)]]
    migrate: Path | None = None

    @model_validator(mode="after")
    def _known(self) -> Self:
        if not self.facets:
            raise ValueError(f"facets is empty; legal: one or more of {', '.join(LEGAL)}")
        for facet in self.facets:
            if facet not in LEGAL:
                raise ValueError(f"facets.{facet}: no such facet; legal: {', '.join(LEGAL)}")
        if set(self.facets) == {DEPARTMENT}:
            raise ValueError("facets.department stands alone; legal: beside a facet that leads to it, business")
        return self

    @property
    def needed(self) -> tuple[str, ...]:
        """Every column that it names, each once."""
        single = [name for name in (self.text, self.id, self.time, self.story) if name is not None]
        return tuple(dict.fromkeys([*single, *(name for spec in self.facets.values() for name in spec.column)]))

    def to_yaml(self) -> str:
        """Return the text of a ``mapping.yaml``."""
        data = self.model_dump(mode="json", exclude_none=True)
        data["facets"] = {
            facet: spec.column[0]
            if len(spec.column) == 1 and spec.separator is None and not spec.order
            else spec.model_dump(mode="json", exclude_defaults=True)
            for facet, spec in self.facets.items()
        }
        return yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)


def read_mapping(path: Path) -> ColumnMap:
    """Return what a ``mapping.yaml`` says.

    Raises:
        ConfigError: the file cannot be read, or is not legal.
    """
    try:
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(str(path), "", f"cannot be read ({' '.join(str(error).split())}); legal: YAML") from None
    if not isinstance(data, dict):
        raise ConfigError(str(path), "", "legal: a mapping with `text` and `facets`", value=data)
    return checked(data, str(path))


def of_options(text: str, labels: Sequence[str]) -> ColumnMap:
    """Return the mapping of ``--text-column`` and ``--label FACET=COLUMN``.

    Raises:
        ConfigError: a label is not of this form, or no such facet.
    """
    facets: dict[str, str] = {}
    for label in labels:
        facet, equals, column = label.partition("=")
        if not equals or not column or facet in facets:
            raise ConfigError("--label", "", "legal: FACET=COLUMN, each facet once", value=label)
        facets[facet] = column
    return checked({"text": text, "facets": facets}, "--label")


def checked(data: Mapping[str, object], file: str) -> ColumnMap:
    """Return the mapping; errors name ``file``."""
    try:
        return ColumnMap.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        if first["type"] == "extra_forbidden":
            said = f"no such key; legal: {', '.join(ColumnMap.model_fields)}"
        raise ConfigError(file, key, said) from None
