"""``triage evaluate``: how well labelled complaints are triaged, beside baselines and another model.

Exit codes with ``--gate``: 0 the candidate passed; 4 it did not.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from triage.errors import UsageError
from triage.pipeline import Triage, load

if TYPE_CHECKING:
    from triage.training.evaluate import Answer
    from triage.training.labelled import Labelled

__all__ = ["evaluate"]

EXTRA = "evaluate"


def evaluate(options: argparse.Namespace) -> int:
    """Print the report on the labelled complaints of some files, write it if asked, and return 0; or run the gate.

    Raises:
        UsageError: the packages of the extra are not installed, or ``--model`` and ``--rules-only`` exclude each other.
        InputError: a file cannot be read, or a row is no labelled complaint.
        OutputError: the report cannot be written.
    """
    try:
        from triage.training.evaluate import evaluate as score  # noqa: PLC0415
        from triage.training.evaluate import markdown, write  # noqa: PLC0415 - an extra
        from triage.training.labelled import read_labelled  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    if options.gate:
        from triage.cli.gate import run_gate  # noqa: PLC0415

        return run_gate(options)
    if options.golden or options.limits:
        raise UsageError("--golden and --limits are for the gate; legal: beside --gate FILE")
    triage = _triage(options)
    rows = list(read_labelled(options.data, triage.config))
    said = _answers(triage, rows)
    compared: dict[str, Sequence[Answer]] = {}
    if options.against:
        compared[f"against {options.against.name}"] = _answers(load(options.against, configs=options.configs), rows)
    if options.baselines:
        compared |= _baselines(options, triage, rows, said)
    report = score(
        rows,
        said,
        triage.config,
        data=[path.name for path in options.data],
        versions=triage.versions,
        compared=compared,
        excerpts=options.examples,
    )
    print(report.to_json() if options.json else markdown(report, triage.config), end="")
    if options.out:
        for file in write(report, options.out, triage.config):
            print(file, file=sys.stderr)
    return 0


def _triage(options: argparse.Namespace) -> Triage:
    if options.rules_only and options.model:
        raise UsageError(f"--model is {str(options.model)!r} beside --rules-only; legal: one of the two")
    return load(options.model, configs=options.configs, rules_only=options.rules_only)


def _answers(triage: Triage, rows: Sequence[Labelled]) -> list[Answer]:
    from triage.training.evaluate import answers_of  # noqa: PLC0415

    return answers_of(triage, [row.text for row in rows], names=[row.id for row in rows])


def _baselines(
    options: argparse.Namespace, triage: Triage, rows: Sequence[Labelled], said: Sequence[Answer]
) -> dict[str, list[Answer]]:
    try:
        from triage.training.baselines import answers, default_baselines  # noqa: PLC0415
        from triage.training.labelled import read_labelled  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise _missing(error) from error
    embed = None
    if options.encoder:
        try:
            from triage.training.encoder.embed import embedder  # noqa: PLC0415 - the one baseline that needs torch
        except ModuleNotFoundError as error:
            raise _missing(error) from error
        embed = embedder(options.encoder)
    train = list(read_labelled(options.baselines, triage.config))

    def progress(name: str) -> None:
        print(f"baseline: {name}", file=sys.stderr)

    return answers(train, rows, triage.config, baselines=default_baselines(embed), said=said, progress=progress)


def _missing(error: ModuleNotFoundError) -> UsageError:
    return UsageError(f"evaluate needs the package {error.name!r}; install it with: pip install 'triage[{EXTRA}]'")
