"""Shadow mode: a candidate judges what the model in force judges, its answers go nowhere, and differences are counted.

A caller hands over what was asked and what was answered; it never waits, and nothing that the candidate does can reach
it: what does not fit into the queue is dropped and counted, and an error is counted.
"""

from __future__ import annotations

import json
import queue
import random
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import OutputError, UsageError
from triage.pipeline import Request, Triage
from triage.registry.canonical import write_whole
from triage.types import Decision

__all__ = ["FACETS", "FacetDifferences", "Shadow", "ShadowReport", "differences"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department")
MULTIPLE = ("demands", "flags")
FACETS = (*SINGLE, *MULTIPLE, "sentiment", "decision")
"""What is compared: labels, sets of labels, the band of the sentiment, and what may be done with the whole."""

SHOWN = 20
"""Ids that a facet keeps, and pairs of labels that it reports."""


@dataclass(frozen=True, slots=True)
class FacetDifferences:
    """How often the two differ on a facet, as what (``current → candidate``), and where: ids alone, never a text."""

    differ: int = 0
    pairs: dict[str, int] = field(default_factory=dict)
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowReport:
    """What a shadow has seen.

    Attributes:
        candidate: the version of the model that judges in the shadow.
        current: how many complaints each version in force had judged.
        compared: complaints that both decided.
        same: complaints on which they agree in every facet.
        dropped: complaints that the shadow had no time for.
        failed: complaints that the candidate could not decide, or only by rules for want of its model.
        facets: by facet.
    """

    candidate: str
    current: dict[str, int]
    compared: int
    same: int
    dropped: int
    failed: int
    facets: dict[str, FacetDifferences]

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists."""
        return asdict(self)

    def write(self, path: Path) -> None:
        """Write the report as JSON.

        Raises:
            OutputError: it cannot be written.
        """
        try:
            write_whole(path, json.dumps(self.to_dict(), ensure_ascii=False, indent=2).encode() + b"\n")
        except OSError as error:
            said = f"{path}: cannot be written ({error.strerror}); legal: a file that may be written"
            raise OutputError(said) from error


class Shadow:
    """Lets a candidate judge live requests beside the model in force, in a thread of its own.

    Args:
        candidate: the library, loaded with the candidate; give it few threads.
        share: of the batches that it sees, in (0, 1]; the rest is passed over.
        waiting: batches that may wait, 1 and above.
        seed: of the choice of batches.

    Raises:
        UsageError: an argument is out of its range, or the candidate has no model.
    """

    def __init__(self, candidate: Triage, *, share: float = 1.0, waiting: int = 64, seed: int | None = None) -> None:
        if not 0 < share <= 1:
            raise UsageError(f"share is {share}; legal: above 0, 1 at most")
        if waiting < 1:
            raise UsageError(f"waiting is {waiting}; legal: 1 and above")
        if candidate.model is None:
            raise UsageError("the candidate has no model; legal: a triage that was loaded with one")
        self._candidate = candidate
        self._share, self._chance = share, random.Random(seed)
        self._queue: queue.Queue[tuple[list[Request], list[Decision]] | None] = queue.Queue(waiting)
        self._lock = threading.Lock()
        self._current: Counter[str] = Counter()
        self._compared = self._same = self._dropped = self._failed = 0
        self._pairs: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
        self._examples: dict[str, list[str]] = {facet: [] for facet in FACETS}
        self._closed = False
        self._thread = threading.Thread(target=self._work, name="shadow", daemon=True)
        self._thread.start()

    def see(self, requests: Sequence[Request], answers: Sequence[Decision | Exception]) -> None:
        """Take over what was asked and answered; returns at once and never raises.

        Args:
            requests: as the model in force got them.
            answers: its decisions, in the same order; what is no decision is passed over.
        """
        if self._closed or (self._share < 1 and self._chance.random() >= self._share):
            return
        pairs = [(asked, said) for asked, said in zip(requests, answers, strict=False) if isinstance(said, Decision)]
        if not pairs:
            return
        try:
            self._queue.put_nowait(([asked for asked, _ in pairs], [said for _, said in pairs]))
        except queue.Full:
            with self._lock:
                self._dropped += len(pairs)

    def report(self) -> ShadowReport:
        """Return what was seen so far."""
        with self._lock:
            return ShadowReport(
                candidate=self._candidate.versions[0],
                current=dict(self._current),
                compared=self._compared,
                same=self._same,
                dropped=self._dropped,
                failed=self._failed,
                facets={
                    facet: FacetDifferences(pairs.total(), dict(pairs.most_common(SHOWN)), tuple(self._examples[facet]))
                    for facet, pairs in self._pairs.items()
                },
            )

    def close(self, *, seconds: float | None = 10.0) -> ShadowReport:
        """Judge what waits, for as long as is given (None: to the end), and return the report."""
        if not self._closed:
            self._closed = True
            try:
                self._queue.put(None, timeout=seconds)
            except queue.Full:
                return self.report()
        self._thread.join(seconds)
        return self.report()

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            requests, decisions = task
            try:
                answers: list[Any] = list(self._candidate.decide(requests))
            except Exception as error:  # noqa: BLE001 - a candidate may fail as it likes: it is only watched
                answers = [error] * len(requests)
            self._count(decisions, answers)

    def _count(self, decisions: Sequence[Decision], answers: Sequence[Any]) -> None:
        with self._lock:
            for current, candidate in zip(decisions, answers, strict=True):
                self._current[current.model_version] += 1
                if not isinstance(candidate, Decision) or candidate.degraded:
                    self._failed += 1
                    continue
                found = differences(current, candidate)
                self._compared += 1
                self._same += not found
                for facet, pair in found.items():
                    self._pairs[facet][pair] += 1
                    if len(self._examples[facet]) < SHOWN:
                        self._examples[facet].append(current.id)


def differences(current: Decision, candidate: Decision) -> dict[str, str]:
    """Return what differs between two decisions on the same complaint: ``current → candidate`` by facet."""
    one, other = _labels(current), _labels(candidate)
    return {facet: f"{one[facet]} → {other[facet]}" for facet in FACETS if one[facet] != other[facet]}


def _labels(decision: Decision) -> dict[str, str]:
    single = {facet: str(getattr(decision, facet).label) for facet in SINGLE}
    several = {facet: "+".join(sorted(tag.label for tag in getattr(decision, facet))) or "none" for facet in MULTIPLE}
    return single | several | {"sentiment": decision.sentiment.label, "decision": decision.decision}
