"""Cases that a model must pass: what nobody would forgive it to get wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from triage.config import Config
from triage.errors import InputError
from triage.schema import Spec
from triage.training.corpus_rows import labels_of
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer

__all__ = ["DEFAULT", "GoldenCase", "faults", "read_golden"]

DEFAULT = Path(__file__).parent / "golden.jsonl"
"""The cases that travel with the package."""


class GoldenCase(Spec):
    """A complaint and what must be said about it.

    Attributes:
        id: unique in all files.
        text: the complaint, invented.
        expect: by facet, the label, or the labels any of which is right; of a facet with several labels, all of them
            must be said. ``sentiment`` is the band of the score.
        never: by facet, labels that must not be said.
        why: for whoever wonders.
    """

    id: Annotated[str, Field(min_length=1)]
    text: Annotated[str, Field(min_length=1)]
    expect: Annotated[dict[str, str | tuple[str, ...]], Field(default_factory=dict)]
    never: Annotated[dict[str, tuple[str, ...]], Field(default_factory=dict)]
    why: str = ""


def read_golden(paths: Iterable[Path], config: Config) -> tuple[GoldenCase, ...]:
    """Return the cases of some JSON lines files.

    Raises:
        InputError: a file cannot be read, a line is no case, names a label that the taxonomy lacks, expects nothing, or
            has the id of another.
    """
    found: dict[str, GoldenCase] = {}
    for path in paths:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path}: cannot be read ({error}); legal: JSON lines in UTF-8") from None
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{path}:{number}"
            try:
                case = GoldenCase.model_validate(json.loads(line))
            except (ValueError, ValidationError) as error:
                raise InputError(f"{where}: {' '.join(str(error).split())}") from None
            _check(case, where, config)
            if case.id in found:
                raise InputError(f"{where}: id is {case.id!r}, as of another case; legal: one that is new", field="id")
            found[case.id] = case
    return tuple(found.values())


def faults(case: GoldenCase, answer: Answer, config: Config) -> list[str]:
    """Return what is wrong with an answer, facet by facet; empty where the case is passed."""
    said = _said(answer, config)
    found = []
    for facet, due in case.expect.items():
        labels = (due,) if isinstance(due, str) else due
        right = set(labels) <= said[facet] if facet in MULTIPLE else bool(set(labels) & said[facet])
        if not right:
            found.append(f"{facet} {'+'.join(sorted(said[facet])) or 'none'}, due {'|'.join(labels)}")
    for facet, wrong in case.never.items():
        found += [f"{facet} {label}, never due" for label in wrong if label in said[facet]]
    return found


def _said(answer: Answer, config: Config) -> Mapping[str, frozenset[str]]:
    single = {facet: frozenset({label}) for facet, label in answer.single.items()}
    mood = answer.sentiment
    bands = frozenset() if mood is None else frozenset({config.taxonomy.band(mood).id})
    return {**dict.fromkeys((*SINGLE, *MULTIPLE), frozenset()), **single, **answer.multiple, "sentiment": bands}


def _check(case: GoldenCase, where: str, config: Config) -> None:
    if not case.expect and not case.never:
        raise InputError(f"{where}: expects nothing; legal: at least one facet in expect or never", field="expect")
    given: Sequence[tuple[str, str | tuple[str, ...]]] = (*case.expect.items(), *case.never.items())
    for facet, due in given:
        if facet not in (*SINGLE, *MULTIPLE, "sentiment"):
            legal = ", ".join((*SINGLE, *MULTIPLE, "sentiment"))
            raise InputError(f"{where}: facet is {facet!r}; legal: {legal}", field=facet)
        labels = _labels(facet, config)
        for label in (due,) if isinstance(due, str) else due:
            if label not in labels:
                raise InputError(f"{where}: {facet} is {label!r}; legal: {', '.join(labels)}", field=facet)


def _labels(facet: str, config: Config) -> tuple[str, ...]:
    if facet == "sentiment":
        return tuple(band.id for band in config.taxonomy.sentiment)
    return labels_of(config, "department" if facet == "co" else facet)
