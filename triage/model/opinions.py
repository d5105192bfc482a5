"""Logits as opinions: probabilities of labels, and what each token adds to them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.model.heads import Head, Layout
from triage.model.spec import Calibration

__all__ = ["Opinion", "Opinions", "Shares"]

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Shares:
    """What each token of a text adds to the logit of a label against the others.

    Attributes:
        spans: where each token stands in the normalised text, ``(start, end)``.
        weights: what each adds, in the same order.
    """

    spans: tuple[tuple[int, int], ...] = ()
    weights: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of one facet of one text.

    Attributes:
        head: the facet.
        probabilities: of each label of the head, in [0, 1]; they add up to 1 but for a multi-label head, where each
            stands for itself. Empty for a score.
        score: in [-1, 1]; 0 but for a score head.
        spread: standard deviation of the score's error.
        thresholds: of a multi-label head, from which probability each label is said.
        shares: by label (a score has the label ``""``) what the tokens add; of labels that may be chosen.
    """

    head: Head
    probabilities: tuple[float, ...] = ()
    score: float = 0.0
    spread: float = 0.0
    thresholds: tuple[float, ...] = ()
    shares: Mapping[str, Shares] = field(default_factory=dict)

    def __getitem__(self, label: str) -> float:
        """Return the probability of a label."""
        return self.probabilities[self.head.labels.index(label)]

    @property
    def ranked(self) -> list[tuple[str, float]]:
        """The labels with their probabilities, the likeliest first."""
        return sorted(zip(self.head.labels, self.probabilities, strict=True), key=lambda pair: -pair[1])

    @property
    def said(self) -> list[str]:
        """The labels of a multi-label head that reach their thresholds."""
        rows = zip(self.head.labels, self.probabilities, self.thresholds, strict=True)
        return [label for label, probability, threshold in rows if probability >= threshold]

    def within(self, low: float, high: float) -> float:
        """Return the probability that the true score lies in ``[low, high)``, errors taken as normally distributed."""
        return _normal((high - self.score) / self.spread) - _normal((low - self.score) / self.spread)


class Opinions:
    """Turns the attention and values of a text's tokens into opinions.

    Args:
        layout: where each head's columns lie.
        bias: of each output, ``[outputs]``.
        calibration: of the model.
    """

    def __init__(self, layout: Layout, bias: Floats, calibration: Calibration) -> None:
        self._layout = layout
        self._bias = bias
        self._calibration = calibration
        self._query_of = np.array(layout.query_of)
        rising = [head for head in layout.heads if head.kind in ("ordinal", "multi")]
        self._rising = [column for head in rising for column in range(*layout[head.facet].indices(layout.outputs))]

    def logits(self, attention: Floats, values: Floats, sizes: Sequence[int] = ()) -> tuple[Floats, Floats]:
        """Return the logits of a text, ``[outputs]``, and its tokens' terms in them, ``[tokens, outputs]``.

        Args:
            attention: of all tokens of all windows, before the softmax, ``[tokens, queries]``.
            values: ``[tokens, outputs]``.
            sizes: tokens of each window. Where there are several, an output that rises, of an ordinal or a multi-label
                head, is what it is in the window where it is highest: one cry for help is not drowned by the length of
                a letter. The other outputs are those of the whole text.
        """
        if not len(values):
            return self._bias, values
        logits, terms = self._summed(attention, values)
        if len(sizes) > 1:
            ends = np.cumsum(sizes)
            parts = [slice(end - size, end) for size, end in zip(sizes, ends, strict=True)]
            summed = [self._summed(attention[part], values[part]) for part in parts]
            for column in self._rising:
                best = max(range(len(parts)), key=lambda place: summed[place][0][column])
                if summed[best][0][column] > logits[column]:
                    logits[column] = summed[best][0][column]
                    terms[:, column] = 0
                    terms[parts[best], column] = summed[best][1][:, column]
        return logits, terms

    def _summed(self, attention: Floats, values: Floats) -> tuple[Floats, Floats]:
        weight = np.exp(attention - attention.max(0))
        weight /= weight.sum(0)
        terms: Floats = weight[:, self._query_of] * values
        return terms.sum(0) + self._bias, terms

    def __call__(
        self, attention: Floats, values: Floats, spans: Sequence[tuple[int, int]], sizes: Sequence[int] = ()
    ) -> dict[str, Opinion]:
        """Return the opinions of one text by facet.

        Args:
            attention: as :meth:`logits` takes it.
            values: likewise.
            spans: where each token stands in the normalised text.
            sizes: tokens of each window.
        """
        logits, terms = self.logits(attention, values, sizes)
        places = tuple(spans)
        return {
            head.facet: self._opinion(
                head, logits[self._layout[head.facet]], terms[:, self._layout[head.facet]], places
            )
            for head in self._layout.heads
        }

    def _opinion(self, head: Head, logits: Floats, terms: Floats, spans: tuple[tuple[int, int], ...]) -> Opinion:
        if head.kind == "score":
            score = math.tanh(float(logits[0]))
            sign = math.copysign(1.0, score)
            spread = self._calibration.spread.get(head.facet, 1.0)
            return Opinion(head, score=score, spread=spread, shares={"": _shares(terms[:, 0] * sign, spans)})
        logits = logits / self._calibration.temperatures.get(head.facet, 1.0)
        if head.kind == "multi":
            probabilities = _sigmoid(logits)
            thresholds = self._calibration.thresholds.get(head.facet, (0.5,) * len(head.labels))
            said = np.flatnonzero(probabilities >= np.array(thresholds))
            shares = {head.labels[place]: _shares(terms[:, place], spans) for place in said}
            return Opinion(head, tuple(probabilities.tolist()), thresholds=thresholds, shares=shares)
        if head.kind == "ordinal":
            probabilities, directions = _ordinal(logits)
        else:
            probabilities = _softmax(logits)
            # How the log-probability of a label grows with each logit.
            directions = (np.eye(len(probabilities)) - probabilities).astype(np.float32)
        # Evidence only for labels that may be chosen.
        likely = np.flatnonzero(probabilities >= min(0.05, float(probabilities.max())))
        shares = {head.labels[place]: _shares(terms @ directions[place], spans) for place in likely}
        return Opinion(head, tuple(probabilities.tolist()), shares=shares)


def _ordinal(logits: Floats) -> tuple[Floats, Floats]:
    """Return the probabilities of the labels from the conditional logits of the steps up (CORN), and directions.

    A direction tells how the log-probability of a label grows with the logit of each step.
    """
    up, one = _sigmoid(logits), np.ones(1, np.float32)
    reach, stay = np.concatenate((one, np.cumprod(up))), np.concatenate((1 - up, one))
    labels = np.arange(len(reach))[:, None]
    steps = np.arange(len(up))[None]
    directions = np.where(steps < labels, 1 - up, np.where(steps == labels, -up, 0)).astype(np.float32)
    return (reach * stay).astype(np.float32), directions


def _shares(weights: Floats, spans: tuple[tuple[int, int], ...]) -> Shares:
    return Shares(spans, tuple(weights.tolist()))


def _softmax(logits: Floats) -> Floats:
    exponents = np.exp(logits - logits.max())
    result: Floats = exponents / exponents.sum()
    return result


def _sigmoid(logits: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(logits, -40, 40)))).astype(np.float32)


def _normal(value: float) -> float:
    return (1 + math.erf(value / math.sqrt(2))) / 2
