"""A history made ready for training, on disk: token ids, targets, parts and the plan of each facet; no text."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from tokenizers import Tokenizer

from triage.config import Config
from triage.errors import InputError, OutputError
from triage.model.heads import Head
from triage.model.tokens import Tokens
from triage.training.history.configs import Routes
from triage.training.history.mapping import DEPARTMENT, SENTIMENT, ColumnMap
from triage.training.history.migrate import Migrator, read_migration
from triage.training.history.rows import HistoryReader
from triage.training.history.split import LEFT_OUT, Split, split
from triage.training.history.store import Collected, Texts, collect
from triage.training.history.taxonomy import FacetPlan, plan
from triage.training.learn.examples import Target

__all__ = ["Prepared", "prepare"]

MOST_UNREADABLE = 0.5
PLAN, PARTS, STORIES = "plan.json", "parts.npy", "stories.npy"


@dataclass(frozen=True, slots=True)
class Prepared:
    """What training needs of a history.

    Attributes:
        texts: token ids.
        targets: by facet for each row the places of its labels, or its score; None where it has none.
        plans: by facet with labels.
        split: the parts.
        routes: by business how many rows went to each department.
        notes: what a user should know, one line each.
        data: the hash of what was read, and counts.
    """

    texts: Texts
    targets: dict[str, list[Target | None]]
    plans: dict[str, FacetPlan]
    split: Split
    routes: Routes
    notes: tuple[str, ...]
    data: dict[str, Any]

    @property
    def heads(self) -> list[Head]:
        """A head for each facet of the history."""
        heads = [own.head for own in self.plans.values()]
        return [*heads, Head(SENTIMENT, "score")] if SENTIMENT in self.targets else heads

    def save(self, folder: Path) -> None:
        """Write what :meth:`load` reads, beside the token ids."""
        np.save(folder / PARTS, self.split.parts)
        np.save(folder / STORIES, self.split.stories)
        for facet, values in self.targets.items():
            (folder / f"{facet}.json").write_text(json.dumps(values), encoding="utf-8")
        said = {
            "plans": {facet: asdict(own) for facet, own in self.plans.items()},
            "facets": list(self.targets),
            "routes": self.routes,
            "notes": self.notes,
            "data": self.data,
            "by_time": self.split.by_time,
        }
        (folder / PLAN).write_text(json.dumps(said, ensure_ascii=False, indent=1), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read back what :meth:`save` wrote."""
        said = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        plans = {
            facet: FacetPlan(**own | {"head": Head.from_dict(own["head"])}) for facet, own in said["plans"].items()
        }
        targets = {}
        for facet in said["facets"]:
            values = json.loads((folder / f"{facet}.json").read_text(encoding="utf-8"))
            targets[facet] = [tuple(value) if isinstance(value, list) else value for value in values]
        parts = Split(np.load(folder / PARTS), np.load(folder / STORIES), said["by_time"])
        return cls(Texts(folder), targets, plans, parts, said["routes"], tuple(said["notes"]), said["data"])


def prepare(
    sources: Sequence[str],
    columns: ColumnMap,
    config: Config,
    *,
    tokenizer: str,
    folder: Path,
    shares: Callable[[int], Sequence[float]],
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> Prepared:
    """Read a history into a folder, which is there whole or not at all, and return it.

    Args:
        sources: files, folders or databases.
        columns: which column is what.
        config: with redaction, normal form and the shipped taxonomy.
        tokenizer: of the encoder.
        folder: to be written.
        shares: of the parts, by the number of usable rows.
        seed: of the split.
        progress: hears how many rows were read.

    Raises:
        InputError: a source cannot be read, or nothing can be learned from it.
        OutputError: the folder cannot be written.
    """
    if folder.is_dir():
        return Prepared.load(folder)
    beside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(beside, ignore_errors=True)
    facets = [facet for facet in columns.facets if facet != SENTIMENT]
    migrator = Migrator(read_migration(columns.migrate) if columns.migrate else None)
    tokens = Tokens(Tokenizer.from_str(tokenizer))
    rows = HistoryReader(config, columns).read(sources)
    try:
        found = collect(rows, facets=facets, tokens=tokens, folder=beside, migrator=migrator, progress=progress)
        made = _prepared(found, columns, config, shares=shares, seed=seed, texts=Texts(beside) if found.rows else None)
        made = replace(made, notes=(*made.notes, *migrator.notes))
        made.save(beside)
        beside.replace(folder)
    except OSError as error:
        told = f"{folder}: cannot be written ({error.strerror}); legal: a disk with room"
        raise OutputError(told) from None
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return Prepared.load(folder)


def _prepared(
    found: Collected,
    columns: ColumnMap,
    config: Config,
    *,
    shares: Callable[[int], Sequence[float]],
    seed: int,
    texts: Texts | None,
) -> Prepared:
    bad = found.read - found.rows
    if texts is None or bad > MOST_UNREADABLE * found.read:
        most = found.errors.most_common(1)
        why = f", mostly: {most[0][0]}" if most else ""
        raise InputError(f"{bad} of {found.read} rows cannot be used{why}; legal: at least half of them")
    notes = [f"{count} rows were left out: {error}" for error, count in found.errors.most_common(5)]
    plans: dict[str, FacetPlan] = {}
    targets: dict[str, list[Target | None]] = {}
    places: dict[str, list[tuple[int, ...]]] = {}
    for facet, spec in columns.facets.items():
        if facet == SENTIMENT:
            values = found.sentiment.tolist()
            targets[facet] = [value if value == value else None for value in values]  # noqa: PLR0124 - NaN
        elif facet != DEPARTMENT:
            own = plans[facet] = plan(facet, found.counts(facet), config, order=spec.order)
            targets[facet] = _targets(own, list(found.names[facet]), found.labels[facet])
            places[facet] = [
                target if isinstance(target, tuple) else () if target is None else (int(target),)
                for target in targets[facet]
            ]
            notes += _notes(facet, own)
    parts = split(found, shares(found.rows), places, seed=seed)
    data = {
        "rows": found.read,
        "usable": int((parts.parts != LEFT_OUT).sum()),
        "sha256": _hash(found),
        "personal": dict(found.personal),
        "parts": {name: len(parts.rows(name)) for name in ("train", "validation", "calibration", "test")},
        "by_time": parts.by_time,
    }
    return Prepared(texts, targets, plans, parts, _routes(found, plans), (*notes, *parts.notes), data)


def _targets(own: FacetPlan, names: list[str], rows: Sequence[tuple[int, ...]]) -> list[Target | None]:
    place_of = {label: own.head.labels.index(key) for label, key in own.ids.items()}
    places = [place_of.get(name) for name in names]
    found: list[Target | None] = []
    for row in rows:
        kept = tuple(sorted({place for place in (places[name] for name in row) if place is not None}))
        if own.head.kind == "multi":
            # An empty cell of such a facet says: none of them.
            found.append(kept)
        else:
            found.append(kept[0] if kept else None)
    return found


def _notes(facet: str, own: FacetPlan) -> list[str]:
    notes = [f"{facet}: {other} is taken as another spelling of {label}" for other, label in own.merged.items()]
    if own.dropped:
        most = "、".join(list(own.dropped)[:5])
        notes.append(f"{facet}: {len(own.dropped)} labels with a single row are not learned: {most}")
    return notes


def _routes(found: Collected, plans: dict[str, FacetPlan]) -> Routes:
    if DEPARTMENT not in found.labels or "business" not in plans:
        return {}
    departments, business = list(found.names[DEPARTMENT]), list(found.names["business"])
    routes: dict[str, dict[str, int]] = {}
    for told, gone in zip(found.labels["business"], found.labels[DEPARTMENT], strict=True):
        key = plans["business"].ids.get(business[told[0]]) if told else None
        if key is not None and gone:
            row = routes.setdefault(key, {})
            row[departments[gone[0]]] = row.get(departments[gone[0]], 0) + 1
    return routes


def _hash(found: Collected) -> str:
    whole = hashlib.sha256(found.digests.tobytes())
    for facet, rows in found.labels.items():
        whole.update(json.dumps([facet, list(found.names[facet]), rows], ensure_ascii=False).encode())
    whole.update(found.sentiment.tobytes() + found.time.tobytes())
    return whole.hexdigest()
