"""``triage drift``: whether new complaints are still like those of a reference.

Exit codes, for cron: 0 no drift; 4 drift; 1 a failure; 2 wrong usage.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import UsageError
from triage.pipeline import load

if TYPE_CHECKING:
    from triage.pipeline import Triage
    from triage.training.drift.periods import Judged

__all__ = ["add", "drift"]

EXTRA = "evaluate"
DRIFT = 4


def add(command: argparse.ArgumentParser) -> None:
    """Describe the arguments of :func:`drift`."""
    command.add_argument("reference", metavar="REFERENCE", type=Path, help="decisions, labelled complaints, or texts")
    command.add_argument("new", metavar="NEW", type=Path, nargs="+", help="likewise; several files are taken together")
    command.add_argument("--predict", action="store_true", help="judge every text anew, whatever labels stand there")
    command.add_argument("--feedback", type=Path, metavar="FILE", help="what `triage feedback export` wrote")
    command.add_argument("--by", choices=("week", "month"), default="week", help="periods of feedback; default: week")
    command.add_argument(
        "--alpha", type=_chance, default=0.01, metavar="P", help="the chance of a false alarm; default: 0.01"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="write drift.md, drift.html and drift.json there")
    command.add_argument("--json", action="store_true", help="print the report as JSON instead of words")


def drift(options: argparse.Namespace) -> int:
    """Print the verdict, write the report if asked, and return 4 where there is drift, else 0.

    Raises:
        UsageError: the packages of the extra are not installed, or ``--model`` and ``--rules-only`` exclude each other.
        InputError: a file cannot be read, or has too few complaints.
        OutputError: the report cannot be written.
    """
    try:
        from triage.training.drift import measure, read, write  # noqa: PLC0415 - an extra
        from triage.training.drift.embed import embedder  # noqa: PLC0415
    except ModuleNotFoundError as error:
        told = f"drift needs the package {error.name!r}; install it with: pip install 'triage[{EXTRA}]'"
        raise UsageError(told) from error
    if options.rules_only and options.model:
        raise UsageError(f"--model is {str(options.model)!r} beside --rules-only; legal: one of the two")
    triage = load(options.model, configs=options.configs, rules_only=options.rules_only)
    embedded, embed = embedder(triage)
    report = measure(
        read([options.reference], triage, predict=options.predict),
        read(options.new, triage, predict=options.predict),
        triage.config,
        embed=embed,
        embedded=embedded,
        feedback=_feedback(options.feedback, triage) if options.feedback else (),
        by=options.by,
        names=([options.reference.name], [path.name for path in options.new]),
        alpha=options.alpha,
    )
    print(report.to_json() if options.json else "\n".join(report.causes))
    if options.out:
        for file in write(report, options.out):
            print(file, file=sys.stderr)
    return DRIFT if report.drift else 0


def _feedback(path: Path, triage: Triage) -> Sequence[Judged]:
    """Return whether the model says what people said, of every complaint that they labelled."""
    from triage.batch.readers import read_cells  # noqa: PLC0415
    from triage.training.drift.periods import judged  # noqa: PLC0415
    from triage.training.evaluate import answers_of  # noqa: PLC0415
    from triage.training.labelled import label_of, read_labelled  # noqa: PLC0415

    rows = list(read_labelled([path], triage.config))
    moments = [str(row.cells.get("labelled") or "") for row in read_cells(path)]
    said = answers_of(triage, [row.text for row in rows], names=[row.id for row in rows])
    facets = ("business", "reason", "urgency", "department")
    return [
        judged(
            moment,
            right={facet: answer.single[facet] == label_of(row, facet, triage.config) for facet in facets},
            where=f"{path}: {row.id}",
        )
        for row, answer, moment in zip(rows, said, moments, strict=True)
    ]


def _chance(value: str) -> float:
    try:
        number = float(value)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no chance; legal: above 0, below 1")
    return number
