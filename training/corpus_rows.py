"""The corpus: labelled complaints with their brief and split, and the briefs that say who wrote what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.config import Config
from triage.errors import InputError
from triage.training.labelled import Labelled

__all__ = ["CORPUS", "Brief", "CorpusRow", "read_briefs", "read_corpus"]

CORPUS = Path(__file__).parent / "corpus"
"""The folder of the corpus in a checkout; it does not travel in the wheel."""

Split = Literal["train", "validation", "calibration", "test"]
Checklist = Literal["negation", "quotation", "hypothetical", "settled", "sarcasm", "others", "numbers", "tie_break"]


class Brief(BaseModel):
    """What one writer was asked for. All rows of a brief stand in one split."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(pattern=r"^[a-z]\d\d$")]
    split: Split
    rows: int
    brief: str


class CorpusRow(Labelled):
    """One complaint of the corpus.

    Attributes:
        department: the lead department that the policy gives for the labels.
        co_departments: the departments beside it.
        brief: who wrote it.
        split: where it may be used.
        pair: two rows of a brief with the same number differ in one fact, and so in one label.
        checklist: what the row tests, when it was written for a checklist.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    department: str
    co_departments: tuple[str, ...] = ()
    brief: str
    split: Split
    pair: str | None = None
    checklist: Checklist | None = None


def read_briefs(folder: Path = CORPUS) -> dict[str, Brief]:
    """Return the briefs by id."""
    data = yaml.safe_load((folder / "briefs.yaml").read_text(encoding="utf-8"))
    briefs = [Brief.model_validate(item) for item in data["briefs"]]
    return {brief.id: brief for brief in briefs}


def read_corpus(folder: Path = CORPUS, splits: Iterable[Split] | None = None) -> Iterator[CorpusRow]:
    """Yield the rows of the corpus, file by file; of some splits only, if asked.

    Raises:
        InputError: a line is no row of the corpus.
    """
    wanted = None if splits is None else set(splits)
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                row = CorpusRow.model_validate(json.loads(line))
            except (ValueError, ValidationError) as error:
                raise InputError(f"{path}:{number}: {' '.join(str(error).split())}") from error
            if wanted is None or row.split in wanted:
                yield row


def labels_of(config: Config, facet: str) -> tuple[str, ...]:
    """Return the legal labels of a facet, of ``department`` too."""
    if facet == "department":
        return tuple(department.id for department in config.taxonomy.departments)
    return tuple(config.taxonomy.facets[facet].ids)
