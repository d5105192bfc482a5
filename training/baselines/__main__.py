"""python -m triage.training.baselines TRAIN… --test FILE… [--only NAME…] [--configs DIR]: the baselines side by side.

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
from triage.training.evaluate.report import cases_of, headline_of
from triage.training.evaluate.sections import comparison
from triage.training.evaluate.write import table_lines
from triage.training.labelled import read_labelled
from triage.training.script import run

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table and return 0."""
    parser = argparse.ArgumentParser(prog="baselines", description=__doc__)
    parser.add_argument("train", nargs="+", type=Path, metavar="TRAIN")
    parser.add_argument("--test", nargs="+", type=Path, required=True, metavar="FILE")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="some baselines, by name")
    parser.add_argument("--configs", type=Path, help="a folder of configuration over the default one")
    options = parser.parse_args(arguments)
    config = load(options.configs)
    baselines = default_baselines()
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


if __name__ == "__main__":
    run(main)
