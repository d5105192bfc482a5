"""What a history holds, before anything is trained: a drafted mapping, counts, and what cannot work and why."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import numpy as np

from triage.config import Config
from triage.errors import ConfigError, InputError
from triage.training.history.mapping import DEPARTMENT, SENTIMENT, ColumnMap
from triage.training.history.migrate import Migrator, read_migration
from triage.training.history.rows import HistoryReader, moment
from triage.training.history.sources import stream
from triage.training.history.split import duplicates
from triage.training.history.store import Collected, collect
from triage.training.history.stories import groups, sizes
from triage.training.history.taxonomy import plan

__all__ = ["Inspection", "draft", "inspect"]

SAMPLE = 500
NAMES = {
    "text": ("text", "content", "内容", "正文", "诉求", "描述", "详情", "评论", "留言", "文本"),
    "id": ("id", "编号", "单号", "工单号", "流水号"),
    "time": ("time", "date", "received", "created", "时间", "日期", "受理"),
    "story": ("story", "case", "事件", "案件", "关联"),
}
FACET_NAMES = {
    "business": ("business", "category", "cat", "label", "class", "业务", "类别", "分类", "类型", "产品", "一级"),
    "reason": ("reason", "cause", "原因", "二级"),
    "channel": ("channel", "渠道", "来源"),
    "urgency": ("urgency", "priority", "紧急", "优先级"),
    "complexity": ("complexity", "复杂"),
    "demands": ("demand", "诉求类型", "要求"),
    "flags": ("flag", "tag", "标签", "标记"),
    SENTIMENT: ("sentiment", "情感", "情绪"),
    DEPARTMENT: ("department", "dept", "部门", "主办", "处室"),
}
SHOWN = 12


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found.

    Attributes:
        mapping: given, or drafted.
        lines: for people.
        problems: what cannot work and why; training would refuse it.
    """

    mapping: ColumnMap | None
    lines: tuple[str, ...]
    problems: tuple[str, ...]


def draft(source: str, *, query: str | None = None) -> ColumnMap:
    """Return a mapping drafted from the names and the first cells of a source's columns.

    Raises:
        InputError: no column looks like text, or none like labels.
    """
    rows = [row.cells for row in islice(stream(source, query=query), SAMPLE) if row.error is None]
    if not rows:
        raise InputError(f"{source}: no row can be read; legal: a header and rows")
    cells = {str(name): [row.get(name) for row in rows] for name in rows[0]}
    text = _text(cells)
    if text is None:
        raise InputError(f"{source}: no column looks like text; the columns are: {'、'.join(cells)}", field="text")
    taken = {text}
    found: dict[str, Any] = {"text": text} | ({"query": query} if query else {})
    for role in ("id", "time", "story"):
        column = next((name for name in cells if name not in taken and _fits(role, name, cells[name])), None)
        if column:
            found[role] = column
            taken.add(column)
    facets: dict[str, str] = {}
    # Names that say more stand further behind: a column 情感类型 is a mood before it is a type.
    for facet in reversed(FACET_NAMES):
        named = (name for name in cells if name not in taken and _named(FACET_NAMES[facet], name))
        column = next((name for name in named if facet == SENTIMENT or _repeats(cells[name])), None)
        if column:
            facets[facet] = column
            taken.add(column)
    if not set(facets) - {DEPARTMENT}:
        rest = [name for name in cells if name not in taken and _repeats(cells[name])]
        if not rest:
            names = "、".join(cells)
            raise InputError(f"{source}: no column looks like labels; the columns are: {names}", field="facets")
        facets["business"] = rest[0]
    ordered = {facet: facets[facet] for facet in FACET_NAMES if facet in facets}
    return ColumnMap.model_validate({**found, "facets": ordered})


def inspect(
    sources: Sequence[str],
    config: Config,
    *,
    columns: ColumnMap | None = None,
    query: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Inspection:
    """Return what a history holds; what cannot work is told, not raised.

    Args:
        sources: files, folders or databases.
        config: with redaction and the shipped taxonomy.
        columns: which column is what; drafted by default.
        query: for a database.
        progress: hears how many rows were read.
    """
    try:
        mapping = columns or draft(sources[0], query=query)
        facets = [facet for facet in mapping.facets if facet != SENTIMENT]
        migrator = Migrator(read_migration(mapping.migrate) if mapping.migrate else None)
        rows = HistoryReader(config, mapping).read(sources)
        found = collect(rows, facets=facets, migrator=migrator, progress=progress)
    except (InputError, ConfigError) as error:
        return Inspection(columns, (), (str(error),))
    lines = [*_rows(found), *migrator.notes]
    problems: list[str] = []
    for facet in facets:
        lines += _labels(facet, found, config)
        if facet == DEPARTMENT:
            continue
        try:
            own = plan(facet, found.counts(facet), config, order=mapping.facets[facet].order)
            lines += [f"{facet}: {other} reads as another spelling of {label}" for other, label in own.merged.items()]
            rare = "、".join(list(own.dropped)[:SHOWN])
            lines += [f"{facet}: a single row each, not learned: {rare}"] if own.dropped else []
        except InputError as error:
            problems.append(str(error))
    kept, repeated, conflicting = duplicates(found)
    if found.rows:
        share = repeated / found.rows
        lines.append(f"duplicates: {repeated} rows ({share:.0%}) repeat another text; {conflicting} texts conflict")
        if share >= 0.5:
            problems.append(f"{share:.0%} of the rows repeat another row's text; only {int(kept.sum())} teach anything")
        lines += _stories(found)
        lines += _times(found)
    if found.read and found.rows < found.read / 2:
        problems.append(f"{found.read - found.rows} of {found.read} rows cannot be used; see above")
    return Inspection(mapping, tuple(lines), tuple(problems))


def _rows(found: Collected) -> Iterator[str]:
    yield f"rows: {found.read} read, {found.rows} usable"
    yield from (f"left out: {count} rows: {error}" for error, count in found.errors.most_common())
    if found.personal:
        kinds = ", ".join(f"{kind} {count}" for kind, count in found.personal.most_common())
        yield f"personal data, hidden before anything else: {kinds}"


def _labels(facet: str, found: Collected, config: Config) -> Iterator[str]:
    counts = found.counts(facet)
    empty = sum(not row for row in found.labels[facet])
    most = ", ".join(f"{label} {count}" for label, count in counts.most_common(SHOWN))
    more = f" … and {len(counts) - SHOWN} more" if len(counts) > SHOWN else ""
    yield f"{facet}: {len(counts)} labels, {empty} empty: {most}{more}"
    taxonomy = config.taxonomy
    shipped = taxonomy.departments if facet == DEPARTMENT else taxonomy.facets[facet].labels
    known = {key for label in shipped for key in (label.id, label.name)}
    unknown = [label for label in counts if label not in known]
    if unknown and len(unknown) < len(counts):
        yield f"{facet}: not in the shipped taxonomy: {'、'.join(unknown[:SHOWN])}"
    elif unknown:
        yield f"{facet}: a taxonomy of its own"


def _stories(found: Collected) -> Iterator[str]:
    story = groups(found.sketches, found.stories)
    big = sizes(story)
    if not big:
        return
    rows = sum(big.values())
    yield f"stories: {rows} rows tell {len(big)} stories more than once (MinHash); a split keeps each on one side"
    # What a split by chance alone would have leaked: stories with members on both sides of a random fifth.
    side = np.random.default_rng(1).random(found.rows) < 0.2
    leaked = sum(0 < side[story == first].sum() < count for first, count in list(big.items())[:1_000])
    yield f"leakage: a split by chance would have shown {leaked} of these stories to both sides"


def _times(found: Collected) -> Iterator[str]:
    times = found.time[np.isfinite(found.time)]
    if len(times):
        first, last = (datetime.fromtimestamp(float(value), UTC) for value in (times.min(), times.max()))
        yield f"time: {first:%Y-%m-%d} to {last:%Y-%m-%d}, {len(times)} of {found.rows} rows"


def _text(cells: dict[str, list[Any]]) -> str | None:
    lengths = {name: float(np.median([len(str(cell or "")) for cell in own])) for name, own in cells.items()}
    named = [name for name in cells if _named(NAMES["text"], name) and lengths[name] >= 4]
    found = max(named or cells, key=lambda name: lengths[name])
    return found if lengths[found] >= 6 or named else None


def _named(words: Sequence[str], column: str) -> bool:
    lowered = column.lower()
    return any(
        re.search(rf"(?<![a-z]){word}(?![a-z])", lowered) if word.isascii() else word in lowered for word in words
    )


def _fits(role: str, name: str, cells: Sequence[Any]) -> bool:
    filled = [cell for cell in cells if cell not in (None, "")]
    if not filled or not _named(NAMES[role], name):
        return False
    return all(map(_is_time, filled[:20])) if role == "time" else True


def _is_time(cell: object) -> bool:
    try:
        return moment(cell) is not None
    except InputError:
        return False


def _repeats(cells: Sequence[Any]) -> bool:
    """Return whether a column looks like labels: short, and fewer than the rows."""
    filled = [str(cell) for cell in cells if cell not in (None, "")]
    counts = Counter(filled)
    return bool(filled) and len(counts) <= max(2, len(filled) / 2) and max(map(len, filled)) <= 40
