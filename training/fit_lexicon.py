"""python -m triage.training.fit_lexicon FILE… [--out configs/rules/lexicon.csv]: fits the weighted words beside the rules.

For each facet, in the order in which the engine judges, a linear model with an L1 penalty is fitted on which words
occur in the labelled complaints, with the scores of the rules as an offset: the words learn only what the rules do not
say. Weights come out in the units of the rules. Every FILE is one writer's, and the accuracy that is printed comes
from models that never saw the file that they judge.
"""

from __future__ import annotations

import argparse
import csv
import logging
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import jieba
import numpy as np
import numpy.typing as npt
from scipy import sparse

from triage.config import Config, load
from triage.config.loader import LEXICON_COLUMNS
from triage.redact import Redactor
from triage.rules import RulesEngine
from triage.rules.engine import judging_order
from triage.rules.lexicon import LexiconSpec
from triage.rules.schema import FacetRules
from triage.text import Normaliser
from triage.training.labelled import Labelled, read_labelled
from triage.training.sparse_linear import fit_binary, fit_multinomial, fit_regression

__all__ = ["main"]

Array = npt.NDArray[np.float64]
Rows = dict[str, dict[str, float]]

LONGEST_WORD = 6
FEWEST_ROWS = 4
"""A word that fewer complaints have is not looked at."""
FEWEST_POSITIVE = 10
"""A label with fewer complaints gets no words."""
SHARE_OF_CRITICAL = 0.94
"""The share of critical complaints that must be found on files that a model never saw."""
SMALLEST = 0.05


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine sees of every complaint for one facet.

    Attributes:
        words: the candidates, one a column.
        present: shape (complaints, words), 1 where the word occurs and counts.
        scores: shape (complaints, labels), the sum of the rules' hits in their units.
    """

    words: tuple[str, ...]
    present: sparse.csr_matrix
    scores: Array


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    parser = argparse.ArgumentParser(prog="fit_lexicon", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--penalty", type=float, default=1.0)
    options = parser.parse_args(arguments)
    config = load()
    rows = list(read_labelled(options.files, config))
    groups = np.array([row.id.rsplit("-", 1)[0] for row in rows])
    texts = list(_texts(rows, config))
    words = candidates(texts)
    print(f"{len(rows)} complaints in {len(set(groups))} files, {len(words)} candidate words")
    fitted: dict[str, Rows] = {}
    for facet in judging_order(config.rules):
        rules = next(rules for rules in config.rules if rules.facet == facet)
        labels = [rules.sentiment.mood] if rules.sentiment else list(config.taxonomy.facets[facet].ids)
        seen = look(texts, facet, labels, words, fitted, config)
        fitted[facet] = _fit(rules, labels, rows, seen, groups, options.penalty)
    if options.out:
        write(fitted, options.out)
    return 0


def _texts(rows: Iterable[Labelled], config: Config) -> Iterator[str]:
    normalise, redactor = Normaliser(config.text), Redactor(config.redaction)
    return (normalise(redactor.redact(row.text).mask()).text for row in rows)


def candidates(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words, and pairs of neighbouring words, that enough complaints have."""
    jieba.setLogLevel(logging.ERROR)
    counts: Counter[str] = Counter()
    for text in texts:
        pieces = list(jieba.cut(text))
        pairs = (one + other for one, other in zip(pieces, pieces[1:], strict=False))
        counts.update({word for word in (*pieces, *pairs) if re.fullmatch(r"[\u4e00-\u9fffa-z]{1,6}", word)})
    return tuple(sorted(word for word, count in counts.items() if count >= FEWEST_ROWS))


def look(
    texts: Sequence[str], facet: str, labels: Sequence[str], words: Sequence[str], fitted: dict[str, Rows], config: Config
) -> Seen:
    """Return what the engine sees, with the words of the facets that are fitted already in force."""
    trial = {word: {labels[0]: 0.0} for word in words}
    spec = LexiconSpec(weights={**fitted, facet: trial})
    engine = RulesEngine(config.rules, config.words, config.scopes, spec)
    column = {word: place for place, word in enumerate(words)}
    scores = np.zeros((len(texts), len(labels)))
    present = sparse.lil_matrix((len(texts), len(words)))
    rules = next(rules for rules in config.rules if rules.facet == facet)
    for place, text in enumerate(texts):
        for hit in engine.explain(text)[facet]:
            if hit.rule == f"lexicon.{facet}":
                present[place, column[text[hit.start : hit.end]]] = 1
            elif hit.label in labels:
                scores[place, labels.index(hit.label)] += hit.weight
        if rules.sentiment:
            scores[place, 0] = np.arctanh(np.clip(engine.judge(text)[facet].score, -0.999, 0.999)) * rules.sentiment.scale
    return Seen(tuple(words), present.tocsr(), scores)


def _fit(
    rules: FacetRules, labels: list[str], rows: Sequence[Labelled], seen: Seen, groups: npt.NDArray[np.str_], penalty: float
) -> Rows:
    if rules.sentiment:
        return _fit_mood(rules, rows, seen, groups, penalty)
    if rules.decide == "best":
        return _fit_best(rules, labels, rows, seen, groups, penalty)
    return _fit_each(rules, labels, rows, seen, groups, penalty)


def _fit_best(
    rules: FacetRules, labels: list[str], rows: Sequence[Labelled], seen: Seen, groups: npt.NDArray[np.str_], penalty: float
) -> Rows:
    """Fit one model for all labels of a facet of which the best wins."""
    right = np.array([labels.index(row.labels(rules.facet)[0]) for row in rows])
    before = np.where(seen.scores.max(1) >= rules.threshold, seen.scores.argmax(1), labels.index(rules.default or ""))
    after = np.zeros(len(rows), dtype=int)
    for train, test in _folds(groups):
        weights, start, scale = fit_multinomial(seen.present[train], right[train], seen.scores[train], penalty=penalty)
        after[test] = (seen.present[test] @ weights + start + scale * seen.scores[test]).argmax(1)
    print(f"{rules.facet}: accuracy {np.mean(before == right):.3f} by rules, {np.mean(after == right):.3f} with words")
    weights, start, scale = fit_multinomial(seen.present, right, seen.scores, penalty=penalty)
    return _rows(seen.words, labels, weights / scale, start / scale)


def _fit_each(
    rules: FacetRules, labels: list[str], rows: Sequence[Labelled], seen: Seen, groups: npt.NDArray[np.str_], penalty: float
) -> Rows:
    """Fit a model for each label of a facet whose labels are tried one by one."""
    fitted: Rows = {}
    both = found = wanted = 0
    for place, label in enumerate(labels):
        right = np.array([label in row.labels(rules.facet) for row in rows])
        if label == rules.default or right.sum() < FEWEST_POSITIVE:
            continue
        threshold = rules.thresholds.get(label, rules.threshold)
        offset = seen.scores[:, place] - threshold
        logits = np.zeros(len(rows))
        for train, test in _folds(groups):
            weights, start, scale = fit_binary(seen.present[train], right[train], offset[train], penalty=penalty)
            logits[test] = seen.present[test] @ weights + start + scale * offset[test]
        least = SHARE_OF_CRITICAL if label == "critical" else None
        shift = _cut(logits, right, least)
        said = logits + shift >= 0
        print(f"{rules.facet}.{label}: {right.sum()} complaints; recall and precision by rules "
              f"{_recall(offset >= 0, right):.2f} {_recall(right, offset >= 0):.2f}, "
              f"with words {_recall(said, right):.2f} {_recall(right, said):.2f}")  # fmt: skip
        both, found, wanted = both + int((said & right).sum()), found + int(said.sum()), wanted + int(right.sum())
        weights, start, scale = fit_binary(seen.present, right, offset, penalty=penalty)
        rows_of_label = _rows(seen.words, [label], weights[:, None] / scale, np.array([(start + shift) / scale]))
        for word, row in rows_of_label.items():
            fitted.setdefault(word, {}).update(row)
    print(f"{rules.facet}: micro-F1 with words {2 * both / (found + wanted):.3f}")
    return fitted


def _fit_mood(
    rules: FacetRules, rows: Sequence[Labelled], seen: Seen, groups: npt.NDArray[np.str_], penalty: float
) -> Rows:
    """Fit how words move the mood, in the units before the hyperbolic tangent."""
    spec = rules.sentiment
    if spec is None:
        raise ValueError(f"{rules.facet} is no score")
    right = np.array([row.sentiment for row in rows])
    target = np.arctanh(np.clip(right, -0.96, 0.96)) * spec.scale - seen.scores[:, 0]
    moved = np.zeros(len(rows))
    for train, test in _folds(groups):
        weights, start = fit_regression(seen.present[train], target[train], penalty=4 * penalty)
        moved[test] = seen.present[test] @ weights + start
    before, after = (np.tanh((seen.scores[:, 0] + add) / spec.scale) for add in (0, moved))
    print(f"{rules.facet}: mean absolute error {np.abs(before - right).mean():.3f} by rules, "
          f"{np.abs(after - right).mean():.3f} with words")  # fmt: skip
    weights, start = fit_regression(seen.present, target, penalty=4 * penalty)
    return _rows(seen.words, [spec.mood], weights[:, None], np.array([start]))


def _folds(groups: npt.NDArray[np.str_]) -> Iterator[tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
    for group in sorted(set(groups)):
        yield groups != group, groups == group


def _cut(logits: Array, right: npt.NDArray[np.bool_], least: float | None) -> float:
    """Return what to add to the logits: for the best F1, or for a recall of ``least``; small moves only."""
    shifts = np.linspace(-1.5, 3.0 if least else 1.5, 46)
    if least:
        return float(next((shift for shift in shifts if _recall(logits + shift >= 0, right) >= least), shifts[-1]))
    scores = [2 * (said & right).sum() / max(1, said.sum() + right.sum()) for said in (logits + s >= 0 for s in shifts)]
    near = [shift for shift, score in zip(shifts, scores, strict=True) if score >= max(scores) - 0.005]
    return float(min(near, key=abs))


def _recall(said: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]) -> float:
    return float((said & right).sum() / max(1, right.sum()))


def _rows(words: Sequence[str], labels: Sequence[str], weights: Array, start: Array) -> Rows:
    rows: Rows = {"": {label: round(float(value), 2) for label, value in zip(labels, start, strict=True)}}
    for word, row in zip(words, weights, strict=True):
        kept = {label: round(float(w), 2) for label, w in zip(labels, row, strict=True) if abs(w) >= SMALLEST}
        if kept:
            rows[word] = kept
    return rows


def write(fitted: dict[str, Rows], path: Path) -> None:
    """Write the rows of every facet, the strongest words of a label first."""
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file, lineterminator="\n")
        sheet.writerow(LEXICON_COLUMNS)
        for facet, rows in fitted.items():
            flat = [(facet, word, label, weight) for word, row in rows.items() for label, weight in row.items()]
            sheet.writerows(sorted(flat, key=lambda row: (row[2], row[1] != "", -row[3], row[1])))


if __name__ == "__main__":
    sys.exit(main())
