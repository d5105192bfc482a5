"""Reads a side of the comparison: decisions, labelled complaints, or bare texts that the model then judges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from triage.batch.readers import read_cells
from triage.config import Config
from triage.errors import InputError
from triage.pipeline import Request, Triage
from triage.redact import Redactor
from triage.training.drift.observed import Observed
from triage.types import Decision

__all__ = ["observe", "read"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity", "department")
MULTIPLE = ("demands", "flags")
CHUNK = 256


def read(paths: Sequence[Path], triage: Triage, *, predict: bool = False) -> list[Observed]:
    """Return the complaints of some files, in their order; rows with an error are left out.

    What a row is shows in its columns: ``business`` as an object, or beside ``business_decision``, is a decision;
    ``business`` alone is a label; without it there must be a ``text``.

    Args:
        paths: JSON lines, CSV, Parquet or XLSX; decisions as ``triage batch`` writes them, labelled complaints, texts.
        triage: judges texts that have no labels; its configuration names the labels and hides personal data.
        predict: judge every text anew, whatever labels stand there.

    Raises:
        InputError: a file cannot be read, or holds nothing that can be used.
    """
    found: list[Observed] = []
    for path in paths:
        own: list[Observed | str] = []
        redact = Redactor(triage.config.redaction)
        for row in read_cells(path):
            if row.error is None and not row.cells.get("error"):
                seen = _seen(row.cells, triage.config, redact, predict=predict)
                if seen is not None:
                    own.append(seen)
        if not own:
            columns = "business (a decision or a label), text"
            raise InputError(f"{path}: no row can be used; legal: rows with the columns {columns}", field="data")
        found += _judged(own, triage)
    return found


def observe(decision: Decision) -> Observed:
    """Return what was decided here and now."""
    return Observed(
        text=decision.redacted_text,
        origin="prediction",
        single={facet: getattr(decision, facet).label for facet in SINGLE} | {"sentiment": decision.sentiment.label},
        multiple={facet: frozenset(tag.label for tag in getattr(decision, facet)) for facet in MULTIPLE},
        confidence={
            facet: label.confidence for facet in SINGLE if (label := getattr(decision, facet)).confidence is not None
        },
        review=decision.decision == "review",
        version=decision.model_version,
    )


def _seen(cells: Mapping[str, Any], config: Config, redact: Redactor, *, predict: bool) -> Observed | str | None:
    """Return the row, its text where the model must judge it, or None where it holds neither."""
    redacted, text = cells.get("redacted_text"), cells.get("text")
    whole = text if isinstance(text, str) and text.strip() else redacted
    business = cells.get("business")
    if predict or not business:
        return whole if isinstance(whole, str) and whole.strip() else None
    if not isinstance(redacted, str):
        redacted = redact.redact(whole).text if isinstance(whole, str) else ""
    if isinstance(business, Mapping):
        return _whole(cells, redacted)
    return _flat(cells, config, redacted)


def _whole(cells: Mapping[str, Any], text: str) -> Observed:
    single = {facet: str(cells[facet]["label"]) for facet in SINGLE if isinstance(cells.get(facet), Mapping)}
    mood = cells.get("sentiment")
    if isinstance(mood, Mapping):
        single["sentiment"] = str(mood["label"])
    sure = {facet: cells[facet].get("confidence") for facet in single if facet != "sentiment"}
    return Observed(
        text=text,
        origin="decision",
        single=single,
        multiple={facet: frozenset(tag["label"] for tag in cells.get(facet) or ()) for facet in MULTIPLE},
        confidence={facet: float(value) for facet, value in sure.items() if value is not None},
        review=cells.get("decision") == "review" if cells.get("decision") else None,
        version=str(cells.get("model_version") or ""),
    )


def _flat(cells: Mapping[str, Any], config: Config, text: str) -> Observed:
    decided = "business_decision" in cells
    single = {facet: str(cells[facet]) for facet in SINGLE if cells.get(facet)}
    band = cells.get("sentiment_label")
    if not band and (score := _number(cells.get("sentiment"))) is not None:
        band = config.taxonomy.band(score).id
    if band:
        single["sentiment"] = str(band)
    sure = {facet: _number(cells.get(f"{facet}_confidence")) for facet in SINGLE}
    return Observed(
        text=text,
        origin="decision" if decided else "label",
        single=single,
        multiple={facet: _labels(cells[facet]) for facet in MULTIPLE if cells.get(facet) is not None},
        confidence={facet: value for facet, value in sure.items() if value is not None},
        review=cells.get("decision") == "review" if decided and cells.get("decision") else None,
        version=str(cells.get("model_version") or ""),
    )


def _labels(cell: object) -> frozenset[str]:
    if isinstance(cell, str):
        return frozenset(label for label in cell.split("|") if label)
    return frozenset(map(str, cell)) if isinstance(cell, (list, tuple)) else frozenset()


def _number(cell: object) -> float | None:
    try:
        return float(str(cell))
    except ValueError:
        return None


def _judged(rows: Sequence[Observed | str], triage: Triage) -> list[Observed]:
    """Return the rows, the bare texts among them judged; those that cannot be decided are left out."""
    texts = [row for row in rows if isinstance(row, str)]
    answers: list[Observed | None] = []
    for start in range(0, len(texts), CHUNK):
        decided = triage.decide([Request(text=text) for text in texts[start : start + CHUNK]])
        answers += [observe(one) if isinstance(one, Decision) else None for one in decided]
    said = iter(answers)
    return [row for row in (next(said) if isinstance(row, str) else row for row in rows) if row is not None]
