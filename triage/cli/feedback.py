"""``triage feedback``: the store of feedback, from the command line."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from triage.errors import OutputError

if TYPE_CHECKING:
    from triage.serve.feedback.settings import FeedbackSettings
    from triage.serve.feedback.store import Store

__all__ = ["add", "feedback"]

_VOICES = ("work_order", "transcript", "form", "email", "chat", "post", "letter", "branch_note")


def add(command: argparse.ArgumentParser) -> None:
    """Describe the command and its actions; see :func:`feedback`."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("migrate", help="bring the tables up to date")
    export = actions.add_parser("export", help="write what people corrected as training data")
    export.add_argument("out", metavar="FILE", type=Path, help="JSON lines")
    export.add_argument("--all", action="store_true", help="also where nobody confirmed the labels not corrected")
    export.add_argument("--voice", choices=_VOICES, default="form", help="who wrote the complaints; default: form")
    export.add_argument("--configs", type=Path, metavar="DIR", help="a folder of configuration over the default one")
    actions.add_parser("purge", help="delete what is older than the retention")
    actions.add_parser("forget", help="delete one person's data; the reference comes from standard input")
    for action in actions.choices.values():
        action.add_argument(
            "--database", metavar="URL", help="default: TRIAGE_FEEDBACK_DATABASE, or a file in TRIAGE_FEEDBACK_FOLDER"
        )
        action.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)


def feedback(options: argparse.Namespace) -> int:
    """Do what ``options.action`` says, print one line, and return 0.

    Raises:
        OutputError: the database is not there.
        UsageError: a setting is not legal.
    """
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415 - only for whoever keeps feedback

    from triage.serve.feedback.settings import FeedbackSettings  # noqa: PLC0415
    from triage.serve.feedback.store import Store  # noqa: PLC0415

    settings = FeedbackSettings.read(database=options.database)
    if settings.database is None:
        settings.folder.mkdir(parents=True, exist_ok=True)
    store = Store(settings.url, patience=settings.patience)
    try:
        print(_ACTIONS[options.action](store, settings, options))
    except SQLAlchemyError as error:
        said = f"the database of the feedback does not answer ({type(error).__name__})"
        raise OutputError(f"{said}; legal: a database that runs, in --database or TRIAGE_FEEDBACK_DATABASE") from error
    finally:
        store.close()
    return 0


def _migrate(store: Store, _settings: FeedbackSettings, _options: argparse.Namespace) -> str:
    return f"the tables are of revision {store.migrate()}"


def _export(store: Store, _settings: FeedbackSettings, options: argparse.Namespace) -> str:
    from triage.config import load  # noqa: PLC0415
    from triage.serve.feedback.export import export  # noqa: PLC0415

    store.migrate()
    config = load(options.configs)
    done = export(store, options.out, config=config, confirmed_only=not options.all, voice=options.voice)
    left_out = "".join(f"; left out, {reason}: {count}" for reason, count in sorted(done.left_out.items()))
    return f"{options.out}: {done.rows} rows{left_out}"


def _purge(store: Store, settings: FeedbackSettings, _options: argparse.Namespace) -> str:
    store.migrate()
    rows = store.purge(before=datetime.now(UTC) - timedelta(days=settings.retention_days))
    return f"{rows} rows older than {settings.retention_days} days deleted"


def _forget(store: Store, settings: FeedbackSettings, _options: argparse.Namespace) -> str:
    from triage.serve.feedback.people import Pseudonyms, key_of  # noqa: PLC0415

    store.migrate()
    key = settings.key.get_secret_value().encode() if settings.key else key_of(settings.folder / "key")
    # From standard input: a command line is seen by everybody on the machine.
    gone = store.forget(Pseudonyms(key).subject(sys.stdin.read()), now=datetime.now(UTC))
    return f"{gone.feedback} pieces of feedback and {gone.decisions} decisions deleted"


_ACTIONS = {"migrate": _migrate, "export": _export, "purge": _purge, "forget": _forget}
