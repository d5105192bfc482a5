"""python -m triage.training.validate_corpus [FOLDER]: is the corpus whole and honest? One line for each fault.

Looks at the schema, the labels, the departments (they must follow from the policy), ids, counts of every label, pairs,
checklists, near-twins within the corpus and across splits, and briefs or stories that stand in two splits.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from triage.config import Config, load
from triage.errors import InputError
from triage.training.corpus_rows import CORPUS, CorpusRow, labels_of, read_briefs, read_corpus
from triage.training.labelled import departments
from triage.training.near_twins import near_twins
from triage.training.script import run

__all__ = ["faults", "main"]

SINGLE = ("business", "reason", "channel", "urgency", "complexity")
FACETS = (*SINGLE, "department", "demands", "flags")
FEWEST = {"business": 120, "reason": 120, "urgency": 120, "department": 120}
FEWEST_OTHERS = 60
FEWEST_ROWS = 4_000
FEWEST_PAIRS = 400
FEWEST_PER_CHECKLIST = 30
TWIN = 0.5
TWIN_ACROSS_SPLITS = 0.35


def faults(rows: Sequence[CorpusRow], config: Config, folder: Path) -> Iterator[str]:
    """Yield what is wrong with the corpus, one line each."""
    yield from _labels(rows, config)
    yield from _ids_and_briefs(rows, folder)
    yield from _counts(rows, config)
    yield from _pairs(rows)
    yield from _twins(rows)


def _labels(rows: Sequence[CorpusRow], config: Config) -> Iterator[str]:
    for row in rows:
        for facet in (*SINGLE, "demands", "flags"):
            for label in row.labels(facet):
                if label not in labels_of(config, facet):
                    yield f"{row.id}: {facet} is {label!r}; legal: {', '.join(labels_of(config, facet))}"
                    return
        lead, co = departments(row, config)
        if (lead, co) != (row.department, row.co_departments):
            told, due = (row.department, *row.co_departments), (lead, *co)
            yield f"{row.id}: department is {' + '.join(told)}; by the policy: {' + '.join(due)}"


def _ids_and_briefs(rows: Sequence[CorpusRow], folder: Path) -> Iterator[str]:
    briefs = read_briefs(folder)
    yield from (
        f"{name}: {count} rows have this id" for name, count in Counter(r.id for r in rows).items() if count > 1
    )
    where = defaultdict(set)
    for row in rows:
        where[row.story].add(row.split)
        if row.brief not in briefs:
            yield f"{row.id}: no brief {row.brief!r} in briefs.yaml"
        elif row.split != briefs[row.brief].split:
            yield f"{row.id}: split is {row.split}; its brief is {briefs[row.brief].split}"
    yield from (f"the story {story} stands in {' and '.join(sorted(s))}" for story, s in where.items() if len(s) > 1)


def _counts(rows: Sequence[CorpusRow], config: Config) -> Iterator[str]:
    if len(rows) < FEWEST_ROWS:
        yield f"{len(rows)} rows; at least {FEWEST_ROWS}"
    for facet in FACETS:
        counts = Counter(label for row in rows for label in row.labels(facet))
        least = FEWEST.get(facet, FEWEST_OTHERS)
        for label in labels_of(config, facet):
            if counts[label] < least:
                yield f"{facet} {label}: {counts[label]} rows; at least {least}"
    moods = Counter(config.taxonomy.band(row.sentiment).id for row in rows)
    for band in config.taxonomy.sentiment:
        if moods[band.id] < FEWEST_OTHERS:
            yield f"sentiment {band.id}: {moods[band.id]} rows; at least {FEWEST_OTHERS}"
    checklists = Counter(row.checklist for row in rows if row.checklist)
    for name in ("negation", "quotation", "hypothetical", "settled", "sarcasm", "others", "numbers", "tie_break"):
        if checklists[name] < FEWEST_PER_CHECKLIST:
            yield f"checklist {name}: {checklists[name]} rows; at least {FEWEST_PER_CHECKLIST}"


def _pairs(rows: Sequence[CorpusRow]) -> Iterator[str]:
    pairs = defaultdict(list)
    for row in rows:
        if row.pair is not None:
            pairs[row.brief, row.pair].append(row)
    sharp = sum(len(members) == 2 and len(flipped(*members)) == 1 for members in pairs.values())
    if sharp < FEWEST_PAIRS:
        yield f"{sharp} contrast pairs in which exactly one label flips; at least {FEWEST_PAIRS}"
    for (brief, number), members in pairs.items():
        if len(members) != 2:
            yield f"{brief} pair {number}: {len(members)} rows; legal: 2"
        elif not flipped(*members):
            yield f"{brief} pair {number}: no label differs"


def flipped(one: CorpusRow, other: CorpusRow) -> list[str]:
    """Return the facets in which two rows of a pair differ, departments and demands aside."""
    different = [facet for facet in (*SINGLE, "flags") if set(one.labels(facet)) != set(other.labels(facet))]
    return different + (["sentiment"] if one.sentiment * other.sentiment < 0 else [])


def _twins(rows: Sequence[CorpusRow]) -> Iterator[str]:
    for first, second, similarity in near_twins([row.text for row in rows], least=TWIN_ACROSS_SPLITS):
        one, other = rows[first], rows[second]
        if one.pair is not None and (one.brief, one.pair) == (other.brief, other.pair):
            continue
        if similarity >= TWIN:
            yield f"{one.id} and {other.id} are near-twins ({similarity:.2f})"
        elif one.split != other.split:
            yield f"{one.id} ({one.split}) and {other.id} ({other.split}) are too near ({similarity:.2f})"


def main(arguments: Sequence[str]) -> int:
    """Print every fault; return 1 when there is one, else 0."""
    folder = Path(arguments[0]) if arguments else CORPUS
    try:
        rows = list(read_corpus(folder))
    except InputError as error:
        print(error)
        return 1
    found = list(faults(rows, load(), folder))
    print("\n".join(found))
    print(f"{folder}: {len(rows)} rows, {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    run(lambda: main(sys.argv[1:]))
