"""Two versions side by side: what differs in what they are, without a single complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from triage.model.spec import ModelSpec
from triage.registry.entry import Entry

__all__ = ["compare"]


def compare(one: Entry, other: Entry) -> list[tuple[str, str, str]]:
    """Return what differs: its name, how it is in ``one``, and how it is in ``other``.

    Raises:
        ModelError: one of the two is altered.
    """
    left, right = _facts(one), _facts(other)
    names = list(dict.fromkeys((*left, *right)))
    return [(name, left.get(name, "–"), right.get(name, "–")) for name in names if left.get(name) != right.get(name)]


def _facts(entry: Entry) -> dict[str, str]:
    described = entry.sound()
    spec = described.spec
    facts = {
        "digest": described.digest[:12],
        "model version": spec.version,
        "taxonomy": spec.taxonomy_version,
        "bytes": str(described.size),
        "window": str(spec.window),
        "state": entry.state,
        "calibrated": str(spec.calibration.calibrated),
        **_heads(spec),
        **_numbers("temperature", spec.calibration.temperatures),
        **{f"made by: {key}": str(value) for key, value in spec.about.items()},
    }
    statement = entry.statement
    data, parent = statement.get("data") or {}, statement.get("parent") or {}
    origin = {"data": str(data.get("sha256", ""))[:12], "code": statement.get("code"), "parent": parent.get("name")}
    return facts | {name: str(value) for name, value in origin.items() if value}


def _heads(spec: ModelSpec) -> dict[str, str]:
    return {f"head {head.facet}": _listed(asdict(head)["labels"], head.kind) for head in spec.heads}


def _listed(labels: Sequence[str], kind: str) -> str:
    return f"{kind}: {', '.join(labels)}" if labels else kind


def _numbers(name: str, values: Any) -> dict[str, str]:  # noqa: ANN401 - a mapping of numbers
    return {f"{name} {facet}": f"{value:.3f}" for facet, value in values.items()}
