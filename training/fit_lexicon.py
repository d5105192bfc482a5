"""python -m triage.training.fit_lexicon FILE… --tune FILE… [--out configs/rules/lexicon.csv]: fits words beside rules.

For each facet a linear model with an L1 penalty is fitted on which words occur in the labelled complaints of FILE…. How
much the rules count beside it is chosen on the files after ``--tune``, which nobody had in view who wrote the rules: on
the others the rules know too much. Weights come out in the units of the rules. The figures that are printed are those
of the tuning files.
"""

from __future__ import annotations

import argparse
import csv
import logging
import re
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
from triage.training.script import run
from triage.training.sparse_linear import fit_binary, fit_multinomial, fit_regression

__all__ = ["main"]

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Rows = dict[str, dict[str, float]]

FEWEST_ROWS = 5
"""A word that fewer complaints have is not looked at."""
FEWEST_POSITIVE = 30
"""A label that is tried by itself and that fewer complaints have gets no words."""
SCALES = (0.2, 0.3, 0.45, 0.6, 0.8, 1.0, 1.4)
"""How much a unit of the rules may count in logits."""
LEAST_PRECISION = 0.57
"""Of critical complaints: a missed one costs more than a false alarm, down to this precision."""
SMALLEST = 0.1
"""Weights below are left out."""


@dataclass(frozen=True, slots=True)
class Task:
    """One facet to fit.

    Attributes:
        rules: the rules of the facet.
        labels: its labels.
        rows: the complaints, those to fit on first.
        tune: which of them the scale is chosen on.
        words: the candidates, one a column.
        present: shape (complaints, words), 1 where the word occurs and counts.
        scores: shape (complaints, labels), the sum of the rules' hits.
        penalty: of the absolute weights, against the summed log loss.
    """

    rules: FacetRules
    labels: list[str]
    rows: Sequence[Labelled]
    tune: Mask
    words: Sequence[str]
    present: sparse.csr_matrix
    scores: Array
    penalty: float

    def right(self, label: str) -> Mask:
        """Return which complaints have ``label``."""
        return np.array([label in row.labels(self.rules.facet) for row in self.rows])


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    parser = argparse.ArgumentParser(prog="fit_lexicon", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--tune", nargs="+", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--configs", type=Path, help="a folder of configuration over the default one")
    parser.add_argument("--penalty", type=float, default=0.9)
    options = parser.parse_args(arguments)
    config = load(options.configs)
    fitted_on = list(read_labelled(options.files, config))
    tuned_on = list(read_labelled(options.tune, config))
    rows = [*fitted_on, *tuned_on]
    tune = np.arange(len(rows)) >= len(fitted_on)
    texts = list(_texts(rows, config))
    words = candidates(texts[: len(fitted_on)])
    print(f"{len(fitted_on)} complaints, {len(words)} candidate words; tuned on {len(tuned_on)}")
    seen = look(texts, words, config)
    fitted = {}
    for rules in (rules for name in judging_order(config.rules) for rules in config.rules if rules.facet == name):
        present, scores = seen[rules.facet]
        task = Task(rules, spoken_labels(rules, config), rows, tune, words, present, scores, options.penalty)
        fitted[rules.facet] = fit(task)
    if options.out:
        write(fitted, options.out)
    return 0


def spoken_labels(rules: FacetRules, config: Config) -> list[str]:
    """Return the labels that words of a facet speak for."""
    return [rules.sentiment.mood] if rules.sentiment else list(config.taxonomy.facets[rules.facet].ids)


def _texts(rows: Iterable[Labelled], config: Config) -> Iterator[str]:
    normalise, redactor = Normaliser(config.text), Redactor(config.redaction)
    return (normalise(redactor.redact(row.text).mask()).text for row in rows)


def candidates(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the words of two to six characters, and such pairs of neighbouring words, that enough complaints have."""
    jieba.setLogLevel(logging.ERROR)
    counts: Counter[str] = Counter()
    for text in texts:
        pieces = list(jieba.cut(text))
        pairs = (one + other for one, other in pairwise(pieces))
        counts.update({word for word in (*pieces, *pairs) if re.fullmatch(r"[\u4e00-\u9fffa-z]{2,6}", word)})
    return tuple(sorted(word for word, count in counts.items() if count >= FEWEST_ROWS))


def look(texts: Sequence[str], words: Sequence[str], config: Config) -> Mapping[str, tuple[sparse.csr_matrix, Array]]:
    """Return for each facet which words occur and count, and what the rules alone score."""
    labels = {rules.facet: spoken_labels(rules, config) for rules in config.rules}
    silent = {rules.facet: rules.default or labels[rules.facet][0] for rules in config.rules}
    spec = LexiconSpec(weights={facet: {word: {label: 0.0} for word in words} for facet, label in silent.items()})
    engine = RulesEngine(config.rules, config.words, config.scopes, spec)
    moods = {rules.facet: rules.sentiment.scale for rules in config.rules if rules.sentiment}
    column = {word: place for place, word in enumerate(words)}
    present = {facet: sparse.lil_matrix((len(texts), len(words))) for facet in labels}
    scores = {facet: np.zeros((len(texts), len(names))) for facet, names in labels.items()}
    for place, text in enumerate(texts):
        for facet, hits in engine.explain(text).items():
            for hit in hits:
                if hit.rule == f"lexicon.{facet}":
                    present[facet][place, column[text[hit.start : hit.end]]] = 1
                elif hit.label in labels[facet]:
                    scores[facet][place, labels[facet].index(hit.label)] += hit.weight
        for facet, scale in moods.items():
            score = engine.judge(text)[facet].score
            scores[facet][place, 0] = np.arctanh(np.clip(score, -0.999, 0.999)) * scale
    return {facet: (present[facet].tocsr(), scores[facet]) for facet in labels}


def fit(task: Task) -> Rows:
    """Return the words of one facet, and print how they do on the tuning files."""
    if task.rules.sentiment:
        return _fit_mood(task, task.rules.sentiment)
    return _fit_best(task) if task.rules.decide == "best" else _fit_each(task)


def _fit_best(task: Task) -> Rows:
    """Fit one model for all labels of a facet of which the best wins."""
    train, tune = ~task.tune, task.tune
    right = np.array([task.labels.index(row.labels(task.rules.facet)[0]) for row in task.rows])
    weights, start = fit_multinomial(task.present[train], right[train], len(task.labels), penalty=task.penalty)
    words = task.present[tune] @ weights + start
    shares = [np.mean((words + scale * task.scores[tune]).argmax(1) == right[tune]) for scale in SCALES]
    scale = SCALES[int(np.argmax(shares))]
    lift = _lift(words + scale * task.scores[tune], right[tune], task.labels)
    said = [found.argmax(1) for found in (task.scores[tune], words, words + scale * task.scores[tune] + lift)]
    figures = ", ".join(f"{np.mean(found == right[tune]):.3f}" for found in said)
    print(f"{task.rules.facet}: accuracy of rules, words, both at scale {scale}: {figures}")
    return _rows(task.words, task.labels, weights / scale, (start + lift) / scale)


def _lift(logits: Array, right: npt.NDArray[np.int_], labels: Sequence[str]) -> Array:
    """Return what to add to the logits of each label: for ``critical`` as much as the least precision allows."""
    lift = np.zeros(len(labels))
    if "critical" not in labels:
        return lift
    place = labels.index("critical")
    steps = np.zeros((41, len(labels)))
    steps[:, place] = np.linspace(0, 4, len(steps))
    for step in steps:
        said = (logits + step).argmax(1) == place
        if _share(right == place, said) < LEAST_PRECISION:
            break
        lift = step
    said = (logits + lift).argmax(1) == place
    print(f"critical: recall {_share(said, right == place):.2f}, precision {_share(right == place, said):.2f}")
    return lift


def _fit_each(task: Task) -> Rows:
    """Fit a model for each label of a facet whose labels are tried one by one."""
    train, tune = ~task.tune, task.tune
    rules, wanted = task.rules, {}
    offsets, words, models = {}, {}, {}
    for place, label in enumerate(task.labels):
        right = task.right(label)
        if label == rules.default or right[train].sum() < FEWEST_POSITIVE:
            continue
        wanted[label] = right[tune]
        offsets[label] = task.scores[tune, place] - rules.thresholds.get(label, rules.threshold)
        weights, start = fit_binary(task.present[train], right[train], penalty=task.penalty)
        models[label] = weights, start
        words[label] = task.present[tune] @ weights + start
    shares = [_micro({label: words[label] + scale * offsets[label] for label in words}, wanted) for scale in SCALES]
    scale = SCALES[int(np.argmax(shares))]
    figures = (_micro(offsets, wanted), _micro(words, wanted), max(shares))
    print(f"{rules.facet}: micro-F1 of rules, words, both at scale {scale}: {figures[0]:.3f}, {figures[1]:.3f}, "
          f"{figures[2]:.3f}")  # fmt: skip
    fitted: Rows = {}
    if figures[2] <= figures[0]:
        print(f"{rules.facet}: words do not help; it gets none")
        return fitted
    for label, (weights, start) in models.items():
        for word, row in _rows(task.words, [label], weights[:, None] / scale, np.array([start / scale])).items():
            fitted.setdefault(word, {}).update(row)
    return fitted


def _fit_mood(task: Task, spec: SentimentSpec) -> Rows:
    """Fit how words move the mood, in the units before the hyperbolic tangent; the rules keep their weight."""
    train, tune = ~task.tune, task.tune
    right = np.array([row.sentiment for row in task.rows])
    target = np.arctanh(np.clip(right, -0.96, 0.96)) * spec.scale - task.scores[:, 0]
    weights, start = fit_regression(task.present[train], target[train], penalty=4 * task.penalty)
    moved = task.present[tune] @ weights + start
    before, after = (np.abs(np.tanh((task.scores[tune, 0] + add) / spec.scale) - right[tune]).mean()
                     for add in (0, moved))  # fmt: skip
    print(f"sentiment: mean absolute error of rules {before:.3f}, with words {after:.3f}")
    return _rows(task.words, [spec.mood], weights[:, None], np.array([start]))


def _micro(logits: Mapping[str, Array], wanted: Mapping[str, Mask]) -> float:
    both = sum(int(((found >= 0) & wanted[label]).sum()) for label, found in logits.items())
    each = sum(int((found >= 0).sum() + wanted[label].sum()) for label, found in logits.items())
    return 2 * both / max(1, each)


def _share(said: Mask, right: Mask) -> float:
    return float((said & right).sum() / max(1, right.sum()))


def _rows(words: Sequence[str], labels: Sequence[str], weights: Array, start: Array) -> Rows:
    rows: Rows = {"": {label: round(float(value), 2) for label, value in zip(labels, start, strict=True)}}
    for word, row in zip(words, weights, strict=True):
        kept = {label: round(float(w), 2) for label, w in zip(labels, row, strict=True) if abs(w) >= SMALLEST}
        if kept:
            rows[word] = kept
    return rows


def write(fitted: dict[str, Rows], path: Path) -> None:
    """Write the rows facet by facet, the strongest words of a label first, so that two fits can be compared."""
    with path.open("w", newline="", encoding="utf-8") as file:
        sheet = csv.writer(file, lineterminator="\n")
        sheet.writerow(LEXICON_COLUMNS)
        for facet, rows in sorted(fitted.items()):
            flat = ((label, word != "", -weight, word) for word, row in rows.items() for label, weight in row.items())
            sheet.writerows((facet, word, label, -negative) for label, _, negative, word in sorted(flat))


if __name__ == "__main__":
    run(main)
