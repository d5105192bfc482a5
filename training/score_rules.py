"""python -m triage.training.score_rules FILE… [--errors FACET] [--slices] [--configs DIR]: how the rules do.

Prints a Markdown table of every figure beside its target; ``--slices`` adds the figures by voice and by script;
``--errors FACET`` lists the rows that the rules get wrong, for files that rules may be tuned on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.metrics import f1_score, mean_absolute_error, precision_score, recall_score

from triage.pipeline import Triage, load
from triage.training.labelled import Labelled, departments, read_labelled
from triage.training.script import run
from triage.types import Decision

__all__ = ["Judged", "figures", "main"]

TARGETS = {
    "business accuracy": 0.75,
    "reason accuracy": 0.62,
    "lead department accuracy": 0.75,
    "critical recall": 0.90,
    "critical precision": 0.50,
    "sentiment sign accuracy": 0.85,
    "flags micro-F1": 0.75,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """A labelled complaint, its departments by policy, and what the rules decided."""

    row: Labelled
    lead: str
    co: tuple[str, ...]
    decision: Decision

    def pair(self, facet: str) -> tuple[str, str]:
        """Return the label that is right and the one that was decided, for a single-label facet."""
        right = self.lead if facet == "department" else self.row.labels(facet)[0]
        return right, getattr(self.decision, facet).label

    def sets(self, facet: str) -> tuple[set[str], set[str]]:
        """Return the labels that are right and those that were decided, for a multi-label facet."""
        if facet == "co":
            return set(self.co), set(self.decision.department.co)
        return set(self.row.labels(facet)), {tag.label for tag in getattr(self.decision, facet)}


def judge(rows: Sequence[Labelled], triage: Triage) -> list[Judged]:
    """Decide every row."""
    return [Judged(row, *departments(row, triage.config), triage.predict(row.text, id=row.id)) for row in rows]


def figures(judged: Sequence[Judged]) -> dict[str, float]:
    """Return every figure by name, in [0, 1]; mean absolute errors in units of the score."""
    found: dict[str, float] = {}
    for facet in ("business", "reason", "department", "urgency", "channel", "complexity"):
        pairs = [one.pair(facet) for one in judged]
        name = "lead department" if facet == "department" else facet
        found[f"{name} accuracy"] = float(np.mean([right == said for right, said in pairs]))
        right, said = zip(*pairs, strict=True)
        found[f"{name} macro-F1"] = f1_score(right, said, labels=sorted(set(right)), average="macro", zero_division=0)
        if facet == "urgency":
            of = {"labels": ["critical"], "average": "macro", "zero_division": 0}
            found["critical recall"] = recall_score(right, said, **of)
            found["critical precision"] = precision_score(right, said, **of)
    for facet, name in (("flags", "flags"), ("demands", "demands"), ("co", "co-departments")):
        found[f"{name} micro-F1"] = _micro(judged, facet)
    right_mood = np.array([one.row.sentiment for one in judged])
    said_mood = np.array([one.decision.sentiment.score for one in judged])
    # A mood between the bands negative and positive has no sign to get wrong.
    signed = np.abs(right_mood) >= 0.2
    found["sentiment sign accuracy"] = float(np.mean(np.sign(right_mood[signed]) == np.sign(said_mood[signed])))
    found["sentiment mean absolute error"] = mean_absolute_error(right_mood, said_mood)
    return found


def _micro(judged: Sequence[Judged], facet: str) -> float:
    pairs = [one.sets(facet) for one in judged]
    both = sum(len(right & said) for right, said in pairs)
    each = sum(len(right) + len(said) for right, said in pairs)
    return 2 * both / each if each else 1.0


def table(judged: Sequence[Judged]) -> str:
    """Return the figures as Markdown."""
    rows = [f"| measure ({len(judged)} complaints) | rules | target |", "|---|---|---|"]
    for name, value in figures(judged).items():
        target = TARGETS.get(name)
        rows.append(f"| {name} | {value:.3f} | {'' if target is None else f'≥ {target:.2f}'} |")
    return "\n".join(rows)


def slices(judged: Sequence[Judged]) -> str:
    """Return the main figures by voice and by script as Markdown."""
    keys: tuple[Callable[[Judged], str], ...] = (lambda one: one.row.voice, lambda one: one.row.script)
    names = [name for name in TARGETS if not name.startswith("critical")]
    rows = [f"| slice | complaints | {' | '.join(names)} |", "|---|---|" + "---|" * len(names)]
    for key in keys:
        for value in sorted({key(one) for one in judged}):
            part = [one for one in judged if key(one) == value]
            found = figures(part)
            rows.append(f"| {value} | {len(part)} | {' | '.join(f'{found[name]:.3f}' for name in names)} |")
    return "\n".join(rows)


def errors(judged: Sequence[Judged], facet: str) -> str:
    """Return the rows whose ``facet`` is wrong: what was decided, by which evidence, and what is right."""
    lines = []
    for one in judged:
        if facet in ("demands", "flags"):
            wanted, got = one.sets(facet)
            wrong = f"missing {sorted(wanted - got)} too many {sorted(got - wanted)}" if wanted != got else ""
            proof = [e for tag in getattr(one.decision, facet) if tag.label not in wanted for e in tag.evidence]
        elif facet == "sentiment":
            score = one.decision.sentiment.score
            wrong = f"{score:+.2f} for {one.row.sentiment:+.2f}" if abs(score - one.row.sentiment) > 0.4 else ""
            proof = list(one.decision.sentiment.evidence)
        else:
            right, said = one.pair(facet)
            wrong = f"{said} for {right}" if right != said else ""
            proof = list(getattr(one.decision, facet).evidence)
        if wrong:
            shown = "、".join(f"{e.source.removeprefix('rule:')}:{e.text}" for e in proof)
            lines.append(f"{one.row.id} {wrong} [{shown}] {' '.join(one.row.text.split())}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the script and return its exit code."""
    parser = argparse.ArgumentParser(prog="score_rules", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--errors", metavar="FACET")
    parser.add_argument("--slices", action="store_true")
    parser.add_argument("--configs", type=Path, help="a folder of configuration over the default one")
    options = parser.parse_args(arguments)
    triage = load(configs=options.configs)
    judged = judge(list(read_labelled(options.files, triage.config)), triage)
    print(table(judged))
    if options.slices:
        print(f"\n{slices(judged)}")
    if options.errors:
        print(f"\n{errors(judged, options.errors)}")
    return 0


if __name__ == "__main__":
    run(main)
