"""python -m triage.training.label_errors [--facet business …]: rows of the corpus whose label a model doubts.

Confident learning (Northcutt et al. 2021, cleanlab) over cross-validated predictions of a linear model on TF-IDF, with
folds by brief; only rows that two of its methods doubt alike. Prints one JSON object a line, the most doubtful first:
``id, facet, given, suggested, text``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence

import numpy as np
from cleanlab.filter import find_label_issues
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import make_pipeline

from triage.training.baseline import features
from triage.training.corpus_rows import CorpusRow, read_corpus
from triage.training.script import run

__all__ = ["doubtful", "main"]

FOLDS = 5


def doubtful(rows: Sequence[CorpusRow], facet: str) -> Iterator[tuple[CorpusRow, str]]:
    """Yield the rows whose label of a single-label ``facet`` is doubtful, each with the label that a model suggests."""
    names, given = np.unique([row.labels(facet)[0] for row in rows], return_inverse=True)
    model = make_pipeline(features(), LogisticRegression(C=20, max_iter=300))
    folds = GroupKFold(FOLDS).split(rows, given, [row.brief for row in rows])
    texts = [row.text for row in rows]
    likely = cross_val_predict(model, texts, given, cv=list(folds), method="predict_proba")
    doubted = find_label_issues(given, likely, filter_by="both", return_indices_ranked_by="self_confidence")
    for place in doubted:
        yield rows[place], str(names[likely[place].argmax()])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the doubtful rows of each facet."""
    parser = argparse.ArgumentParser(prog="label_errors", description=__doc__)
    parser.add_argument("--facet", nargs="+", default=["business", "reason", "urgency"])
    options = parser.parse_args(arguments)
    rows = list(read_corpus())
    for facet in options.facet:
        for row, suggested in doubtful(rows, facet):
            found = {
                "id": row.id,
                "facet": facet,
                "given": row.labels(facet)[0],
                "suggested": suggested,
                "text": row.text,
            }
            print(json.dumps(found, ensure_ascii=False))
    return 0


if __name__ == "__main__":
    run(main)
