"""python benchmarks/retraining.py FILE… --text-column C --label business=COLUMN [--minutes N]: training and baselines.

Each file is a history of its own. The split is the one that `triage train` makes; TF-IDF with a linear SVM and fastText
learn from all rows but the test's, and macro-F1 is taken over the labels that occur in the test. Needs the extras
`train` and `evaluate`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sklearn.metrics import f1_score
from sklearn.svm import LinearSVC

from triage.config import load
from triage.training.baselines.fasttext import likely, line_of
from triage.training.baselines.fasttext import train as train_fasttext
from triage.training.baselines.words import features
from triage.training.history.mapping import ColumnMap, of_options
from triage.training.history.rows import HistoryReader
from triage.training.train import Order, train
from triage.training.tuning.prepared import Prepared


def ours(file: str, columns: ColumnMap, out: Path, *, encoder: Path | None, minutes: float | None) -> float:
    order = Order(data=(file,), columns=columns, out=out, encoder=encoder, minutes=minutes)
    made = train(order, say=lambda line: print(line, file=sys.stderr))
    assert made is not None
    return float(made.metrics["test"]["business"]["macro_f1"])


def baselines(file: str, columns: ColumnMap, out: Path) -> tuple[int, float, float]:
    ready = Prepared.load(out / "data")
    rows = [row for row in HistoryReader(load(), columns).read([file]) if row.error is None]
    targets = ready.targets["business"]

    def part(*names: str) -> tuple[list[str], list[int]]:
        own = [row for row in ready.split.rows(*names).tolist() if targets[row] is not None]
        return [rows[row].text for row in own], [int(str(targets[row])) for row in own]

    texts, labels = part("train", "validation", "calibration")
    asked, right = part("test")
    words = features(least=2 if len(texts) >= 100 else 1)
    svm = LinearSVC(random_state=0).fit(words.fit_transform(texts), labels)
    fast = train_fasttext([line_of(text) for text in texts], [[str(label)] for label in labels])
    by_fast = [int(next(likely(fast, line_of(text)))[0]) for text in asked]
    return len(texts), _f1(right, svm.predict(words.transform(asked)).tolist()), _f1(right, by_fast)


def _f1(right: Sequence[int], said: Sequence[int]) -> float:
    return float(f1_score(right, said, labels=sorted(set(right)), average="macro", zero_division=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--text-column", required=True)
    parser.add_argument("--label", required=True, metavar="business=COLUMN")
    parser.add_argument("--encoder", type=Path)
    parser.add_argument("--minutes", type=float)
    asked = parser.parse_args()
    columns = of_options(asked.text_column, [asked.label])
    print("| history | rows learned | triage train | TF-IDF + SVM | fastText |\n|---|---|---|---|---|")
    for file in asked.files:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "run"
            score = ours(file, columns, out, encoder=asked.encoder, minutes=asked.minutes)
            rows, svm, fast = baselines(file, columns, out)
        print(f"| {Path(file).name} | {rows} | {score:.3f} | {svm:.3f} | {fast:.3f} |", flush=True)


if __name__ == "__main__":
    main()
