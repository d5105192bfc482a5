"""A folder of configuration for an institution's own labels: what `triage` needs to load a model that knows them.

Rows and rules of the shipped configuration that name labels which are no longer there are left out. Each own label
gets one rule, its own name, so that rules alone still say something; a person adds better ones. The policy has a row
for each business; where the history has departments, it leads where most of its rows went.
"""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from triage.config import Config
from triage.config.loader import DEFAULT
from triage.text import Normaliser
from triage.training.history.taxonomy import FacetPlan, ident

__all__ = ["Routes", "write_configs"]

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
OTHER = "other"
CAN_BE_OTHER = ("business", "reason")

Routes = Mapping[str, Mapping[str, int]]
"""By the id of a business how many rows went to each department, named as the history names it."""


def write_configs(
    folder: Path, plans: Mapping[str, FacetPlan], config: Config, *, routes: Routes | None = None
) -> None:
    """Write what differs from the shipped configuration.

    Args:
        folder: new or empty.
        plans: by facet, of facets with own labels.
        config: the configuration in force; what it says of other facets stays.
        routes: departments of the history, where it has them.
    """
    # Rules that find nothing must be able to say so, and so must the last row of the policy.
    plans = {facet: _with_other(plan) if facet in CAN_BE_OTHER else plan for facet, plan in plans.items()}
    gone = {
        facet: {label.id for label in config.taxonomy.facets[facet].labels} - set(plan.names)
        for facet, plan in plans.items()
    }
    departments = _departments(routes or {}, config)
    taxonomy = _yaml(config.sources["taxonomy.yaml"])
    for facet, plan in plans.items():
        taxonomy["facets"][facet]["labels"] = [{"id": key, "name": name} for key, name in plan.names.items()]
        if "ordinal" in taxonomy["facets"][facet] or plan.head.kind == "ordinal":
            taxonomy["facets"][facet]["ordinal"] = plan.head.kind == "ordinal"
    policy = _policy(plans, gone, departments, routes or {}, _yaml(config.sources["policy.yaml"]))
    used = {row["lead"] for row in policy["lead"]} | {row["co"] for row in policy.get("co", [])}
    named = {row["id"]: row for row in taxonomy["departments"]} | {
        key: {"id": key, "name": name} for name, key in departments.items()
    }
    taxonomy["departments"] = [row for key, row in named.items() if key in used]
    files: dict[str, Any] = {"taxonomy.yaml": taxonomy, "policy.yaml": policy}
    for name in ("deadlines.yaml", "decisions.yaml", "replies.yaml", "service_levels.yaml", "doors.yaml"):
        files[name] = _without(_yaml(config.sources[name]), gone, lost={"department": _lost_departments(config, used)})
    files["service_levels.yaml"]["levels"] = _levels(files["service_levels.yaml"]["levels"], plans)
    words = Normaliser(config.text)
    for facet in (rules.facet for rules in config.rules):
        files[f"rules/{facet}.yaml"] = _rules(_yaml(config.sources[f"rules/{facet}.yaml"]), facet, gone, plans, words)
    files["rules/words.yaml"] = _words(files, config)
    texts = "".join(row["text"] for row in files["replies.yaml"]["replies"])
    fields = files["replies.yaml"]["fields"]
    files["replies.yaml"]["fields"] = {key: value for key, value in fields.items() if f"{{{key}}}" in texts}
    for name, data in files.items():
        if data != _yaml(DEFAULT / name):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            text = yaml.safe_dump(data, allow_unicode=True, sort_keys=False, width=120)
            (folder / name).write_text(text, encoding="utf-8")
    _lexicon(folder, gone, config)
    for name, source in config.sources.items():
        if name not in files and name != "rules/lexicon.csv" and source != DEFAULT / name:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)


def _with_other(plan: FacetPlan) -> FacetPlan:
    return replace(plan, names={**plan.names, OTHER: plan.names.get(OTHER, "其他")})


def _yaml(path: Path) -> Any:  # noqa: ANN401 - whatever the file holds
    return yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)


def _holds(when: Mapping[str, list[str]], gone: Mapping[str, set[str]]) -> dict[str, list[str]] | None:
    """Return a condition without labels that are gone; None when it can no longer hold."""
    left = {facet: [label for label in labels if label not in gone.get(facet, ())] for facet, labels in when.items()}
    return left if all(left.values()) else None


def _without(data: Any, gone: Mapping[str, set[str]], *, lost: Mapping[str, set[str]]) -> Any:  # noqa: ANN401
    """Return a file without rows, keys and names of labels that are gone."""
    everything = {**gone, **lost}
    if isinstance(data, list):
        kept = (_without(item, gone, lost=lost) for item in data if not _dead(item, everything))
        return list(kept)
    if not isinstance(data, dict):
        return data
    result = {}
    for key, value in data.items():
        if key == "when":
            result[key] = _holds(value, everything)
        elif key in everything and isinstance(value, dict):
            result[key] = {label: item for label, item in value.items() if label not in everything[key]}
        elif key in {"priority", "group"} and isinstance(value, dict):
            facet = "urgency" if key == "priority" else "department"
            result[key] = {label: item for label, item in value.items() if label not in everything.get(facet, ())}
        else:
            result[key] = _without(value, gone, lost=lost)
    return result


def _dead(item: object, gone: Mapping[str, set[str]]) -> bool:
    return isinstance(item, dict) and "when" in item and _holds(item["when"], gone) is None


def _departments(routes: Routes, config: Config) -> dict[str, str]:
    """Return the id of each department of the history, by its name there."""
    known = {key: row.id for row in config.taxonomy.departments for key in (row.name, row.id)}
    found: dict[str, str] = {}
    taken = set(known.values())
    for name in dict.fromkeys(name for rows in routes.values() for name in rows):
        found[name] = known.get(name) or ident(name, taken)
        taken.add(found[name])
    return found


def _lost_departments(config: Config, used: Iterable[str]) -> set[str]:
    return {row.id for row in config.taxonomy.departments} - set(used)


def _policy(
    plans: Mapping[str, FacetPlan],
    gone: Mapping[str, set[str]],
    departments: Mapping[str, str],
    routes: Routes,
    policy: dict[str, Any],
) -> dict[str, Any]:
    *rows, last = [row for row in policy["lead"] if not _dead({"when": {}} | row, gone)]
    rows = [row | {"when": _holds(row["when"], gone)} for row in rows]
    if routes:
        # The history's own departments stand in place of the shipped ones.
        rows = []
        leads: dict[str, list[str]] = {}
        for label, counts in routes.items():
            leads.setdefault(departments[Counter(counts).most_common(1)[0][0]], []).append(label)
        rows = [{"id": f"history_{lead}", "when": {"business": own}, "lead": lead} for lead, own in leads.items()]
        total: Counter[str] = Counter()
        for counts in routes.values():
            total.update(counts)
        last = last | {"lead": departments[total.most_common(1)[0][0]]}
    covered = {label for row in rows for label in row["when"].get("business", [])}
    bare = [label for label in plans["business"].names if label not in covered] if "business" in plans else []
    bare = [label for label in bare if label != OTHER]
    if bare:
        rows.append({"id": "own_business", "when": {"business": bare}, "lead": last["lead"]})
    co = [] if routes else [row for row in policy.get("co", []) if not _dead(row, gone)]
    second = {
        facet: [label for label in own if label not in gone.get(facet, ())]
        for facet, own in policy.get("second", {}).items()
    }
    return policy | {
        "lead": [*rows, last],
        "co": [row | {"when": _holds(row["when"], gone)} for row in co],
        "second": {facet: own for facet, own in second.items() if own},
    }


def _levels(levels: dict[str, Any], plans: Mapping[str, FacetPlan]) -> dict[str, Any]:
    """Return a first-response time for each urgency; one that is new gets a working day until a person says better."""
    if "urgency" not in plans:
        return levels
    return {label: levels.get(label, {"working_days": 1}) for label in plans["urgency"].names}


def _rules(
    data: dict[str, Any],
    facet: str,
    gone: Mapping[str, set[str]],
    plans: Mapping[str, FacetPlan],
    normalise: Normaliser,
) -> dict[str, Any]:
    own_gone = gone.get(facet, set())
    kept = []
    for rule in data["rules"]:
        when = _holds(rule.get("when", {}), gone)
        if rule["label"] in own_gone or when is None:
            continue
        unless = {name: [x for x in own if x not in gone.get(name, ())] for name, own in rule.get("unless", {}).items()}
        unless = {name: own for name, own in unless.items() if own}
        plain = {key: value for key, value in rule.items() if key not in {"when", "unless"}}
        kept.append(plain | ({"when": when} if when else {}) | ({"unless": unless} if unless else {}))
    if data.get("sentiment"):
        bases = data["sentiment"].get("base_when", [])
        data["sentiment"]["base_when"] = [
            row | {"when": _holds(row["when"], gone)} for row in bases if not _dead(row, gone)
        ]
    if facet in plans:
        names = plans[facet].names
        spoken = {rule["label"] for rule in kept} | {data.get("default")}
        kept += [
            _named(label, name, data["threshold"], normalise) for label, name in names.items() if label not in spoken
        ]
        if "default" in data and data["default"] not in names:
            # Without a label for what fits nowhere, the most frequent one, which stands first.
            data["default"] = next(iter(names))
        if "order" in data:
            data["order"] = [*(label for label in data["order"] if label in names)]
            data["order"] += [label for label in names if label not in data["order"]]
        if "thresholds" in data:
            data["thresholds"] = {label: bar for label, bar in data["thresholds"].items() if label in names}
    return data | {"rules": kept}


def _named(label: str, name: str, threshold: float, normalise: Normaliser) -> dict[str, Any]:
    words = [normalise(part).text.strip() for part in name.split("/")[-1:]]
    return {"id": f"name.{label}"[:80], "label": label, "weight": max(1.0, threshold), "words": [w for w in words if w]}


def _words(files: Mapping[str, Any], config: Config) -> Any:  # noqa: ANN401
    """Return the groups of words that a rule still uses."""
    data = _yaml(config.sources["rules/words.yaml"])
    rules = "\n".join(str(files[name]) for name in files if name.startswith("rules/"))
    while True:
        inside = str(list(data["groups"].values()))
        kept = {n: own for n, own in data["groups"].items() if f"'@{n}'" in rules or f"'@{n}'" in inside}
        if len(kept) == len(data["groups"]):
            return data
        data["groups"] = kept


def _lexicon(folder: Path, gone: Mapping[str, set[str]], config: Config) -> None:
    """Write the weighted words without those for labels that are gone; the others of the facet go with them.

    Weights of one facet were fitted together: some of them alone say nothing.
    """
    with config.sources["rules/lexicon.csv"].open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    kept = [row for row in rows if not gone.get(row[0])]
    if len(kept) < len(rows) or config.sources["rules/lexicon.csv"] != DEFAULT / "rules/lexicon.csv":
        (folder / "rules").mkdir(parents=True, exist_ok=True)
        with (folder / "rules/lexicon.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *kept])
