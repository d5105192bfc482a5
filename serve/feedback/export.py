"""Training data out of feedback: what was decided, corrected by what people said, as ``read_labelled`` reads it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from opencc import OpenCC

from triage.config import Config
from triage.errors import OutputError
from triage.serve.feedback.prepare import legal_labels
from triage.serve.feedback.store import Store, Told

__all__ = ["Exported", "export"]

_SINGLE = ("business", "reason", "channel", "urgency", "complexity")
_LISTS = ("demands", "flags")
_CORRECTED = (*_SINGLE, *_LISTS, "sentiment", "also", "department")


@dataclass(frozen=True, slots=True)
class Exported:
    """How many rows were written, and how many were left out, by the reason."""

    rows: int
    left_out: Mapping[str, int]


def export(store: Store, path: Path, *, config: Config, confirmed_only: bool = True, voice: str = "form") -> Exported:
    """Write one row for each complaint that people judged; what they said last holds.

    Args:
        store: the feedback.
        path: the JSON lines to write; it is there whole, or not at all.
        config: a label that its taxonomy no longer knows leaves the row out.
        confirmed_only: leave out complaints of which nobody said that the labels not corrected are right.
        voice: who writes in which form, as no feedback says it.

    Raises:
        OutputError: the file cannot be written.
    """
    left_out: dict[str, int] = {}
    rows = 0
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8") as out:
            for told in store.told():
                row, reason = _row(told, config, confirmed_only=confirmed_only, voice=voice)
                if row is None:
                    left_out[reason] = left_out.get(reason, 0) + 1
                    continue
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
                rows += 1
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written ({error.strerror}); legal: a file that may be written") from error
    finally:
        part.unlink(missing_ok=True)
    return Exported(rows, left_out)


def _row(told: Told, config: Config, *, confirmed_only: bool, voice: str) -> tuple[dict[str, Any] | None, str]:
    """Return a row, or None and why there is none."""
    if confirmed_only and not any(said["confirmed"] for said in told.feedback):
        return None, "not confirmed"
    text = next((said["text"] for said in reversed(told.feedback) if said["text"]), told.text)
    if not text:
        return None, "no text"
    labels = _decided(told.decision) if told.decision is not None else {}
    for said in told.feedback:
        labels |= {facet: value for facet, value in said["labels"].items() if facet in _CORRECTED}
    if any(facet not in labels for facet in (*_SINGLE, "sentiment")):
        return None, "a facet has no label"
    if any(label not in legal for label, legal in _pairs(labels, config)):
        return None, "a label of another taxonomy"
    last = told.feedback[-1]
    origin = {
        "voice": voice,
        "script": _script(text),
        "story": f"feedback-{told.decision_id}",
        "taxonomy_version": last["taxonomy_version"],
        "labelled": last["received"].isoformat(),
    }
    return {"id": told.decision_id, "text": text} | labels | origin, ""


def _decided(decision: Mapping[str, Any]) -> dict[str, Any]:
    labels: dict[str, Any] = {facet: decision[facet]["label"] for facet in _SINGLE}
    labels |= {facet: [tag["label"] for tag in decision[facet]] for facet in _LISTS}
    return labels | {"sentiment": decision["sentiment"]["score"]}


def _pairs(labels: Mapping[str, Any], config: Config) -> Iterator[tuple[str, tuple[str, ...]]]:
    for facet, legal in legal_labels(config).items():
        value = labels.get(facet, ())
        yield from ((label, legal) for label in ([value] if isinstance(value, str) else value))


def _script(text: str) -> str:
    """Return ``traditional`` for a text that loses characters on the way to simplified script."""
    return "simplified" if _simplified().convert(text) == text else "traditional"


@cache
def _simplified() -> OpenCC:
    return OpenCC("t2s")
