"""``triage train``: a model from an institution's own labelled history."""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import InputError, UsageError

if TYPE_CHECKING:
    from triage.training.history.mapping import ColumnMap

__all__ = ["add", "train"]

EXTRA = "train"
REFRESH = 2.0


def add(command: argparse.ArgumentParser) -> None:
    """Describe the command; see :func:`train`."""
    command.add_argument(
        "data", metavar="DATA", nargs="+", help="CSV, TSV, XLSX, JSON lines, Parquet, a datasets folder, a database URL"
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="the folder of the run; the same command goes on")
    command.add_argument("--mapping", type=Path, metavar="FILE", help="which column is what; --inspect drafts it")
    command.add_argument("--text-column", metavar="C", help="instead of a mapping: the column of the texts")
    command.add_argument(
        "--label", action="append", default=[], metavar="FACET=COLUMN", help="and a column of labels; may be repeated"
    )
    command.add_argument("--query", metavar="SQL", help="for a database")
    command.add_argument("--inspect", action="store_true", help="say what the data hold, draft a mapping")
    command.add_argument(
        "--encoder", type=Path, metavar="PATH", help="a model folder, or any local Hugging Face encoder of BERT's kind"
    )
    command.add_argument("--configs", type=Path, metavar="DIR", help="a folder of configuration over the default one")
    command.add_argument(
        "--method",
        choices=("auto", "probe", "tune"),
        default="auto",
        help="probe: frozen encoder; tune: all weights; auto: probe below 1,000 rows",
    )
    command.add_argument("--minutes", type=float, metavar="N", help="for the whole run")
    command.add_argument("--epochs", type=int, metavar="N", help="of fine-tuning, at most")
    command.add_argument("--accumulate", type=int, metavar="N", help="batches of a step; default: one a process")
    command.add_argument("--seed", type=int, default=1, metavar="N", help="default: 1")
    command.add_argument(
        "--checkpoint-seconds", type=float, default=60.0, metavar="S", help="between checkpoints; default: 60"
    )
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")


def train(options: argparse.Namespace) -> int:
    """Train, or inspect, and return 0; 1 when an inspection finds what cannot work.

    Raises:
        UsageError: the packages of the extra are not installed, or options exclude each other.
        TriageError: as :func:`triage.training.train.train`.
    """
    # Libraries that would tell of themselves, or look for a hub.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
    try:
        columns = _columns(options)
        return _inspect(options, columns) if options.inspect else _train(options, columns)
    except ModuleNotFoundError as error:
        told = f"train needs the package {error.name!r}; install it with: pip install 'triage[{EXTRA}]'"
        raise UsageError(told) from error


def _columns(options: argparse.Namespace) -> ColumnMap | None:
    from triage.training.history.mapping import of_options, read_mapping  # noqa: PLC0415 - an extra

    by_hand = options.text_column is not None or options.label
    if options.mapping is not None and by_hand:
        raise UsageError("--mapping beside --text-column or --label; legal: one of the two ways")
    if options.mapping is not None:
        columns = read_mapping(options.mapping)
    elif by_hand:
        if options.text_column is None or not options.label:
            raise UsageError("--text-column and --label go together; legal: both, or --mapping FILE")
        columns = of_options(options.text_column, options.label)
    else:
        return None
    return columns.model_copy(update={"query": options.query}) if options.query else columns


def _inspect(options: argparse.Namespace, columns: ColumnMap | None) -> int:
    from triage.config import load  # noqa: PLC0415
    from triage.training.history.inspect import inspect  # noqa: PLC0415

    found = inspect(options.data, load(options.configs), columns=columns, query=options.query)
    if found.mapping is not None:
        print(found.mapping.to_yaml(), end="")
    for line in found.lines:
        print(f"# {line}")
    for problem in found.problems:
        print(f"# cannot work: {problem}")
    return 1 if found.problems else 0


def _train(options: argparse.Namespace, columns: ColumnMap | None) -> int:
    if options.out is None:
        raise UsageError("no --out; legal: --out DIR, a new folder for the run")
    if columns is None:
        raise UsageError("nothing says which column is what; legal: --mapping FILE, or --text-column and --label")
    from triage.training.train import Order  # noqa: PLC0415 - torch is slow to import
    from triage.training.train import train as run  # noqa: PLC0415

    order = Order(
        data=tuple(options.data),
        columns=columns,
        out=options.out,
        encoder=options.encoder,
        configs=options.configs,
        method=options.method,
        minutes=options.minutes,
        epochs=options.epochs,
        accumulate=options.accumulate,
        seed=options.seed,
        checkpoint=options.checkpoint_seconds,
    )
    shown = 0.0

    def told(step: int, total: int, loss: float, seconds: float) -> None:
        nonlocal shown
        if time.monotonic() - shown >= REFRESH:
            shown = time.monotonic()
            print(f"step {step}/{total}, loss {loss:.3f}, {seconds:.0f} s", file=sys.stderr, flush=True)

    try:
        run(order, say=lambda line: print(line, file=sys.stderr, flush=True), told=told)
    except InputError as error:
        raise InputError(f"{error} (triage train --inspect says more)", field=error.field) from error
    return 0
