"""The corpus for the ``datasets`` library: ``load_corpus()["train"]`` is a ``datasets.Dataset`` with typed features."""

from __future__ import annotations

from pathlib import Path

from datasets import Dataset, DatasetDict, Features, List, Value

from triage.errors import InputError
from triage.training.corpus_rows import CORPUS, read_corpus

__all__ = ["FEATURES", "load_corpus"]

_TEXT = (
    "id", "text", "business", "reason", "channel", "urgency", "complexity", "department", "voice", "script", "story",
    "brief", "split", "pair", "checklist",
)  # fmt: skip
_LISTS = ("demands", "flags", "also", "co_departments")
FEATURES = Features(
    {name: Value("string") for name in _TEXT}
    | {"sentiment": Value("float64")}
    | {name: List(Value("string")) for name in _LISTS}
)


def load_corpus(folder: Path = CORPUS) -> DatasetDict:
    """Return the corpus by split; no network is needed.

    Args:
        folder: a folder of corpus files.

    Raises:
        InputError: the folder holds no rows, or a line is no row of the corpus.
    """
    rows = [row.model_dump() for row in read_corpus(folder)]
    if not rows:
        raise InputError(f"{folder}: no rows; legal: a folder with the corpus's *.jsonl files")
    splits = sorted({row["split"] for row in rows})
    return DatasetDict(
        {
            split: Dataset.from_list([row for row in rows if row["split"] == split], features=FEATURES)
            for split in splits
        }
    )
