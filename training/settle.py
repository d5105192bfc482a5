"""python -m triage.training.settle: puts the settled labels into the corpus.

``training/corpus/labels/settled.jsonl`` is the log of the disputes between first and second labels: ``id, facet,
first, second, settled, by, note``; ``looked.jsonl`` that of the rows whose label a model doubted. A row whose label was
not the settled one gets it; its departments follow.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from triage.config import load
from triage.training.corpus_rows import CORPUS, CorpusRow
from triage.training.labelled import departments
from triage.training.script import run

__all__ = ["main", "read_disputes"]

MULTIPLE = ("demands", "flags")


def read_disputes(folder: Path = CORPUS) -> Iterator[dict[str, Any]]:
    """Yield the settled disputes, those with a model first."""
    for name in ("looked.jsonl", "settled.jsonl"):
        for line in (folder / "labels" / name).read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def main(folder: Path = CORPUS) -> int:
    """Rewrite the files of the corpus that hold a row whose label changes."""
    config = load()
    settled: dict[str, dict[str, object]] = defaultdict(dict)
    for dispute in read_disputes(folder):
        labels = dispute["settled"]
        settled[dispute["id"]][dispute["facet"]] = labels if dispute["facet"] in MULTIPLE else labels[0]
    changed = 0
    for path in sorted(folder.glob("*.jsonl")):
        lines = []
        for line in path.read_text(encoding="utf-8").splitlines():
            row = CorpusRow.model_validate(json.loads(line))
            fresh = CorpusRow.model_validate(row.model_dump() | settled.get(row.id, {}))
            lead, co = departments(fresh, config)
            fresh = fresh.model_copy(update={"department": lead, "co_departments": co})
            changed += fresh != row
            lines.append(json.dumps(fresh.model_dump(exclude_none=True), ensure_ascii=False))
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(settled)} rows were disputed, {changed} changed")
    return 0


if __name__ == "__main__":
    run(main)
