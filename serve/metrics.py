"""What a desk watches: Prometheus metrics. Labels are ids of the taxonomy and codes, never anything from a text."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from triage.types import Decision

__all__ = ["Metrics"]

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_SHARES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0)
_ITEMS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
_FACETS = ("business", "reason", "channel", "urgency", "complexity", "department")
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
"""The variable by which prometheus-client shares the numbers of several worker processes."""


disable_created_metrics()  # type: ignore[no-untyped-call]
# When a counter was first seen is no use to anybody, and doubles the page.


class Metrics:
    """All metrics of one application, in a registry of its own.

    Children are looked up once and kept: a look-up costs more than the count.
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._requests = Counter(
            "triage_requests", "Requests answered.", ("route", "method", "status"), registry=registry
        )
        self._latency = Histogram(
            "triage_request_seconds", "From first byte to last.", ("route",), buckets=_SECONDS, registry=registry
        )
        self._decisions = Counter(
            "triage_decisions",
            "Complaints decided; the share of decision=review is the desk's work.",
            ("source", "decision"),
            registry=registry,
        )
        self._degraded = Counter("triage_degraded", "Decisions by fallback, by code.", ("code",), registry=registry)
        self._warned = Counter("triage_warnings", "Warnings of decisions, by code.", ("code",), registry=registry)
        self._labels = Counter("triage_labels", "Labels given.", ("facet", "label"), registry=registry)
        self._confidence = Histogram(
            "triage_confidence", "Calibrated confidence.", ("facet",), buckets=_SHARES, registry=registry
        )
        self._errors = Counter("triage_errors", "Errors answered, by code.", ("code",), registry=registry)
        self._shed = Counter("triage_shed", "Complaints refused under load, by reason.", ("why",), registry=registry)
        self._dropped = Counter("triage_dropped", "Complaints whose caller went away in time.", registry=registry)
        self._reloads = Counter("triage_reloads", "Reloads, by outcome.", ("outcome",), registry=registry)
        self._batch = Histogram("triage_batch_items", "Complaints of a batch.", buckets=_ITEMS, registry=registry)
        self._batch_seconds = Histogram(
            "triage_batch_seconds", "One batch through the library.", buckets=_SECONDS, registry=registry
        )
        self._wait = Histogram("triage_queue_seconds", "Wait in the queue.", buckets=_SECONDS, registry=registry)
        gauge = {"registry": registry, "multiprocess_mode": "livesum"}
        self.queue_items = Gauge("triage_queue_items", "Complaints waiting.", **gauge)  # type: ignore[arg-type]
        self.queue_chars = Gauge("triage_queue_chars", "Characters waiting.", **gauge)  # type: ignore[arg-type]
        self.model_up = Gauge(
            "triage_model_up",
            "1 while the model judges, 0 while rules stand in for it.",
            registry=registry,
            multiprocess_mode="livemin",
        )
        self._release = Gauge(
            "triage_release", "The versions in force.", ("model", "taxonomy", "policy"),
            registry=registry, multiprocess_mode="livemax",
        )  # fmt: skip
        self._labelled = lru_cache(maxsize=1024)(self._labels.labels)
        self._decided = lru_cache(maxsize=64)(self._decisions.labels)
        self._answered = lru_cache(maxsize=1024)(self._requests.labels)
        self._timed = lru_cache(maxsize=256)(self._latency.labels)
        self._sure = {facet: self._confidence.labels(facet) for facet in _FACETS}

    def request(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count an answered request; ``route`` is the template of the path, never the path."""
        self._answered(route, method, str(status)).inc()
        self._timed(route).observe(seconds)

    def decisions(self, decisions: Iterable[Decision]) -> None:
        """Count what was decided."""
        for decision in decisions:
            self._decided(decision.source, decision.decision).inc()
            for notice in decision.degraded:
                self._degraded.labels(notice.code).inc()
            for notice in decision.warnings:
                self._warned.labels(notice.code).inc()
            for facet in _FACETS:
                label = getattr(decision, facet)
                self._labelled(facet, label.label).inc()
                if label.confidence is not None:
                    self._sure[facet].observe(label.confidence)

    def error(self, code: str) -> None:
        """Count an error that was answered."""
        self._errors.labels(code).inc()

    def shed(self, why: str, items: int) -> None:
        """Count complaints that were refused under load."""
        self._shed.labels(why).inc(items)

    def dropped(self, items: int) -> None:
        """Count complaints whose caller went away before they cost anything."""
        self._dropped.inc(items)

    def batch(self, items: int, seconds: float) -> None:
        """Count one batch: how many complaints, how long."""
        self._batch.observe(items)
        self._batch_seconds.observe(seconds)

    def waited(self, seconds: float) -> None:
        """Count how long a call's first complaint waited."""
        self._wait.observe(seconds)

    def reload(self, outcome: str) -> None:
        """Count a reload."""
        self._reloads.labels(outcome).inc()

    def release(self, model: str, taxonomy: str, policy: str) -> None:
        """Say which versions are in force."""
        if _SHARED not in os.environ:
            self._release.clear()
        self._release.labels(model, taxonomy, policy).set(1)

    def text(self) -> bytes:
        """Return everything in the exposition format of Prometheus, over all worker processes."""
        if _SHARED not in os.environ:
            return generate_latest(self._registry)
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
