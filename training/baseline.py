"""python -m triage.training.baseline [FILE…]: TF-IDF and a linear SVM, trained on the train split, per facet.

Scored on the test split of the corpus, on the development set of the rules, and on every FILE of labelled complaints.
``python -m triage.training.baselines`` sets it beside the others.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from triage.config import load
from triage.training.baselines.linear_svm import LinearSVM
from triage.training.baselines.words import features, words
from triage.training.corpus_rows import read_corpus
from triage.training.evaluate.document import table_lines
from triage.training.evaluate.report import cases_of, headline_of
from triage.training.evaluate.sections import comparison
from triage.training.labelled import Labelled, read_labelled
from triage.training.script import run

__all__ = ["features", "main", "words"]

DEVSET = Path(__file__).parent / "devset"


def main(files: Sequence[Path]) -> int:
    """Print a Markdown table with a column for each set of complaints."""
    config = load()
    train = list(read_corpus(splits=["train"]))
    sets: dict[str, list[Labelled]] = {"test split": list(read_corpus(splits=["test"]))}
    sets["development set of the rules"] = list(read_labelled(sorted(DEVSET.glob("*.jsonl")), config))
    sets |= {path.name: list(read_labelled([path], config)) for path in files}
    model = LinearSVM().fit(train, config)
    columns = {
        f"{name} ({len(rows)})": headline_of(cases_of(rows, model.predict([row.text for row in rows]), config), config)
        for name, rows in sets.items()
        if rows
    }
    print(f"Trained on {len(train)} complaints.\n")
    print("\n".join(table_lines(comparison(columns))))
    return 0


if __name__ == "__main__":
    run(lambda: main([Path(argument) for argument in sys.argv[1:]]))
