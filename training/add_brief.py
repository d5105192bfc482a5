"""python -m triage.training.add_brief DRAFT.jsonl …: takes a writer's draft into the corpus.

A draft ``b01.jsonl`` holds the texts and labels of the brief b01 of ``training/corpus/briefs.yaml``. Each row gets its
id, its departments by the default policy, its brief and its split; the file becomes ``training/corpus/b01.jsonl``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from triage.config import load
from triage.training.corpus_rows import CORPUS, CorpusRow, read_briefs
from triage.training.labelled import departments, read_labelled

__all__ = ["main"]


def main(drafts: list[Path]) -> None:
    """Write a file of the corpus for each draft."""
    config, briefs = load(), read_briefs()
    for draft in drafts:
        brief = briefs[draft.stem]
        extra = [json.loads(line) for line in draft.read_text(encoding="utf-8").splitlines()]
        lines = []
        for row, raw in zip(read_labelled([draft], config), extra, strict=True):
            lead, co = departments(row, config)
            whole = CorpusRow(
                **row.model_dump(exclude={"story"}),
                story=f"{brief.id}-{row.story}",
                department=lead,
                co_departments=co,
                brief=brief.id,
                split=brief.split,
                pair=raw.get("pair"),
                checklist=raw.get("checklist"),
            )
            lines.append(json.dumps(whole.model_dump(exclude_none=True), ensure_ascii=False))
        (CORPUS / f"{brief.id}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        print(f"{brief.id}: {len(lines)} rows, {brief.split}")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
