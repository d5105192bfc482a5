"""Reads the command line, calls the library, and turns errors into one line and an exit code.

Exit codes: 0 all is well; 1 a failure; 2 wrong usage; 3 some rows carry an error; 4 what was checked is not as it
should be (a gate that did not pass, drift, an altered registry); 130 interrupted; 141 the reader of the output went
away.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from triage.errors import TriageError, UsageError

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction["_Parser"]

__all__ = ["main"]

FAILED, USAGE, INTERRUPTED, READER_GONE = 1, 2, 130, 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    arguments = sys.argv[1:] if arguments is None else arguments
    debug = "--debug" in arguments
    try:
        options = _parser().parse_args(arguments)
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Keep the interpreter from flushing into the closed pipe once more at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return READER_GONE
    except KeyboardInterrupt:
        return _failed("interrupted; whole rows of a batch are kept, and the same command goes on", INTERRUPTED)
    except UsageError as error:
        return _failed(str(error), USAGE, debug=debug)
    except TriageError as error:
        return _failed(str(error), FAILED, debug=debug)
    except OSError as error:
        return _failed(f"{error.filename or 'output'}: {error.strerror or error}", FAILED, debug=debug)
    return code


def _failed(message: str, code: int, *, debug: bool = False) -> int:
    if debug:
        import traceback  # noqa: PLC0415 - only for whoever asks

        traceback.print_exc()
    print(f"triage: {message}", file=sys.stderr)
    return code


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line, as all errors of the command."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}; see: {self.prog} --help")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="triage", description="Triage of Chinese financial complaints.")
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _predict(commands)
    _batch(commands)
    _check(commands)
    _train(commands)
    _evaluate(commands)
    _models(commands)
    _drift(commands)
    _serve(commands)
    _keys(commands)
    _feedback(commands)
    return parser


def _version() -> str:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import

    return f"triage {version('triage')}"


def _predict(commands: Commands) -> None:
    command = commands.add_parser("predict", help="decide one complaint")
    command.add_argument(
        "text",
        metavar="TEXT",
        help="the complaint; - reads standard input; a file ending in .eml is read as e-mail with --email",
    )
    command.add_argument("--json", action="store_true", help="print the decision as JSON")
    command.add_argument(
        "--email", action="store_true", help="TEXT is the path of an .eml file (- reads it from standard input)"
    )
    command.add_argument(
        "--explain", action="store_true", help="print every rule that fired, and those that a scope blocked, as JSON"
    )
    command.add_argument("--id", help="the id of the decision")
    command.add_argument("--channel", help="the label of the channel, if it is known")
    command.add_argument(
        "--received", type=_moment, metavar="TIME", help="when it was received (ISO 8601 with offset); now by default"
    )
    _common(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.predict import predict  # noqa: PLC0415 - keeps `triage --help` quick

        return predict(options)

    command.set_defaults(run=run)


def _batch(commands: Commands) -> None:
    command = commands.add_parser("batch", help="decide every row of a file")
    command.add_argument(
        "source", metavar="IN", type=Path, help="CSV, TSV, JSON lines, Parquet or XLSX, by file ending"
    )
    command.add_argument("out", metavar="OUT", type=Path, help="CSV, JSON lines, Parquet or XLSX, by file ending")
    command.add_argument("--text-column", default="text", metavar="NAME", help="default: text")
    command.add_argument(
        "--id-column", default="id", metavar="NAME", help="default: id; the row's number where there is none"
    )
    command.add_argument(
        "--channel-column", default="channel", metavar="NAME", help="default: channel, if there is one"
    )
    command.add_argument(
        "--received-column", default="received", metavar="NAME", help="default: received, if there is one"
    )
    command.add_argument(
        "--received", type=_moment, metavar="TIME", help="for rows that do not say when; now by default"
    )
    command.add_argument(
        "--engine", choices=("local", "ray"), default="local", help="processes of this machine, or a Ray cluster"
    )
    command.add_argument(
        "--workers", type=_positive, default=os.cpu_count() or 1, metavar="N", help="processes; default: one a core"
    )
    command.add_argument("--quiet", action="store_true", help="no progress and no summary")
    _common(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.batch import batch  # noqa: PLC0415

        return batch(options)

    command.set_defaults(run=run)


def _check(commands: Commands) -> None:
    command = commands.add_parser("check", help="check a folder of configuration")
    command.add_argument("folder", metavar="DIR", type=Path, help="a folder with any of the files of configs/")
    command.add_argument("--json", action="store_true", help="print the findings as JSON")
    command.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.check import check  # noqa: PLC0415

        return check(options)

    command.set_defaults(run=run)


def _feedback(commands: Commands) -> None:
    from triage.cli.feedback import add  # noqa: PLC0415

    command = commands.add_parser("feedback", help="the store of feedback: migrate, export, purge, forget")
    add(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.feedback import feedback  # noqa: PLC0415

        return feedback(options)

    command.set_defaults(run=run)


def _train(commands: Commands) -> None:
    from triage.cli.train import add  # noqa: PLC0415

    command = commands.add_parser("train", help="a model from your own labelled history")
    add(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.train import train  # noqa: PLC0415

        return train(options)

    command.set_defaults(run=run)


def _evaluate(commands: Commands) -> None:
    command = commands.add_parser("evaluate", help="how well labelled complaints are triaged")
    command.add_argument("data", metavar="DATA", nargs="+", type=Path, help="labelled complaints, JSON lines")
    command.add_argument("--against", type=Path, metavar="DIR", help="a second model, printed beside the first")
    command.add_argument(
        "--gate",
        type=Path,
        metavar="FILE",
        help="judge whether --model may take the place of --against, and write the verdict; exit code 4 if not",
    )
    command.add_argument("--golden", type=Path, metavar="FILE", help="must-pass cases of the gate, beside those it has")
    command.add_argument("--limits", type=Path, metavar="FILE", help="a YAML file of limits for the gate")
    command.add_argument(
        "--out", type=Path, metavar="DIR", help="write report.md, report.html and report.json into this folder"
    )
    command.add_argument("--json", action="store_true", help="print the report as JSON instead of Markdown")
    command.add_argument(
        "--baselines",
        nargs="+",
        type=Path,
        metavar="TRAIN_FILE",
        help="train the baselines on these, and print them too",
    )
    command.add_argument(
        "--encoder", type=Path, metavar="DIR", help="with --baselines: a linear probe on this frozen encoder too"
    )
    command.add_argument(
        "--examples", action="store_true", help="show the beginning of redacted texts beside the errors"
    )
    _common(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.evaluate import evaluate  # noqa: PLC0415

        return evaluate(options)

    command.set_defaults(run=run)


def _models(commands: Commands) -> None:
    from triage.cli.models import add  # noqa: PLC0415

    command = commands.add_parser("models", help="versions of the model: list, promote, roll back, verify")
    add(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.models import models  # noqa: PLC0415

        return models(options)

    command.set_defaults(run=run)


def _drift(commands: Commands) -> None:
    from triage.cli.drift import add  # noqa: PLC0415

    command = commands.add_parser("drift", help="whether new complaints are still like those of a reference")
    add(command)
    _common(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.drift import drift  # noqa: PLC0415

        return drift(options)

    command.set_defaults(run=run)


def _serve(commands: Commands) -> None:
    command = commands.add_parser("serve", help="answer over HTTP")
    command.add_argument("--host", help="default: 127.0.0.1")
    command.add_argument("--port", type=int, help="default: 8000; 0 takes a free one")
    command.add_argument("--no-auth", action="store_true", help="no API keys; only on a loopback address")
    command.add_argument("--workers", type=int, metavar="N", help="processes; default: 1; more need --state")
    command.add_argument("--keys", type=Path, metavar="FILE", help="the file of API keys; default: triage-keys.json")
    command.add_argument("--state", type=Path, metavar="DIR", help="a folder that the worker processes share")
    command.add_argument("--settings", type=Path, metavar="FILE", help="a TOML file of settings")
    command.add_argument("--check", action="store_true", help="print what is in force, as JSON, and end")
    _common(command)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.serve import serve  # noqa: PLC0415

        return serve(options)

    command.set_defaults(run=run)


def _keys(commands: Commands) -> None:
    command = commands.add_parser("keys", help="who may call the service")
    command.add_argument("act", choices=("add", "list", "remove"))
    command.add_argument("id", metavar="ID", nargs="?", help="1 to 32 of a-z and 0-9")
    command.add_argument("--scopes", default="predict", help="predict, feedback, admin, with commas; default: predict")
    command.add_argument("--days", type=int, metavar="N", help="after how many days it ends; never by default")
    command.add_argument("--file", type=Path, metavar="FILE", help="default: the setting keys, triage-keys.json")
    command.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)

    def run(options: argparse.Namespace) -> int:
        from triage.cli.serve import keys  # noqa: PLC0415

        return keys(options)

    command.set_defaults(run=run)


def _common(command: argparse.ArgumentParser) -> None:
    command.add_argument("--model", type=Path, metavar="DIR", help="a trained folder; the embedded one otherwise")
    command.add_argument("--rules-only", action="store_true", help="judge by rules alone")
    command.add_argument("--configs", type=Path, metavar="DIR", help="a folder of configuration over the default one")
    command.add_argument("--debug", action="store_true", help="show the traceback of an error")


def _moment(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise argparse.ArgumentTypeError(
            f"{value!r} is no time; legal: ISO 8601 with offset, 2026-11-24T09:00:00+08:00"
        )
    return moment


def _positive(value: str) -> int:
    if not value.isdigit() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is no count; legal: 1 and above")
    return int(value)
