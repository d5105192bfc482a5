"""The tables of the store, as the code of this version expects them; the migrations make them."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    String,
    Table,
    Text,
    TypeDecorator,
)

__all__ = ["METADATA", "Moment", "conflicts", "decisions", "feedback", "forgotten"]


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, also in databases that keep no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment with its offset."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


METADATA = MetaData()

decisions = Table(
    "decisions",
    METADATA,
    Column("id", String(200), primary_key=True),
    Column("received", Moment, nullable=False),
    Column("verdict", String(16), nullable=False),
    Column("urgency", String(80), nullable=False),
    Column("rank", SmallInteger, nullable=False),
    Column("department", String(80), nullable=False),
    Column("text", Text, nullable=False),
    Column("decision", JSON, nullable=False),
    Column("subject", String(64)),
    Column("taxonomy_version", String(200), nullable=False),
    Column("reviewed", Moment),
    Index("decisions_queue", "verdict", "reviewed", "rank", "received", "id"),
    Index("decisions_subject", "subject"),
    Index("decisions_received", "received"),
)

feedback = Table(
    "feedback",
    METADATA,
    Column("id", String(36), primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("received", Moment, nullable=False),
    Column("decision_id", String(200), nullable=False),
    Column("labels", JSON, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("judged", Boolean, nullable=False),
    Column("outcome", String(40)),
    Column("satisfaction", Integer),
    Column("who", String(80)),
    Column("when", Moment),
    Column("note", Text),
    Column("text", Text),
    Column("subject", String(64)),
    Column("taxonomy_version", String(200), nullable=False),
    Index("feedback_decision", "decision_id"),
    Index("feedback_subject", "subject"),
    Index("feedback_received", "received"),
)

conflicts = Table(
    "conflicts",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(64), nullable=False),
    Column("received", Moment, nullable=False),
    Column("subject", String(64)),
    Column("reason", String(40), nullable=False),
    # JSON in ASCII: it can be kept whatever the database thinks of the characters in it.
    Column("record", Text, nullable=False),
    Index("conflicts_subject", "subject"),
    Index("conflicts_received", "received"),
)
"""Acknowledged feedback that the store cannot take in: another body under a known key, or a value it refuses."""

forgotten = Table(
    "forgotten",
    METADATA,
    Column("subject", String(64), primary_key=True),
    Column("at", Moment, nullable=False),
)
"""People whose data were deleted: what waits in a spool since before then is dropped on delivery."""
