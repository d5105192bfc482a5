"""python -m triage.training.baselines TRAIN… --test FILE… [--only NAME…] [--encoder DIR]: the baselines side by side.

Trains every baseline on the labelled complaints of TRAIN, scores it on those of FILE, and prints one Markdown table.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from triage.config import load
from triage.errors import UsageError
from triage.training.baselines.compare import answers, default_baselines
from triage.training.baselines.linear_probe import Embed
from triage.training.evaluate.document import table_lines
from triage.training.evaluate.report import cases_of, headline_of
from triage.training.evaluate.sections import comparison
from triage.training.labelled import read_labelled
from triage.training.script import run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and return 0."""
    parser = argparse.ArgumentParser(prog="baselines", description=__doc__)
    parser.add_argument("train", nargs="+", type=Path, metavar="TRAIN")
    parser.add_argument("--test", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some baselines, by name")
    parser.add_argument("--encoder", type=Path, help="an encoder's folder, for the linear probe on it")
    parser.add_argument("--configs", type=Path, help="a folder of configuration over the default one")
    options = parser.parse_args(arguments)
    config = load(options.configs)
    baselines = default_baselines(_embed(options.encoder) if options.encoder else None)
    if options.only:
        legal = [baseline.name for baseline in baselines]
        for name in options.only:
            if name not in legal:
                raise UsageError(f"--only is {name!r}; legal: {', '.join(legal)}")
        baselines = [baseline for baseline in baselines if baseline.name in options.only]
    train, test = (list(read_labelled(files, config)) for files in (options.train, options.test))
    found = answers(train, test, config, baselines=baselines, progress=lambda name: print(name, file=sys.stderr))
    columns = {name: headline_of(cases_of(test, said, config), config) for name, said in found.items()}
    print(f"Trained on {len(train)} complaints, scored on {len(test)}.\n")
    print("\n".join(table_lines(comparison(columns))))
    return 0


def _embed(folder: Path) -> Embed:
    from triage.training.encoder.embed import embedder  # noqa: PLC0415 - the one baseline that needs torch

    return embedder(folder)


if __name__ == "__main__":
    run(main)
