"""From the labels of a history to the heads that learn them, and the ids and names under which they live."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from pypinyin import lazy_pinyin

from triage.config import Config
from triage.errors import InputError, show
from triage.model.heads import Head, Kind
from triage.text import Normaliser
from triage.training.history.mapping import MULTIPLE

__all__ = ["FacetPlan", "ident", "plan", "spellings"]

MOST_LABELS = 1_000
FEWEST_ROWS = 2
"""A label with fewer rows cannot be learned from one and tried on another."""
ROWS_A_LABEL = 3
"""A column with fewer rows a label, on average, is a number or a name and no category."""
KNOWN = 0.5
"""From this share of known labels on, a history adds to the shipped taxonomy; below, it stands in its place."""
LONGEST_ID = 60


@dataclass(frozen=True, slots=True)
class FacetPlan:
    """How a facet is learned.

    Attributes:
        head: what learns it.
        names: what people see, by id.
        ids: by label as the history spells it; a label that is not there is not learned.
        own: some labels are not the shipped taxonomy's.
        dropped: labels that are not learned, with their rows.
        merged: other spellings of a label, with the spelling that stands for both.
    """

    head: Head
    names: Mapping[str, str]
    ids: Mapping[str, str]
    own: bool
    dropped: Mapping[str, int] = field(default_factory=dict)
    merged: Mapping[str, str] = field(default_factory=dict)


def plan(facet: str, counts: Mapping[str, int], config: Config, *, order: Sequence[str] = ()) -> FacetPlan:
    """Return how a facet of these labels is learned.

    Args:
        facet: its name.
        counts: rows by label, as the history spells it.
        config: with the shipped taxonomy; its ids and names are known.
        order: of own labels that are degrees, from the most to the least.

    Raises:
        InputError: nothing can be learned from these labels.
    """
    rows = sum(counts.values())
    if not counts:
        raise InputError(f"{facet}: every cell is empty; legal: a column of labels", field=facet)
    merged = {
        other: group[0] for group in spellings(counts, Normaliser(config.text)) for other in group[1:]
    }  # the most frequent spelling stands for all
    summed: Counter[str] = Counter()
    for label, count in counts.items():
        summed[merged.get(label, label)] += count
    if len(summed) > 20 and (len(summed) > MOST_LABELS or rows < ROWS_A_LABEL * len(summed)):
        legal = f"at most {MOST_LABELS}, and {ROWS_A_LABEL} rows each on average"
        raise InputError(f"{facet}: {len(summed)} labels in {rows} rows; legal: {legal}; is it an id?", field=facet)
    shipped = config.taxonomy.facets[facet]
    known = {key: label.id for label in shipped.labels for key in (label.name, label.id)}
    share = sum(label in known for label in summed) / len(summed)
    dropped = {label: n for label, n in summed.items() if n < FEWEST_ROWS and label not in known}
    learned = [label for label in summed if label not in dropped]
    if len(learned) < (1 if facet in MULTIPLE else 2):
        only = f"the one label {show(learned[0])}" if learned else f"no label with {FEWEST_ROWS} rows"
        raise InputError(f"{facet} has {only}; legal: two labels or more, each with {FEWEST_ROWS} rows", field=facet)
    names = {label.id: label.name for label in shipped.labels} if share >= KNOWN else {}
    ids: dict[str, str] = {}
    for label in _ordered(facet, learned, summed, order):
        ids[label] = known[label] if label in known else ident(label, {*names})
        names.setdefault(ids[label], shipped[known[label]].name if label in known else label)
    own = any(label not in known for label in learned) or share < KNOWN
    head = _head(facet, names, own=own, ordinal=bool(order) if own else shipped.ordinal)
    ids |= {other: ids[label] for other, label in merged.items() if label in ids}
    return FacetPlan(head, names, ids, own, dropped, merged)


def spellings(labels: Mapping[str, int], normalise: Normaliser) -> list[list[str]]:
    """Return labels that differ in width, case, script, spaces or marks alone; the most frequent of each first."""
    found: dict[str, list[str]] = {}
    for label in sorted(labels, key=lambda name: (-labels[name], name)):
        found.setdefault(_folded(label, lambda text: normalise(text).text), []).append(label)
    return [group for group in found.values() if len(group) > 1]


def ident(name: str, taken: set[str]) -> str:
    """Return an id for a name: its pinyin, the levels of a path parted by dots, unlike all that are taken."""
    plain = unicodedata.normalize("NFKC", name).split("/")
    levels = [re.sub(r"[^a-z0-9]+", "_", "_".join(lazy_pinyin(level)).lower()).strip("_") for level in plain]
    stem = ".".join(level for level in levels if level)[:LONGEST_ID] or "label"
    number, found = 1, stem
    while found in taken:
        number += 1
        found = f"{stem}_{number}"
    return found


def _head(facet: str, names: Mapping[str, str], *, own: bool, ordinal: bool) -> Head:
    labels = tuple(names)
    kind: Kind = "multi" if facet in MULTIPLE else "ordinal" if ordinal else "single"
    # Taxonomies list degrees from the most to the least, heads the other way round.
    return Head(facet, kind, labels[::-1] if kind == "ordinal" else labels)


def _ordered(facet: str, labels: Sequence[str], counts: Mapping[str, int], order: Sequence[str]) -> list[str]:
    if not order:
        return sorted(labels, key=lambda label: (-counts[label], label))
    unknown = [label for label in labels if label not in order]
    if unknown:
        raise InputError(f"{facet}: {show(unknown[0])} is not in `order`; legal: {'、'.join(order)}", field=facet)
    return [label for label in order if label in labels]


def _folded(label: str, normal: Callable[[str], str]) -> str:
    kept = "".join(char for char in normal(label).casefold() if char.isalnum() or char == "/")
    return kept or label
