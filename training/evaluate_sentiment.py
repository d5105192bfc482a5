"""python -m triage.training.evaluate_sentiment FOLDER [--model DIR] [--trained] [--limit N]: public sentiment data.

Prints accuracy and macro-F1 on the part that is held aside of every ``sentiment_*.csv.gz`` in FOLDER, for the triage
itself, for snownlp and for pysenti. ``--trained`` adds what learns from the other part of the same set: TF-IDF with
logistic regression, and fastText. ``--limit`` takes the first texts of each set only.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

from triage.errors import InputError, UsageError
from triage.pipeline import load
from triage.training.baselines.fasttext import likely, line_of, train
from triage.training.baselines.pysenti import pysenti_scores
from triage.training.baselines.snownlp import snownlp_scores
from triage.training.baselines.words import features
from triage.training.evaluate.answer import answers_of
from triage.training.evaluate.classes import score_facet
from triage.training.evaluate.document import table_lines
from triage.training.evaluate.mood import NEUTRAL
from triage.training.evaluate.sections import Table
from triage.training.script import run
from triage.training.sentiment_data import Mood, SentimentRow, part, read_sentiment

__all__ = ["Scorer", "SetScore", "main", "mood_of", "score_set"]

Scorer = Callable[[list[str]], list[float]]
"""Texts in, as many scores in [-1, 1] out."""

MOODS: tuple[Mood, ...] = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class SetScore:
    """How a scorer does on one set; macro-F1 is the mean over the labels that occur in it."""

    rows: int
    accuracy: float
    macro_f1: float


def mood_of(score: float, *, neutral: bool) -> Mood:
    """Return the label of a score in [-1, 1].

    Args:
        score: of a text.
        neutral: whether the set knows neutral texts: then a score within 0.2 of 0 is one, as in the label guide.
            Elsewhere the sign decides, and 0 counts as negative.
    """
    if neutral and abs(score) < NEUTRAL:
        return "neutral"
    return "positive" if score > 0 else "negative"


def score_set(rows: Sequence[SentimentRow], scores: Sequence[float]) -> SetScore:
    """Score the texts of one set.

    Args:
        rows: at least one.
        scores: in [-1, 1], as many.

    Raises:
        UsageError: there are fewer or more scores than rows, or one is no number in [-1, 1].
    """
    if len(scores) != len(rows):
        raise UsageError(f"scorer gave {len(scores)} scores for {len(rows)} texts; legal: one each")
    for score in scores:
        if not -1 <= score <= 1:
            raise UsageError(f"scorer gave {score!r}; legal: numbers in [-1, 1]")
    neutral = any(row.label == "neutral" for row in rows)
    said = [mood_of(score, neutral=neutral) for score in scores]
    found = score_facet(
        "sentiment", [row.label for row in rows], said, ids=[str(place) for place in range(len(rows))], order=MOODS
    )
    return SetScore(found.rows, found.accuracy, found.macro_f1)


def tfidf(rows: Sequence[SentimentRow]) -> Scorer:
    """Return a scorer that learnt from ``rows``: TF-IDF with logistic regression."""
    model = make_pipeline(features(), LogisticRegression(C=10, max_iter=300))
    model.fit([row.text for row in rows], [row.label for row in rows])
    return lambda texts: _balance(model.predict_proba(texts), model.classes_)


def fasttext(rows: Sequence[SentimentRow]) -> Scorer:
    """Return a scorer that learnt from ``rows``: fastText."""
    model = train([line_of(row.text) for row in rows], [[row.label] for row in rows])

    def score(texts: list[str]) -> list[float]:
        found = (dict(likely(model, line_of(text))) for text in texts)
        return [float(np.clip(one.get("positive", 0.0) - one.get("negative", 0.0), -1, 1)) for one in found]

    return score


def _balance(likely: np.ndarray, classes: Sequence[str]) -> list[float]:
    """Return the probability of positive less that of negative, from shape (texts, classes)."""
    places = {name: place for place, name in enumerate(classes)}
    balance = likely[:, places["positive"]] - likely[:, places["negative"]]
    return [float(value) for value in balance]


LEARNERS: Mapping[str, Callable[[Sequence[SentimentRow]], Scorer]] = {
    "TF-IDF + logistic regression": tfidf,
    "fastText": fasttext,
}


def table(held: Mapping[str, Sequence[SentimentRow]], scored: Mapping[str, Mapping[str, SetScore]]) -> Table:
    """Return a line for each scorer with accuracy / macro-F1 in a column for each set."""
    head = ("accuracy / macro-F1", *(f"{name} ({len(rows)})" for name, rows in held.items()))
    cells = {
        scorer: [f"{sets[name].accuracy:.3f} / {sets[name].macro_f1:.3f}" for name in held]
        for scorer, sets in scored.items()
    }
    return Table(head, tuple((scorer, *line) for scorer, line in cells.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and return 0."""
    parser = argparse.ArgumentParser(prog="evaluate_sentiment", description=__doc__)
    parser.add_argument("folder", type=Path, metavar="FOLDER")
    parser.add_argument("--model", type=Path, metavar="DIR", help="a trained folder; the default one otherwise")
    parser.add_argument("--trained", action="store_true", help="add the baselines that learn from the other part")
    parser.add_argument("--limit", type=int, metavar="N", help="texts of each set, 1 and above; all by default")
    options = parser.parse_args(arguments)
    if options.limit is not None and options.limit < 1:
        raise UsageError(f"--limit is {options.limit}; legal: 1 and above")
    triage = load(options.model)
    rows = read_sentiment(options.folder)
    held = _by_set(rows, "held", options.limit)
    scorers: dict[str, Scorer] = {
        "triage": lambda texts: [one.sentiment or 0.0 for one in answers_of(triage, texts)],
        "snownlp": snownlp_scores,
        "pysenti": pysenti_scores,
    }
    scored: dict[str, dict[str, SetScore]] = {}
    for name, scorer in scorers.items():
        print(name, file=sys.stderr)
        scored[name] = {of: score_set(some, scorer([row.text for row in some])) for of, some in held.items()}
    if options.trained:
        known = _by_set(rows, "train", None)
        for name, learn in LEARNERS.items():
            print(name, file=sys.stderr)
            scored[name] = {
                of: score_set(some, learn(known[of])([row.text for row in some])) for of, some in held.items()
            }
    print("\n".join(table_lines(table(held, scored))))
    return 0


def _by_set(rows: Sequence[SentimentRow], side: str, limit: int | None) -> dict[str, list[SentimentRow]]:
    found: dict[str, list[SentimentRow]] = {row.set: [] for row in rows}
    for row in rows:
        if part(row.text) == side:
            found[row.set].append(row)
    for name, some in found.items():
        if not some:
            raise InputError(f"{name}: no text belongs to the part {side!r}; legal: a set of some dozen texts or more")
    return {name: some[:limit] for name, some in found.items()}


if __name__ == "__main__":
    run(main)
