"""Labelled complaints: rows of JSON lines whose labels are checked against the taxonomy when they are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from triage.config import Config
from triage.errors import InputError
from triage.route import route

__all__ = ["Labelled", "departments", "label_of", "read_labelled"]

Voice = Literal[
    "work_order",
    "transcript",
    "form",
    "email",
    "chat",
    "post",
    "letter",
    "agent_letter",
    "branch_note",
    "regulator_note",
]
Script = Literal["simplified", "traditional", "cantonese"]


class Labelled(BaseModel):
    """One labelled complaint.

    Attributes:
        id: unique in its file.
        text: the complaint.
        business: and ``reason``, ``channel``, ``urgency``, ``complexity``: labels of the taxonomy.
        sentiment: how the customer feels, in [-1, 1].
        demands: labels of the facet; so is ``flags``.
        also: clear second businesses and reasons.
        voice: who writes in which form.
        script: how it is written.
        story: rows that tell the same story share this name.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    id: str
    text: Annotated[str, Field(min_length=1)]
    business: str
    reason: str
    channel: str
    urgency: str
    complexity: str
    sentiment: Annotated[float, Field(ge=-1, le=1)]
    demands: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    voice: Voice
    script: Script
    story: str

    @model_validator(mode="after")
    def _no_label_twice(self) -> Self:
        for name in ("demands", "flags", "also"):
            labels = getattr(self, name)
            if len(set(labels)) < len(labels):
                raise ValueError(f"{name} holds a label twice")
        return self

    def labels(self, facet: str) -> tuple[str, ...]:
        """Return the labels of ``facet``: one for a single-label facet."""
        value = getattr(self, facet)
        return (value,) if isinstance(value, str) else tuple(value)


def read_labelled(paths: Iterable[Path], config: Config) -> Iterator[Labelled]:
    """Yield every row of some JSON lines files.

    Raises:
        InputError: a row is no labelled complaint, or names a label that the taxonomy lacks.
    """
    facets = config.taxonomy.facets
    second = {*facets["business"].ids, *facets["reason"].ids}
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            where = f"{path}:{number}"
            try:
                row = Labelled.model_validate({"id": f"{path.stem}-{number:03}"} | json.loads(line))
            except (ValueError, ValidationError) as error:
                raise InputError(f"{where}: {' '.join(str(error).split())}") from error
            legal: Mapping[str, Iterable[str]] = {name: spec.ids for name, spec in facets.items()} | {"also": second}
            for facet, ids in legal.items():
                for label in row.labels(facet):
                    if label not in ids:
                        raise InputError(f"{where}: {facet} is {label!r}; legal: {', '.join(ids)}", field=facet)
            yield row


def departments(row: Labelled, config: Config) -> tuple[str, tuple[str, ...]]:
    """Return the lead department and those beside it that the policy gives for the labels of ``row``."""
    facts = {facet: set(row.labels(facet)) for facet in config.taxonomy.facets}
    second = {facet: [label for label in row.also if label in config.taxonomy.facets[facet].ids]
              for facet in ("business", "reason")}  # fmt: skip
    routed = route(config.policy, facts, second)
    return routed.lead, routed.co


def label_of(row: Labelled, facet: str, config: Config) -> str:
    """Return the label of a single-label facet; that of ``department`` follows from the others."""
    return departments(row, config)[0] if facet == "department" else row.labels(facet)[0]
