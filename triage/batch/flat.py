"""A decision as one flat row of cells, for tables."""

from __future__ import annotations

from typing import Any

from triage.types import Decision, Evidence

__all__ = ["COLUMNS", "error_row", "escaped", "flat"]

_LABELS = ("business", "reason", "channel", "urgency", "complexity", "department")
COLUMNS: tuple[str, ...] = (
    "id",
    "error",
    *(f"{facet}{part}" for facet in _LABELS for part in ("", "_name", "_confidence", "_decision", "_evidence")),
    "department_co",
    "department_because",
    "sentiment",
    "sentiment_label",
    "sentiment_evidence",
    "demands",
    "flags",
    "deadlines",
    "first_response_due",
    "decision",
    "reasons",
    "suggested_reply",
    "source",
    "degraded",
    "warnings",
    "redacted_text",
    "model_version",
    "taxonomy_version",
    "policy_version",
)
"""The columns of a flat row, in order."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def flat(decision: Decision) -> dict[str, str | float | None]:
    """Return the cells of a decision by column; lists are joined with ``|``."""
    cells: dict[str, Any] = dict.fromkeys(COLUMNS)
    cells["id"] = decision.id
    for facet in _LABELS:
        label = getattr(decision, facet)
        cells[facet] = label.label
        cells[f"{facet}_name"] = label.name
        cells[f"{facet}_confidence"] = label.confidence
        cells[f"{facet}_decision"] = label.decision
        cells[f"{facet}_evidence"] = _quotes(label.evidence)
    cells["department_co"] = "|".join(decision.department.co)
    cells["department_because"] = "|".join(decision.department.because)
    cells["sentiment"] = decision.sentiment.score
    cells["sentiment_label"] = decision.sentiment.label
    cells["sentiment_evidence"] = _quotes(decision.sentiment.evidence)
    cells["demands"] = "|".join(tag.label for tag in decision.demands)
    cells["flags"] = "|".join(tag.label for tag in decision.flags)
    cells["deadlines"] = "|".join(f"{deadline.rule}={deadline.due}" for deadline in decision.deadlines)
    cells["reasons"] = "|".join(decision.reasons)
    cells["degraded"] = "|".join(notice.code for notice in decision.degraded)
    cells["warnings"] = "|".join(notice.code for notice in decision.warnings)
    for name in ("first_response_due", "decision", "suggested_reply", "source", "redacted_text"):
        cells[name] = getattr(decision, name)
    for name in ("model_version", "taxonomy_version", "policy_version"):
        cells[name] = getattr(decision, name)
    return cells


def error_row(row_id: str, error: str) -> dict[str, str | float | None]:
    """Return the cells of a row that could not be decided."""
    return dict.fromkeys(COLUMNS) | {"id": row_id, "error": error}


def escaped(cell: str | float | None) -> str | float | None:
    """Return ``cell`` so that no spreadsheet takes it for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _quotes(evidence: tuple[Evidence, ...]) -> str:
    return "|".join(dict.fromkeys(piece.text for piece in evidence))
