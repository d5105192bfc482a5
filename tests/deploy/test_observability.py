"""Alerts, dashboard and their page speak of metrics that the service really exposes, and of labels that they have."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from exposed import ROOT, asked, families, samples

from triage.pipeline import Triage

RULES = [
    rule
    for group in yaml.safe_load((ROOT / "deploy/alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
DASHBOARD = json.loads((ROOT / "deploy/grafana/dashboard.json").read_text(encoding="utf-8"))
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
QUERIES = [(rule["alert"], rule["expr"]) for rule in RULES] + [
    (panel["title"], target["expr"]) for panel in PANELS for target in panel["targets"]
]
PAGE = (ROOT / "docs/observability.md").read_text(encoding="utf-8")
CODE = "".join(
    path.read_text(encoding="utf-8")
    for folder in ("serve", "triage/pipeline", "triage/text")
    for path in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize(("title", "expression"), QUERIES, ids=[title for title, _ in QUERIES])
def test_every_query_asks_for_what_is_there(triage: Triage, title: str, expression: str) -> None:
    known = samples(triage)
    selectors = list(asked(expression))
    assert selectors or "hour()" in expression
    for name, labels, values in selectors:
        assert name in known, f"{title}: {name}"
        assert labels <= known[name], f"{title}: {name} has no {labels - known[name]}"
        for label in {"code", "outcome", "why"} & set(values):
            for value in values[label].split("|"):
                assert f'"{value}"' in CODE, f"{title}: {label}={value}"
        if "facet" in values:
            assert values["facet"] in samples_of_facets(triage)


def samples_of_facets(triage: Triage) -> set[str]:
    return {"business", "reason", "channel", "urgency", "complexity", "department"} & set(
        dir(triage.predict("卡被吞了"))
    )


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("sum(rate(triage_request_total[5m]))", "no such metric"),
        ("sum by (reason) (rate(triage_decisions_total[5m]))", "no such label"),
        ('triage_decisions_total{label="review"}', "no such label"),
        ("sum(rate(triage_decisions[5m]))", "a counter is asked for with _total"),
    ],
)
def test_the_check_itself_finds_faults(triage: Triage, expression: str, fault: str) -> None:
    known = samples(triage)
    assert any(name not in known or not labels <= known[name] for name, labels, _ in asked(expression)), fault


def test_what_is_no_promql_is_refused() -> None:
    with pytest.raises(ValueError, match=r"."):
        list(asked("sum by (code (rate(triage_errors_total[5m]))"))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_every_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    assert rule["labels"]["severity"] in {"page", "ticket"}
    said = rule["annotations"]
    assert said["summary"].endswith(".")
    assert len(said["runbook"]) > 40
    assert f"### {rule['alert']}\n" in PAGE


def test_the_page_knows_no_alert_that_is_gone() -> None:
    assert set(re.findall(r"^### (Triage\w+)$", PAGE, re.MULTILINE)) == {rule["alert"] for rule in RULES}


def test_the_page_lists_every_metric_with_its_labels(triage: Triage) -> None:
    rows = re.findall(r"^\| `(triage_\w+)` \|([^|]*)\|", PAGE, re.MULTILINE)
    assert {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows} == families(triage)


def test_panels_do_not_overlap() -> None:
    taken: set[tuple[int, int]] = set()
    idents = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(set(idents)) == len(idents)
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_is_said_in_words_and_filters_by_replica() -> None:
    for panel in PANELS:
        assert panel["description"]
        assert panel["datasource"]["uid"] == "${datasource}"
        for target in panel["targets"]:
            assert 'instance=~"$instance"' in target["expr"]
    assert {variable["name"] for variable in DASHBOARD["templating"]["list"]} == {"datasource", "instance"}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool; install the package prometheus")
@pytest.mark.parametrize("file", sorted(Path(__file__).parent.glob("alerts*_test.yaml")), ids=lambda path: path.stem)
def test_alerts_fire_when_they_should_and_only_then(file: Path) -> None:
    run = subprocess.run(["promtool", "test", "rules", str(file)], check=False, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_alert_has_a_case_in_which_it_fires() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("alerts*_test.yaml"))
    tested = set(re.findall(r'alertname="(Triage\w+)"', text))
    assert tested == {rule["alert"] for rule in RULES}
