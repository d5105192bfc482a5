"""Parts of a history: by story and by time, never by chance alone.

Rows of one story stand in one part. Where the history has times, the oldest stories are learned and the newest are the
test, as a model will meet them; where it has none, the order of the stories is drawn by the seed.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError
from triage.training.history.store import Collected
from triage.training.history.stories import groups

__all__ = ["PARTS", "Split", "duplicates", "split"]

PARTS = ("train", "validation", "calibration", "test")
LEFT_OUT = 255
MOST_HELD = 5_000
"""Rows of a part that is not learned from, at most: more make its figures no better."""
TIMED = 0.9
"""From this share of rows with a time on, time decides."""
FEWEST = 20


@dataclass(frozen=True, slots=True)
class Split:
    """The parts of a history.

    Attributes:
        parts: for each row its place in ``PARTS``, 255 where it is left out, ``[rows]``.
        stories: for each row the first row of its story, ``[rows]``.
        by_time: whether time decided.
        notes: what a user should know, one line each.
    """

    parts: NDArray[np.uint8]
    stories: NDArray[np.int64]
    by_time: bool
    notes: tuple[str, ...] = field(default=())

    def rows(self, *parts: str) -> NDArray[np.int64]:
        """Return the rows of some parts, in their order."""
        return np.flatnonzero(np.isin(self.parts, [PARTS.index(part) for part in parts]))


def duplicates(found: Collected) -> tuple[NDArray[np.bool_], int, int]:
    """Return which rows stand for themselves, how many repeat another's text, and how many texts have two labellings.

    Of rows with one text, the labelling that is there most often stands for all; of several as often, the last.
    """
    kept = np.ones(found.rows, bool)
    order = np.argsort(found.digests, kind="stable")
    ends = np.flatnonzero(np.diff(found.digests[order], append=-1)) + 1 if found.rows else np.empty(0, int)
    conflicting, start = 0, 0
    for end in ends.tolist():
        if end - start > 1:
            own = order[start:end].tolist()
            labellings = [tuple(tuple(sorted(rows[row])) for rows in found.labels.values()) for row in own]
            counts = Counter(labellings)
            conflicting += len(counts) > 1
            most = max(counts.values())
            best = max(place for place, said in enumerate(labellings) if counts[said] == most)
            kept[own] = False
            kept[own[best]] = True
        start = end
    return kept, int(found.rows - kept.sum()), conflicting


def split(
    found: Collected, shares: Sequence[float], targets: Mapping[str, Sequence[tuple[int, ...]]], *, seed: int
) -> Split:
    """Return the parts of a history.

    Args:
        found: its rows.
        shares: of the four parts, adding up to 1.
        targets: by facet the places of each row's labels; a label that only new rows have is moved into what is
            learned, by half of its stories.
        seed: of the order of stories without times.

    Raises:
        InputError: too few rows are left.
    """
    kept, repeated, conflicting = duplicates(found)
    usable = np.flatnonzero(kept)
    if len(usable) < FEWEST:
        raise InputError(f"{len(usable)} rows with texts of their own; legal: {FEWEST} or more, better 200")
    notes = [f"{repeated} rows repeat another row's text and were left out"] if repeated else []
    if conflicting:
        notes.append(f"{conflicting} texts have two labellings or more; the most frequent, or the last, was taken")
    stories = groups(found.sketches, found.stories)
    by_time = bool(np.isfinite(found.time[usable]).mean() >= TIMED)
    members: dict[int, list[int]] = {}
    for row in usable.tolist():
        members.setdefault(int(stories[row]), []).append(row)
    order = sorted(members, key=lambda story: _key(found, members[story], by_time=by_time, seed=seed))
    parts = np.full(found.rows, LEFT_OUT, np.uint8)
    bounds = _bounds(shares, len(usable))
    done = 0
    for story in order:
        parts[members[story]] = next(place for place, bound in enumerate(bounds) if done < bound or place == 3)
        done += len(members[story])
    for facet, rows in targets.items():
        moved = _learn_all(parts, rows, members, order)
        notes += [f"{facet}: {moved} labels stood only in newer rows; half of their stories are learned"] * bool(moved)
    for place, part in enumerate(PARTS):
        if shares[place] and not (parts == place).any():
            biggest = max(map(len, members.values()))
            told = f"one story has {biggest} of {len(usable)} rows"
            raise InputError(f"no row is left for the part {part!r}: {told}; legal: a history of many stories")
    return Split(parts, stories, by_time, tuple(notes))


def _key(found: Collected, rows: Sequence[int], *, by_time: bool, seed: int) -> tuple[float, bytes]:
    """Return what stories are ordered by; a story without a time is as old as can be."""
    times = [float(found.time[row]) for row in rows if np.isfinite(found.time[row])]
    drawn = hashlib.blake2b(f"{seed}/{found.digests[rows[0]]}".encode(), digest_size=8).digest()
    return (max(times, default=-np.inf) if by_time else 0.0), drawn


def _bounds(shares: Sequence[float], rows: int) -> list[float]:
    held = [min(share * rows, MOST_HELD) for share in shares[1:]]
    sizes = [rows - sum(held), *held]
    return [float(bound) for bound in np.cumsum(sizes)]


def _learn_all(
    parts: NDArray[np.uint8],
    targets: Sequence[tuple[int, ...]],
    members: Mapping[int, Sequence[int]],
    order: Sequence[int],
) -> int:
    """Move stories of labels that no learned row has; return how many labels those were."""
    learned = {label for row in np.flatnonzero(parts == 0).tolist() for label in targets[row]}
    waiting: dict[int, list[int]] = {}
    for story in order:
        for label in {label for row in members[story] for label in targets[row]} - learned:
            waiting.setdefault(label, []).append(story)
    for found in waiting.values():
        for story in found[: (len(found) + 1) // 2]:
            parts[list(members[story])] = 0
    return len(waiting)
