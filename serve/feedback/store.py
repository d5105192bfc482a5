"""The store: what is asked of the database, and nothing else. Every call may block; none is made on an event loop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Engine, RowMapping, Select, and_, delete, event, exists, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.pool import ConnectionPoolEntry

from triage.serve.feedback.database import migrate, open_engine
from triage.serve.feedback.records import DecisionRecord, FeedbackRecord, Record
from triage.serve.feedback.schema import Forgotten, ReviewItem, ReviewPage
from triage.serve.feedback.tables import conflicts, decisions, feedback, forgotten

__all__ = ["Put", "Store", "Told"]

Put = Literal["new", "same", "conflict", "dropped"]
"""What became of a record: kept, there already, there with another body, or dropped since its person is forgotten."""

_CHUNK = 500


@dataclass(frozen=True, slots=True)
class Told:
    """All that people said about one decision, oldest first, with what was decided where that was kept."""

    decision_id: str
    decision: Mapping[str, Any] | None
    text: str | None
    feedback: tuple[Mapping[str, Any], ...]


class Store:
    """Feedback and decisions in a database.

    Args:
        url: see :func:`triage.serve.feedback.database.open_engine`.
        patience: seconds that a database which does not answer is waited for.
    """

    def __init__(self, url: str, *, patience: float = 2.0) -> None:
        self.engine: Engine = open_engine(url, patience=patience)
        self._insert: Any = postgresql.insert if self.engine.dialect.name == "postgresql" else sqlite.insert

    def migrate(self) -> str:
        """Bring the tables up to date and return their revision."""
        return migrate(self.engine)

    def ping(self) -> None:
        """Ask the database whether it is there."""
        with self.engine.begin() as connection:
            connection.execute(select(1))

    def reconnect(self) -> None:
        """Leave all connections behind, also those that somebody still waits for; they are closed when that ends."""
        left = self.engine.pool
        self.engine.dispose()
        event.listen(left, "checkin", _close)

    def close(self) -> None:
        """Close every connection."""
        self.reconnect()

    def put(self, record: Record) -> Put:
        """Keep one record; when this returns, it is committed. A conflict is told and leaves nothing behind."""
        with self.engine.begin() as connection:
            return self._put(connection, record)

    def deliver(self, records: Sequence[Record]) -> int:
        """Keep records that were acknowledged before, in one transaction; return how many were new.

        What the tables cannot take in goes into ``conflicts``: nobody is there any more to be told.
        """
        new = 0
        with self.engine.begin() as connection:
            for record in records:
                try:
                    with connection.begin_nested():
                        put = self._put(connection, record)
                except (DataError, IntegrityError):
                    # A value that the tables refuse must not keep all the others waiting.
                    self._set_aside(connection, record, "refused")
                    continue
                if put == "conflict":
                    self._set_aside(connection, record, "conflict")
                new += put == "new"
        return new

    def reviews(
        self, *, limit: int, after: str | None = None, department: str | None = None, urgency: str | None = None
    ) -> ReviewPage:
        """Return decisions that wait for a person, the most urgent first, then the oldest.

        Args:
            limit: how many at most, 1 and above.
            after: the id of the last one that was seen.
            department: only those of this department.
            urgency: only those of this urgency.
        """
        open_ones = [decisions.c.verdict == "review", decisions.c.reviewed.is_(None)]
        open_ones += [decisions.c.department == department] if department is not None else []
        open_ones += [decisions.c.urgency == urgency] if urgency is not None else []
        order = (decisions.c.rank, decisions.c.received, decisions.c.id)
        with self.engine.begin() as connection:
            total = connection.execute(select(func.count()).select_from(decisions).where(*open_ones)).scalar_one()
            query = select(decisions).where(*open_ones).order_by(*order).limit(limit + 1)
            if after is not None:
                seen = connection.execute(select(*order).where(decisions.c.id == after)).one_or_none()
                if seen is not None:
                    query = query.where(_beyond(order, seen))
            rows = connection.execute(query).mappings().all()
        items = [_item(row) for row in rows[:limit]]
        return ReviewPage(items=items, total=total, next=items[-1].id if len(rows) > limit else None)

    def review(self, decision_id: str) -> ReviewItem | None:
        """Return one decision that was kept, reviewed or not."""
        with self.engine.begin() as connection:
            row = connection.execute(select(decisions).where(decisions.c.id == decision_id)).mappings().one_or_none()
        return None if row is None else _item(row)

    def forget(self, subject: str, *, now: datetime) -> Forgotten:
        """Delete all that is kept of one person, and remember to drop what still waits elsewhere.

        Args:
            subject: the keyed hash of the person's reference.
            now: what was received up to now is deleted.
        """
        theirs = select(decisions.c.id).where(decisions.c.subject == subject)
        named = select(feedback.c.decision_id).where(feedback.c.subject == subject)
        with self.engine.begin() as connection:
            note = self._insert(forgotten).values(subject=subject, at=now)
            connection.execute(note.on_conflict_do_update(index_elements=["subject"], set_={"at": now}))
            ids = sorted({*connection.scalars(theirs), *connection.scalars(named)})
            gone = {"feedback": 0, "decisions": 0}
            for place in range(0, len(ids), _CHUNK):
                chunk = ids[place : place + _CHUNK]
                gone["feedback"] += connection.execute(
                    delete(feedback).where(feedback.c.decision_id.in_(chunk))
                ).rowcount
                gone["decisions"] += connection.execute(delete(decisions).where(decisions.c.id.in_(chunk))).rowcount
            connection.execute(delete(conflicts).where(conflicts.c.subject == subject))
        return Forgotten(**gone)

    def purge(self, *, before: datetime) -> int:
        """Delete what was received before a moment, and return how many rows that were."""
        with self.engine.begin() as connection:
            rows = sum(
                connection.execute(delete(table).where(table.c.received < before)).rowcount
                for table in (feedback, decisions, conflicts)
            )
            connection.execute(delete(forgotten).where(forgotten.c.at < before))
        return rows

    def told(self) -> Iterator[Told]:
        """Yield what people said, decision by decision, in the order of the decisions' ids."""
        after = ""
        while True:
            page = select(feedback.c.decision_id).distinct().where(feedback.c.decision_id > after, feedback.c.judged)
            with self.engine.begin() as connection:
                ids = list(connection.scalars(page.order_by(feedback.c.decision_id).limit(_CHUNK)))
                if not ids:
                    return
                said = _by_decision(connection, select(feedback).where(feedback.c.decision_id.in_(ids)))
                kept = {
                    row["id"]: row
                    for row in connection.execute(select(decisions).where(decisions.c.id.in_(ids))).mappings()
                }
            for one in ids:
                row = kept.get(one)
                decision, text = (row["decision"], row["text"]) if row is not None else (None, None)
                yield Told(one, decision, text, tuple(dict(row) for row in said[one]))
            after = ids[-1]

    def _put(self, connection: Connection, record: Record) -> Put:
        if record.subject is not None:
            gone = select(forgotten.c.subject).where(
                forgotten.c.subject == record.subject, forgotten.c.at >= record.received
            )
            if connection.execute(gone).first() is not None:
                return "dropped"
        if isinstance(record, DecisionRecord):
            return self._put_decision(connection, record)
        return self._put_feedback(connection, record)

    def _put_decision(self, connection: Connection, record: DecisionRecord) -> Put:
        values = record.model_dump(exclude={"kind"})
        said = select(func.min(feedback.c.received)).where(feedback.c.decision_id == record.id, feedback.c.judged)
        # Feedback can overtake its decision where one of them waited on disk.
        values["reviewed"] = connection.execute(said).scalar_one()
        insert = self._insert(decisions).values(values)
        # A complaint that is decided anew takes its old place; one that a person has judged stays judged.
        changed = {name: insert.excluded[name] for name in values if name not in ("id", "reviewed")}
        insert = insert.on_conflict_do_update(
            index_elements=["id"],
            set_=changed,
            where=and_(decisions.c.reviewed.is_(None), decisions.c.received <= insert.excluded.received),
        )
        return "new" if connection.execute(insert.returning(decisions.c.id)).first() is not None else "same"

    def _put_feedback(self, connection: Connection, record: FeedbackRecord) -> Put:
        insert = self._insert(feedback).values(record.model_dump(exclude={"kind"}) | {"judged": record.judged})
        insert = insert.on_conflict_do_nothing(index_elements=["key"]).returning(feedback.c.id)
        if connection.execute(insert).first() is None:
            digest = connection.execute(select(feedback.c.digest).where(feedback.c.key == record.key)).scalar_one()
            return "same" if digest == record.digest else "conflict"
        if record.judged:
            seen = update(decisions).where(decisions.c.id == record.decision_id, decisions.c.reviewed.is_(None))
            connection.execute(seen.values(reviewed=record.received))
        return "new"

    def _set_aside(self, connection: Connection, record: Record, reason: str) -> None:
        key = record.key if isinstance(record, FeedbackRecord) else ""
        text = record.model_dump_json(ensure_ascii=True)
        again = exists().where(conflicts.c.key == key, conflicts.c.record == text)
        if not connection.execute(select(again)).scalar_one():
            row = {"key": key, "received": record.received, "subject": record.subject}
            connection.execute(conflicts.insert().values(row | {"reason": reason, "record": text}))


def _close(_: object, entry: ConnectionPoolEntry) -> None:
    entry.invalidate()


def _beyond(order: Sequence[Any], seen: Sequence[Any]) -> Any:  # noqa: ANN401 - an expression of SQLAlchemy
    """Return the condition that a row comes after ``seen`` in ``order``, column by column."""
    return or_(
        *(and_(*(order[i] == seen[i] for i in range(place)), order[place] > seen[place]) for place in range(len(order)))
    )


def _by_decision(connection: Connection, query: Select[Any]) -> dict[str, list[RowMapping]]:
    said: dict[str, list[RowMapping]] = {}
    for row in connection.execute(query.order_by(feedback.c.received, feedback.c.id)).mappings():
        said.setdefault(row["decision_id"], []).append(row)
    return said


def _item(row: RowMapping) -> ReviewItem:
    return ReviewItem(
        id=row["id"],
        received=row["received"],
        text=row["text"],
        decision=dict(row["decision"]),
        reviewed=row["reviewed"],
    )
