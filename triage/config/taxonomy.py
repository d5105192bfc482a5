"""``taxonomy.yaml``: the facets, their labels, the departments, and the bands of sentiment."""

from __future__ import annotations

import math
from typing import Annotated, Self

from pydantic import Field, model_validator

from triage.schema import Ident, Spec, Text, VersionedSpec

__all__ = ["FacetSpec", "LabelSpec", "Taxonomy"]

MULTIPLE = ("demands", "flags")
SINGLE = ("business", "reason", "channel", "urgency", "complexity")


class LabelSpec(Spec):
    """A label: a stable id, the name that people see, and the institution's own code, if any."""

    id: Ident
    name: Text
    code: str | None = None


class FacetSpec(Spec):
    """A facet; ``ordinal`` labels stand from the most to the least, ``multiple`` ones may hold together."""

    name: Text
    ordinal: bool = False
    multiple: bool = False
    labels: Annotated[tuple[LabelSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _refuse_repeats([label.id for label in self.labels])
        return self

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the labels, in the order of the file."""
        return tuple(label.id for label in self.labels)

    def __getitem__(self, label: str) -> LabelSpec:
        """Return the label with this id.

        Raises:
            KeyError: there is none.
        """
        return next((spec for spec in self.labels if spec.id == label), None) or _missing(label, self.ids)


class BandSpec(Spec):
    """A band of the sentiment score: from ``from`` on, or just above it when ``open``."""

    id: Ident
    name: Text
    from_: Annotated[float, Field(alias="from", ge=-1, le=1)]
    open: bool = False


class Taxonomy(VersionedSpec):
    """What labels there are. Facets keep their names when an institution puts in its own labels."""

    facets: dict[Ident, FacetSpec]
    departments: Annotated[tuple[LabelSpec, ...], Field(min_length=1)]
    sentiment: Annotated[tuple[BandSpec, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if set(self.facets) != {*SINGLE, *MULTIPLE}:
            raise ValueError(
                f"the facets are {sorted(self.facets)}; legal: {sorted((*SINGLE, *MULTIPLE))}, all of them"
            )
        for name, facet in self.facets.items():
            if facet.multiple != (name in MULTIPLE):
                raise ValueError(f"facets.{name}.multiple is {facet.multiple}; legal: {name in MULTIPLE}")
        _refuse_repeats([department.id for department in self.departments])
        floors = [band.from_ for band in self.sentiment]
        if floors[0] != -1 or floors != sorted(floors):
            raise ValueError(f"the bands of sentiment begin at {floors}; legal: rising, the first at -1")
        return self

    def department(self, label: str) -> LabelSpec:
        """Return the department with this id.

        Raises:
            KeyError: there is none.
        """
        found = next((spec for spec in self.departments if spec.id == label), None)
        return found or _missing(label, tuple(spec.id for spec in self.departments))

    def band(self, score: float) -> BandSpec:
        """Return the band that a sentiment score in [-1, 1] falls into."""
        reached = [b for b in self.sentiment if score > b.from_ or (score == b.from_ and not b.open)]
        return reached[-1] if reached else self.sentiment[0]

    def bounds(self, score: float) -> tuple[float, float]:
        """Return where the band of a score begins and ends; the outermost bands have no outer end."""
        place = self.sentiment.index(self.band(score))
        low = self.sentiment[place].from_ if place else -math.inf
        return low, self.sentiment[place + 1].from_ if place + 1 < len(self.sentiment) else math.inf


def _refuse_repeats(ids: list[str]) -> None:
    repeated = sorted({name for name in ids if ids.count(name) > 1})
    if repeated:
        raise ValueError(f"the ids {repeated} stand more than once; ids are unique")


def _missing(label: str, legal: tuple[str, ...]) -> LabelSpec:
    raise KeyError(f"no label {label!r}; legal: {', '.join(legal)}")
