"""Labelled rows as examples: the text as the library will read it, in windows, with a target for each head."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.config import Config
from triage.model.heads import Head, Kind
from triage.model.tokens import Tokens
from triage.pipeline import Request
from triage.pipeline.pooling import scores
from triage.pipeline.reading import Reader
from triage.rules import RulesEngine
from triage.training.labelled import Labelled
from triage.training.learn.examples import Example, target
from triage.training.sentiment_data import SentimentRow

__all__ = ["Encoded", "heads_of"]

POLARITY = {"negative": -1.0, "neutral": 0.0, "positive": 1.0}


def heads_of(config: Config) -> list[Head]:
    """Return a head for each facet of the taxonomy; ordinal labels stand there from the most to the least."""
    heads = []
    for facet, spec in config.taxonomy.facets.items():
        kind: Kind = "multi" if spec.multiple else "ordinal" if spec.ordinal else "single"
        heads.append(Head(facet, kind, spec.ids[::-1] if spec.ordinal else spec.ids))
    return [*heads, Head("sentiment", "score")]


class Encoded:
    """Makes examples of rows.

    Args:
        config: its redaction and normal form are those of the library.
        tokenizer: the encoder's ``tokenizer.json``.
        heads: what to learn.
        longest: characters of a normalised text that count.
    """

    def __init__(self, config: Config, tokenizer: Path, heads: Sequence[Head], *, longest: int = 4_000) -> None:
        self._config = config
        self._reader = Reader(config)
        self._tokens = Tokens(Tokenizer.from_file(str(tokenizer)))
        self._heads = heads
        self._longest = longest

    def texts(self, texts: Iterable[str]) -> list[str]:
        """Return each text as the model reads it."""
        return [self._reader.read(Request(text=text)).whole.text[: self._longest] for text in texts]

    def labelled(self, rows: Sequence[Labelled]) -> list[Example]:
        """Return an example of each complaint."""
        windows = self._tokens(self.texts(row.text for row in rows))
        return [
            Example(
                tuple(window.ids for window in own),
                {
                    head.facet: row.sentiment if head.kind == "score" else target(head, row.labels(head.facet))
                    for head in self._heads
                },
            )
            for row, own in zip(rows, windows, strict=True)
        ]

    def spoken(self, texts: Sequence[str]) -> dict[str, NDArray[np.float32]]:
        """Return by facet what the rules say of each label of each text, ``[texts, labels]``."""
        rules = RulesEngine(self._config.rules, self._config.words, self._config.scopes, self._config.lexicon)
        judged = [rules.judge(self._reader.read(Request(text=text)).said.text[: self._longest]) for text in texts]
        return {
            head.facet: np.array(
                [
                    [scores(own[head.facet], multiple=head.kind == "multi").get(label, 0.0) for label in head.labels]
                    for own in judged
                ],
                np.float32,
            )
            for head in self._heads
            if head.kind != "score"
        }

    def moods(self, rows: Sequence[SentimentRow], *, most: int) -> list[Example]:
        """Return an example of each review or post that can be read; it teaches sentiment alone.

        Args:
            rows: public rows.
            most: tokens of a text that count, the special ones included; at most one window.
        """
        legible = [row for row in rows if row.text.strip("\u3000 .。!！?？~～")]
        windows = self._tokens(self.texts(row.text for row in legible))
        return [
            Example((_shortened(own[0].ids, most),), {"sentiment": POLARITY[row.label]})
            for row, own in zip(legible, windows, strict=True)
        ]


def _shortened(ids: tuple[int, ...], most: int) -> tuple[int, ...]:
    return ids if len(ids) <= most else (*ids[: most - 1], Tokens.LAST)
