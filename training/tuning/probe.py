"""A linear probe on a frozen encoder, for histories too small to move it.

Each head is a logistic regression on the mean of a text's token vectors; heads that the start knows already look at
the text as they did, and are pulled towards their old weights instead of zero. The regularisation is chosen, and the
probabilities are calibrated, on folds that were not learned from; then all rows are learned. The result is a network
like any other: a zero query weighs all tokens alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from triage.model.heads import Head
from triage.training.learn.examples import Batch, Example, collate
from triage.training.learn.losses import head_loss
from triage.training.learn.network import Network
from triage.training.tuning.data import Rows, class_weights
from triage.training.tuning.scores import headline

__all__ = ["Probed", "probe"]

STRENGTHS = (0.1, 0.03, 0.01, 0.003)
"""Of the pull, from the strongest."""
FOLDS = 5
ROWS_AT_ONCE = 16
STEPS = 40


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found.

    Attributes:
        strengths: by facet, the pull that did best on the folds.
        scores: by facet, the score of each strength on the folds.
        logits: of each row by the fold that had not learned it, ``[rows, outputs]``.
    """

    strengths: dict[str, float]
    scores: dict[str, dict[float, float]]
    logits: NDArray[np.float32]


def probe(
    network: Network,
    data: Rows,
    rows: NDArray[np.int64],
    stories: NDArray[np.int64],
    *,
    seed: int,
    told: Callable[[str], None] | None = None,
) -> Probed:
    """Fit the heads of a network that the rows have targets for; the encoder and the other heads stay as they are.

    Args:
        network: changed in place.
        data: the rows.
        rows: to learn from.
        stories: of all rows; a story stands in one fold.
        seed: of the folds.
        told: hears what is done.
    """
    network.eval()
    features = _features(network, data, rows)
    examples = data.examples(rows)
    folds = _folds(stories[rows], seed)
    found = np.zeros((len(rows), network.layout.outputs), np.float32)
    strengths: dict[str, float] = {}
    scores: dict[str, dict[float, float]] = {}
    # Thousands of small products: threads would wait for each other longer than they work.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    for head in network.layout.heads:
        if head.facet not in data.targets:
            continue
        own = _Own(network=network, head=head, features=features, data=data, rows=rows, examples=examples)
        tried = {strength: own.across(folds, strength) for strength in STRENGTHS}
        scores[head.facet] = {
            strength: headline(_wide(logits, network, head), examples, network.layout, [head.facet])
            for strength, logits in tried.items()
        }
        # Of equals the strongest pull.
        best = max(STRENGTHS, key=lambda strength: (round(scores[head.facet][strength], 3), strength))
        strengths[head.facet] = best
        found[:, network.layout[head.facet]] = tried[best]
        own.fit(torch.arange(len(rows)), best, into=network)
        if told is not None:
            told(f"{head.facet}: probe with pull {best:g}, {scores[head.facet][best]:.3f} across {len(folds)} folds")
    torch.set_num_threads(threads)
    return Probed(strengths, scores, found)


class _Own:
    """The regression of one head.

    Args:
        network: with the weights to be pulled towards.
        head: which.
        features: ``[rows, queries, hidden]`` of the whole network.
        data: for the weights of labels.
        rows: the rows' numbers.
        examples: of the rows.
    """

    def __init__(
        self,
        *,
        network: Network,
        head: Head,
        features: Tensor,
        data: Rows,
        rows: NDArray[np.int64],
        examples: Sequence[Example],
    ) -> None:
        self._head = head
        self._place = network.layout[head.facet]
        queries = network.layout.query_of[self._place]
        unlike = sorted(set(queries))
        self._features = features[:, unlike]
        self._query = torch.tensor([unlike.index(query) for query in queries])
        # One scale for each dimension, so that one pull fits all; the middle goes into the bias.
        self._middle = self._features.mean((0, 1))
        self._scale = self._features.std((0, 1)).clamp_min(1e-4)
        self._target = collate(examples, [head]).targets[head.facet]
        weights = class_weights(head, data.targets[head.facet], rows)
        self._weights = None if weights is None else weights[self._target.clamp_min(0)]
        self._start = network.value.weight[self._place].detach().clone() * self._scale
        self._bias = network.bias[self._place].detach() + network.value.weight[self._place].detach() @ self._middle

    def across(self, folds: Sequence[NDArray[np.int64]], strength: float) -> NDArray[np.float32]:
        """Return the logits of each row by a regression that has not seen its fold, ``[rows, outputs]``."""
        found = torch.zeros(len(self._target), self._head.outputs)
        for fold in folds:
            held = torch.from_numpy(fold)
            mask = torch.ones(len(self._target), dtype=torch.bool)
            mask[held] = False
            weight, bias = self.fit(mask.nonzero()[:, 0], strength)
            found[held] = self._logits(held, weight, bias)
        return np.asarray(found.numpy(), np.float32)

    def fit(self, rows: Tensor, strength: float, *, into: Network | None = None) -> tuple[Tensor, Tensor]:
        """Return weights and bias for scaled features, learned from some rows; write them into a network if asked."""
        move = torch.zeros_like(self._start, requires_grad=True)
        bias = self._bias.clone().requires_grad_()
        optimizer = torch.optim.LBFGS([move, bias], max_iter=STEPS, line_search_fn="strong_wolfe")

        def closure() -> Tensor:
            optimizer.zero_grad()
            logits = self._logits(rows, self._start + move, bias)
            loss = head_loss(self._head, logits, self._target[rows])
            if self._weights is not None:
                loss = loss * self._weights[rows]
            total: Tensor = loss.mean() + strength * move.square().sum() / 2
            total.backward()  # type: ignore[no-untyped-call]
            return total

        optimizer.step(closure)  # type: ignore[no-untyped-call]
        weight, bias = (self._start + move).detach(), bias.detach()
        if into is not None:
            plain = weight / self._scale
            with torch.no_grad():
                into.value.weight[self._place] = plain
                into.bias[self._place] = bias - plain @ self._middle
        return weight, bias

    def _logits(self, rows: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        scaled = (self._features[rows] - self._middle) / self._scale
        if scaled.shape[1] == 1:
            return scaled[:, 0] @ weight.T + bias
        return torch.einsum("roh,oh->ro", scaled[:, self._query], weight) + bias


def _features(network: Network, data: Rows, rows: NDArray[np.int64]) -> Tensor:
    """Return what each query sees of each row, ``[rows, queries, hidden]``: a weighted mean of its token vectors."""
    found = torch.empty(len(rows), network.layout.queries, network.encoder.config.hidden_size)
    order = np.argsort(data.texts.sizes[rows], kind="stable")
    for first in range(0, len(order), ROWS_AT_ONCE):
        places = order[first : first + ROWS_AT_ONCE]
        batch = collate(data.examples(rows[places]), [])
        with torch.no_grad():
            found[torch.from_numpy(places)] = _seen(network, batch)
    return found


def _seen(network: Network, batch: Batch) -> Tensor:
    hidden = network.encoder(input_ids=batch.ids, attention_mask=batch.mask).last_hidden_state
    inner = batch.mask.bool() & (batch.mask.cumsum(1) > 1) & (batch.mask.flip(1).cumsum(1).flip(1) > 1)
    attention = network.query(hidden)
    rows = []
    for number in range(len(batch.weights)):
        own = batch.text == number
        tokens, weights = hidden[own][inner[own]], attention[own][inner[own]]
        rows.append(
            weights.softmax(0).T @ tokens if len(tokens) else hidden.new_zeros(weights.shape[-1], hidden.shape[-1])
        )
    return torch.stack(rows)


def _folds(stories: NDArray[np.int64], seed: int) -> list[NDArray[np.int64]]:
    """Return the places of the rows of each fold; a story stands in one."""
    unlike = np.unique(stories)
    drawn = np.random.default_rng(seed).permutation(len(unlike)) % min(FOLDS, len(unlike))
    fold = drawn[np.searchsorted(unlike, stories)]
    return [np.flatnonzero(fold == number) for number in range(int(fold.max()) + 1)]


def _wide(logits: NDArray[np.float32], network: Network, head: Head) -> NDArray[np.float32]:
    """Return the logits of a head in their place among all outputs."""
    whole = np.zeros((len(logits), network.layout.outputs), np.float32)
    whole[:, network.layout[head.facet]] = logits
    return whole
