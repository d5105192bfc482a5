"""What the service really exposes, and what an expression of PromQL asks for."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
from prometheus_client.parser import text_string_to_metric_families

from triage.pipeline import Triage
from triage.serve.metrics import Metrics
from triage.types import Notice

__all__ = ["ROOT", "asked", "families", "samples"]

ROOT = Path(__file__).parent.parent.parent


def exercised(triage: Triage) -> Metrics:
    """Metrics of which everything has happened once, so that every label shows."""
    metrics = Metrics()
    decision = triage.predict("信用卡被盗刷三千元")
    sure = {
        facet: dataclasses.replace(getattr(decision, facet), confidence=0.9)
        for facet in ("business", "reason", "channel", "urgency", "complexity", "department")
    }
    notices = (Notice("model_slow", "rules judged"),)
    metrics.decisions([dataclasses.replace(decision, degraded=notices, warnings=notices, **sure)])
    metrics.request("/v1/predict", "POST", 200, 0.01)
    metrics.error("internal")
    metrics.shed("full", 1)
    metrics.dropped(1)
    metrics.batch(1, 0.01)
    metrics.waited(0.01)
    metrics.reload("done")
    metrics.release(*triage.versions)
    return metrics


def families(triage: Triage) -> dict[str, set[str]]:
    """The labels of each metric, by the name that a page of documentation gives it (a counter with its ``_total``)."""
    found: dict[str, set[str]] = {}
    for family in text_string_to_metric_families(exercised(triage).text().decode()):
        name = f"{family.name}_total" if family.type == "counter" else family.name
        found[name] = {label for sample in family.samples for label in sample.labels} - {"le"}
    return found


def samples(triage: Triage) -> dict[str, set[str]]:
    """The labels of each sample, by the name that a query gives it; ``instance`` and ``job`` come from Prometheus."""
    found: dict[str, set[str]] = {"up": {"instance", "job"}}
    for family in text_string_to_metric_families(exercised(triage).text().decode()):
        for sample in family.samples:
            found.setdefault(sample.name, {"instance", "job"}).update(sample.labels)
    return found


def asked(expression: str) -> Iterator[tuple[str, set[str], dict[str, str]]]:
    """Yield name, labels, and label values of each selector; raise ValueError for what is no PromQL."""
    for selector, by in _selectors(promql_parser.parse(expression), frozenset()):
        matchers = {matcher.name: matcher.value for matcher in selector.matchers.matchers}
        yield selector.name, set(matchers) | by, matchers


def _selectors(node: Any, by: frozenset[str]) -> Iterator[tuple[Any, frozenset[str]]]:
    if isinstance(node, promql_parser.VectorSelector):
        yield node, by
        return
    if isinstance(node, promql_parser.MatrixSelector):
        yield node.vector_selector, by
        return
    if isinstance(node, promql_parser.AggregateExpr):
        # Only what is grouped by here must be a label of what is below.
        by = frozenset(node.modifier.labels) if node.modifier else frozenset()
    for name in ("expr", "lhs", "rhs"):
        child = getattr(node, name, None)
        if child is not None:
            yield from _selectors(child, by)
    for child in getattr(node, "args", ()) or ():
        yield from _selectors(child, by)
