from __future__ import annotations

import dataclasses

import pytest

from triage.pipeline import Triage
from triage.serve.metrics import Metrics
from triage.types import Notice


def numbers(metrics: Metrics) -> dict[str, float]:
    lines = metrics.text().decode().splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#")}


def test_a_decision_is_counted_by_all_that_a_desk_asks_for(triage: Triage) -> None:
    metrics = Metrics()
    decision = triage.predict("信用卡被盗刷三万元")
    fallen = dataclasses.replace(
        decision,
        degraded=(Notice("model_slow", "…"),),
        warnings=(Notice("odd", "…"),),
        business=dataclasses.replace(decision.business, confidence=0.93),
    )
    metrics.decisions([decision, fallen])
    found = numbers(metrics)
    assert found[f'triage_decisions_total{{decision="{decision.decision}",source="rules"}}'] == 2
    assert found[f'triage_labels_total{{facet="business",label="{decision.business.label}"}}'] == 2
    assert found[f'triage_labels_total{{facet="department",label="{decision.department.label}"}}'] == 2
    assert found['triage_degraded_total{code="model_slow"}'] == 1
    assert found['triage_warnings_total{code="odd"}'] == 1
    # Rules give no invented confidence, so that only one was observed.
    assert found['triage_confidence_count{facet="business"}'] == 1
    assert found['triage_confidence_bucket{facet="business",le="0.95"}'] == 1
    assert found['triage_confidence_bucket{facet="business",le="0.9"}'] == 0


def test_requests_queue_and_shedding() -> None:
    metrics = Metrics()
    metrics.request("/v1/predict", "POST", 200, 0.004)
    metrics.request("/v1/predict", "POST", 503, 0.0001)
    metrics.batch(12, 0.02)
    metrics.waited(0.003)
    metrics.shed("slow", 3)
    metrics.dropped(2)
    metrics.error("overloaded")
    metrics.reload("done")
    metrics.queue_items.set(5)
    found = numbers(metrics)
    assert found['triage_requests_total{method="POST",route="/v1/predict",status="200"}'] == 1
    assert found['triage_request_seconds_bucket{le="0.005",route="/v1/predict"}'] == 2
    assert found['triage_batch_items_bucket{le="8.0"}'] == 0
    assert found['triage_batch_items_bucket{le="16.0"}'] == 1
    assert found["triage_queue_seconds_count"] == 1
    assert found['triage_shed_total{why="slow"}'] == 3
    assert found["triage_dropped_total"] == 2
    assert found['triage_errors_total{code="overloaded"}'] == 1
    assert found['triage_reloads_total{outcome="done"}'] == 1
    assert found["triage_queue_items"] == 5


@pytest.mark.parametrize("second", ["m-2", "m-1"])
def test_one_release_is_in_force(second: str) -> None:
    metrics = Metrics()
    metrics.release("m-1", "t", "p")
    metrics.release(second, "t", "p")
    found = {name: value for name, value in numbers(metrics).items() if name.startswith("triage_release")}
    assert found == {f'triage_release{{model="{second}",policy="p",taxonomy="t"}}': 1}
