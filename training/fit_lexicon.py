"""python -m triage.training.fit_lexicon FILE… [--out configs/rules/lexicon.csv]: fits weighted words beside the rules.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
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
from triage.rules.schema import FacetRules, SentimentSpec
from triage.text import Normaliser
from triage.training.labelled import Labelled, read_labelled
from triage.training.sparse_linear import fit_binary, fit_multinomial, fit_regression

__all__ = ["main"]

Array = npt.NDArray[np.float64]
Rows = dict[str, dict[str, float]]

FEWEST_ROWS = 5
"""A word that fewer complaints have is not looked at."""
FEWEST_POSITIVE = 30
"""A label with fewer complaints gets no words."""
SHARE_OF_CRITICAL = 0.95
"""The share of critical complaints that must be found on files that a model never saw."""
LEAST_PRECISION = 0.55
"""But no more false alarms than this precision allows."""
SMALLEST = 0.1


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
    parser.add_argument("--configs", type=Path, help="a folder of configuration over the default one")
    parser.add_argument("--penalty", type=float, default=1.0)
    options = parser.parse_args(arguments)
    config = load(options.configs)
    rows = list(read_labelled(options.files, config))
    groups = np.array([row.id.rsplit("-", 1)[0] for row in rows])
    texts = list(_texts(rows, config))
    words = candidates(texts)
    print(f"{len(rows)} complaints in {len(set(groups))} files, {len(words)} candidate words")
    fitted: dict[str, Rows] = {}
    for facet in judging_order(config.rules):
        rules = next(rules for rules in config.rules if rules.facet == facet)
        labels = [rules.sentiment.mood] if rules.sentiment else list(config.taxonomy.facets[facet].ids)
        seen = look(texts, rules, labels, Words(words, fitted, config))
        fitted[facet] = fit(Task(rules, labels, rows, seen, groups, options.penalty))
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
        pairs = (one + other for one, other in pairwise(pieces))
        counts.update({word for word in (*pieces, *pairs) if re.fullmatch(r"[\u4e00-\u9fffa-z]{2,6}", word)})
    return tuple(sorted(word for word, count in counts.items() if count >= FEWEST_ROWS))


@dataclass(frozen=True, slots=True)
class Words:
    """The candidate words, the words that are fitted already, and the rules that they stand beside."""

    candidates: Sequence[str]
    fitted: Mapping[str, Rows]
    config: Config


def look(texts: Sequence[str], rules: FacetRules, labels: Sequence[str], words: Words) -> Seen:
    """Return what the engine sees, with the words of the facets that are fitted already in force."""
    config, facet = words.config, rules.facet
    trial = {word: {labels[0]: 0.0} for word in words.candidates}
    spec = LexiconSpec(weights={**words.fitted, facet: trial})
    # Facets that are judged later do not matter here.
    order = judging_order(config.rules)
    known = [one for one in config.rules if order.index(one.facet) <= order.index(facet)]
    engine = RulesEngine(known, config.words, config.scopes, spec)
    column = {word: place for place, word in enumerate(words.candidates)}
    scores = np.zeros((len(texts), len(labels)))
    present = sparse.lil_matrix((len(texts), len(words.candidates)))
    for place, text in enumerate(texts):
        for hit in engine.explain(text)[facet]:
            if hit.rule == f"lexicon.{facet}":
                present[place, column[text[hit.start : hit.end]]] = 1
            elif hit.label in labels:
                scores[place, labels.index(hit.label)] += hit.weight
        if rules.sentiment:
            scores[place, 0] = (
                np.arctanh(np.clip(engine.judge(text)[facet].score, -0.999, 0.999)) * rules.sentiment.scale
            )
    return Seen(tuple(words.candidates), present.tocsr(), scores)


@dataclass(frozen=True, slots=True)
class Task:
    """One facet to fit: its rules and labels, the complaints, what the engine sees, and who wrote what."""

    rules: FacetRules
    labels: list[str]
    rows: Sequence[Labelled]
    seen: Seen
    groups: npt.NDArray[np.str_]
    penalty: float

    def right(self, label: str) -> npt.NDArray[np.bool_]:
        """Return which complaints have ``label``."""
        return np.array([label in row.labels(self.rules.facet) for row in self.rows])

    def folds(self) -> Iterator[tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
        """Yield for each file the complaints of all others, and its own."""
        for group in sorted(set(self.groups)):
            yield self.groups != group, self.groups == group


def fit(task: Task) -> Rows:
    """Return the words of one facet, and print how they do on files that they were not fitted on."""
    if task.rules.sentiment:
        return _fit_mood(task, task.rules.sentiment)
    return _fit_best(task) if task.rules.decide == "best" else _fit_each(task)


def _fit_best(task: Task) -> Rows:
    """Fit one model for all labels of a facet of which the best wins."""
    seen, rules = task.seen, task.rules
    right = np.array([task.labels.index(row.labels(rules.facet)[0]) for row in task.rows])
    default = task.labels.index(rules.default or "")
    before = np.where(seen.scores.max(1) >= rules.threshold, seen.scores.argmax(1), default)
    logits = np.zeros(seen.scores.shape)
    for train, test in task.folds():
        weights, start, scale = fit_multinomial(
            seen.present[train], right[train], seen.scores[train], penalty=task.penalty
        )
        logits[test] = seen.present[test] @ weights + start + scale * seen.scores[test]
    lift = _lift(logits, right, task.labels)
    after = (logits + lift).argmax(1)
    print(f"{rules.facet}: accuracy {np.mean(before == right):.3f} by rules, {np.mean(after == right):.3f} with words")
    weights, start, scale = fit_multinomial(seen.present, right, seen.scores, penalty=task.penalty)
    return _rows(seen.words, task.labels, weights / scale, (start + lift) / scale)


def _lift(logits: Array, right: npt.NDArray[np.int_], labels: Sequence[str]) -> Array:
    """Return what to add to the logits of each label, so that enough critical complaints are found."""
    lift = np.zeros(len(labels))
    if "critical" not in labels:
        return lift
    place = labels.index("critical")
    for lift[place] in np.linspace(0, 3, 31):
        said = (logits + lift).argmax(1) == place
        recall, precision = _share(said, right == place), _share(right == place, said)
        if recall >= SHARE_OF_CRITICAL or precision < LEAST_PRECISION:
            break
    print(f"critical: recall {recall:.2f}, precision {precision:.2f}")
    return lift


def _fit_each(task: Task) -> Rows:
    """Fit a model for each label of a facet whose labels are tried one by one."""
    fitted: Rows = {}
    both = found = wanted = 0
    for place, label in enumerate(task.labels):
        right = task.right(label)
        if label == task.rules.default or right.sum() < FEWEST_POSITIVE:
            continue
        offset = task.seen.scores[:, place] - task.rules.thresholds.get(label, task.rules.threshold)
        logits = np.zeros(len(right))
        for train, test in task.folds():
            present = task.seen.present[train]
            weights, start, scale = fit_binary(present, right[train], offset[train], penalty=task.penalty)
            logits[test] = task.seen.present[test] @ weights + start + scale * offset[test]
        shift = _cut(logits, right, SHARE_OF_CRITICAL if label == "critical" else None)
        said = logits + shift >= 0
        figures = (_share(offset >= 0, right), _share(right, offset >= 0), _share(said, right), _share(right, said))
        print(f"{task.rules.facet}.{label}: {right.sum()} complaints; recall and precision by rules "
              "{:.2f} {:.2f}, with words {:.2f} {:.2f}".format(*figures))  # fmt: skip
        both, found, wanted = both + int((said & right).sum()), found + int(said.sum()), wanted + int(right.sum())
        weights, start, scale = fit_binary(task.seen.present, right, offset, penalty=task.penalty)
        for word, row in _rows(
            task.seen.words, [label], weights[:, None] / scale, np.array([(start + shift) / scale])
        ).items():
            fitted.setdefault(word, {}).update(row)
    print(f"{task.rules.facet}: micro-F1 with words {2 * both / max(1, found + wanted):.3f}")
    return fitted


def _fit_mood(task: Task, spec: SentimentSpec) -> Rows:
    """Fit how words move the mood, in the units before the hyperbolic tangent."""
    seen = task.seen
    right = np.array([row.sentiment for row in task.rows])
    target = np.arctanh(np.clip(right, -0.96, 0.96)) * spec.scale - seen.scores[:, 0]
    moved = np.zeros(len(right))
    for train, test in task.folds():
        weights, start = fit_regression(seen.present[train], target[train], penalty=4 * task.penalty)
        moved[test] = seen.present[test] @ weights + start
    before, after = (np.abs(np.tanh((seen.scores[:, 0] + add) / spec.scale) - right).mean() for add in (0, moved))
    print(f"sentiment: mean absolute error {before:.3f} by rules, {after:.3f} with words")
    weights, start = fit_regression(seen.present, target, penalty=4 * task.penalty)
    return _rows(seen.words, [spec.mood], weights[:, None], np.array([start]))


def _cut(logits: Array, right: npt.NDArray[np.bool_], least: float | None) -> float:
    """Return what to add to the logits: for the best F1, or for a recall of ``least``; small moves only."""
    shifts = np.linspace(-1.5, 3.0 if least else 1.5, 46)
    if least:
        return float(next((shift for shift in shifts if _share(logits + shift >= 0, right) >= least), shifts[-1]))
    scores = [2 * (said & right).sum() / max(1, said.sum() + right.sum()) for said in (logits + s >= 0 for s in shifts)]
    near = [shift for shift, score in zip(shifts, scores, strict=True) if score >= max(scores) - 0.005]
    return float(min(near, key=abs))


def _share(said: npt.NDArray[np.bool_], right: npt.NDArray[np.bool_]) -> float:
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
            flat = ((label, word != "", -weight, word) for word, row in rows.items() for label, weight in row.items())
            sheet.writerows((facet, word, label, -negative) for label, _, negative, word in sorted(flat))


if __name__ == "__main__":
    sys.exit(main())
