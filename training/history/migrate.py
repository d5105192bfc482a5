"""Old labels under a new taxonomy: what was renamed or merged is carried over, what was split cannot be.

```yaml
version: "2027"
facets:
  business:
    renamed: {宽带业务: 家庭宽带}
    merged: {资费: [套餐, 流量费]}
    split: {其他: [营销, 服务]}      # which of them an old row is, only a person can say: it loses this label
    dropped: [测试]
```
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Self

import yaml
from pydantic import ValidationError, model_validator

from triage.errors import ConfigError
from triage.schema import Spec, Text, VersionedSpec

__all__ = ["FacetMigration", "Migration", "Migrator", "read_migration"]


class FacetMigration(Spec):
    """What became of the labels of a facet. A label that is not named is the same as before."""

    renamed: dict[Text, Text] = {}
    merged: dict[Text, tuple[Text, ...]] = {}
    split: dict[Text, tuple[Text, ...]] = {}
    dropped: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _once(self) -> Self:
        named = [*self.renamed, *(old for olds in self.merged.values() for old in olds), *self.split, *self.dropped]
        twice = sorted({label for label in named if named.count(label) > 1})
        if twice:
            raise ValueError(f"the old labels {twice} stand more than once; legal: each once")
        return self

    def new(self, label: str) -> str | None:
        """Return what an old label is called now; None where that cannot be said."""
        if label in self.split or label in self.dropped:
            return None
        into = next((new for new, olds in self.merged.items() if label in olds), label)
        return self.renamed.get(label, into)


class Migration(VersionedSpec):
    """The content of a migration table."""

    facets: dict[Text, FacetMigration]


class Migrator:
    """Carries labels over, and counts what it did.

    Args:
        migration: the table; none leaves every label as it is.
    """

    def __init__(self, migration: Migration | None = None) -> None:
        self._facets = migration.facets if migration else {}
        self.carried: Counter[tuple[str, str, str]] = Counter()
        self.lost: Counter[tuple[str, str]] = Counter()

    def __call__(self, facet: str, labels: tuple[str, ...]) -> tuple[str, ...]:
        """Return the labels of a row under the new taxonomy."""
        table = self._facets.get(facet)
        if table is None:
            return labels
        kept: dict[str, None] = {}
        for label in labels:
            new = table.new(label)
            if new is None:
                self.lost[facet, label] += 1
                continue
            if new != label:
                self.carried[facet, label, new] += 1
            kept[new] = None
        return tuple(kept)

    @property
    def notes(self) -> list[str]:
        """What was carried over and what could not be, one line each."""
        carried = [f"{facet}: {old} → {new}: {rows} rows" for (facet, old, new), rows in self.carried.most_common()]
        lost = []
        for (facet, old), rows in self.lost.most_common():
            into = self._facets[facet].split.get(old)
            why = f"was split into {'、'.join(into)}" if into else "is no longer used"
            lost.append(f"{facet}: {old} {why}: {rows} rows lost this label")
        return [*carried, *lost]


def read_migration(path: Path) -> Migration:
    """Return what a migration table says.

    Raises:
        ConfigError: it cannot be read, or is not legal.
    """
    try:
        return Migration.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(str(path), "", f"cannot be read ({' '.join(str(error).split())}); legal: YAML") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(str(path), key, first["msg"].removeprefix("Value error, ")) from None
