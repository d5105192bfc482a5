"""Opens the database: SQLite or PostgreSQL, quick to say that it is not there; and brings its tables up to date."""

from __future__ import annotations

import threading
from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import ConnectionPoolEntry

from triage.errors import UsageError

__all__ = ["migrate", "open_engine", "revision"]

_MIGRATIONS = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = threading.Lock()
"""Alembic keeps what it works on in a global."""
_ADVISORY_LOCK = 0x7472_6961_6765
"""Any number that no other user of the database locks: the letters of "triage"."""


def open_engine(url: str, *, patience: float = 2.0) -> Engine:
    """Return an engine; nothing is connected yet.

    Args:
        url: ``sqlite:///feedback.db``, ``sqlite:////var/lib/triage/feedback.db`` or
            ``postgresql://user:password@host/name``.
        patience: seconds after which connecting, waiting for a lock, and (times two) a statement give up.

    Raises:
        UsageError: the URL is none, or of another database.
    """
    legal = "legal: sqlite:///FILE, or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except ArgumentError:
        # Not shown: it may hold a password.
        raise UsageError(f"the database of the feedback is no URL; {legal}") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite":
        return _sqlite(parsed, patience)
    if kind in ("postgresql", "postgres"):
        return _postgresql(parsed.set(drivername="postgresql+psycopg"), patience)
    raise UsageError(f"the database of the feedback is {kind!r}; {legal}")


def migrate(engine: Engine) -> str:
    """Bring the tables up to date and return their revision; several processes may do so at once.

    Raises:
        UsageError: the tables were made by a newer version.
        SQLAlchemyError: the database is not there.
    """
    with engine.begin() as connection, _ONE_AT_A_TIME:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        found = _current(connection)
        scripts = ScriptDirectory(str(_MIGRATIONS))
        known = {script.revision for script in scripts.walk_revisions()}
        if found is not None and found not in known:
            raise UsageError(
                f"the tables are of revision {found!r}; legal: {', '.join(sorted(known))}, or a newer triage"
            )
        config = AlembicConfig()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        return str(_current(connection))


def revision(engine: Engine) -> str | None:
    """Return the revision of the tables, None where there are none."""
    with engine.connect() as connection:
        return _current(connection)


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection, opts={"version_table": "triage_schema"}).get_current_revision()


def _sqlite(url: URL, patience: float) -> Engine:
    if url.database in (None, "", ":memory:"):
        raise UsageError("the database of the feedback lives in memory; legal: sqlite:///FILE")
    engine = create_engine(url, connect_args={"timeout": patience}, pool_timeout=patience)

    @event.listens_for(engine, "connect")
    def settle(connection: object, _: ConnectionPoolEntry) -> None:
        # The driver would begin transactions late and never around a change of tables; see `begin` below.
        connection.isolation_level = None  # type: ignore[attr-defined]
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode = WAL")
        # With WAL, only FULL syncs every commit: what was acknowledged survives a power cut.
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # A reader that turns writer half way could not wait for another writer; all wait at the start.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _postgresql(url: URL, patience: float) -> Engine:
    statement = int(patience * 2_000)
    return create_engine(
        url,
        connect_args={
            "connect_timeout": max(2, round(patience)),
            "options": f"-c statement_timeout={statement} -c lock_timeout={int(patience * 1_000)} -c timezone=UTC",
            # A peer that vanished without a word is noticed while a statement waits for it.
            "tcp_user_timeout": statement,
            "application_name": "triage",
        },
        pool_size=4,
        max_overflow=0,
        pool_timeout=patience,
        pool_pre_ping=True,
    )
