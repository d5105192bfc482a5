"""Takes feedback and decisions: into the database, or onto the disk while there is none; what it took is not lost."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import random
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from sqlalchemy.exc import SQLAlchemyError

from triage.config import Config
from triage.errors import TriageError
from triage.serve.feedback.people import Pseudonyms, key_of
from triage.serve.feedback.prepare import Preparer
from triage.serve.feedback.records import FeedbackRecord, Record, from_bytes, to_bytes
from triage.serve.feedback.schema import FeedbackIn, Forgotten, Receipt, ReviewItem, ReviewPage
from triage.serve.feedback.settings import FeedbackSettings
from triage.serve.feedback.store import Store
from triage.serve.spool import Spool, SpoolError
from triage.types import Decision

__all__ = ["ConflictError", "Desk", "State", "UnavailableError"]

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

_QUEUE = 10_000
"""Decisions that wait in memory to be kept."""
_REST = 5.0
"""Seconds for which a database that failed is left alone."""
_PATIENT = 60.0
"""Seconds that work which nobody waits for may take."""
_DAY = 86_400.0


class ConflictError(TriageError):
    """The idempotency key came before, with another body."""


class UnavailableError(TriageError):
    """It cannot be kept, or asked, now: the database is not there, or neither is room on the disk."""


@dataclass(frozen=True, slots=True)
class State:
    """How the desk is, for readiness and metrics.

    Attributes:
        database: whether the last call to the database went through.
        spooled_bytes: what waits on disk; ``oldest`` is the Unix time of its oldest segment.
        damaged: segments that were put aside.
        queued: decisions that wait in memory.
        dropped: decisions that were not kept since the queue was full, from the start on.
    """

    database: bool
    spooled_bytes: int
    oldest: float | None
    damaged: int
    queued: int
    dropped: int


class Desk:
    """Keeps feedback and decisions, and answers for the review queue.

    Args:
        settings: where and how long.
        config: returns the configuration in force.
        interval: seconds between two looks at what waits.
    """

    def __init__(self, settings: FeedbackSettings, config: Callable[[], Config], *, interval: float = 1.0) -> None:
        self.settings = settings
        self.spool = Spool(settings.folder / "spool", limit_bytes=settings.spool_bytes)
        self.store = Store(settings.url, patience=settings.patience)
        key = settings.key.get_secret_value().encode() if settings.key else key_of(settings.folder / "key")
        self._people = Pseudonyms(key)
        self._config, self._interval = config, interval
        self._preparer: Preparer | None = None
        self._queue: deque[tuple[Decision, datetime, str | None]] = deque()
        self._spooled: OrderedDict[str, str] = OrderedDict()
        """Digests of the feedback on disk by its keys, so that a conflict is told while the database is away."""
        self._dropped = 0
        self._migrated, self._up, self._down_until = False, False, 0.0
        self._wake, self._stopping = asyncio.Event(), False
        self._task: asyncio.Task[None] | None = None
        # Threads that wait for a database may wait for ever, and are left behind; those of the disk are not.
        self._database = anyio.CapacityLimiter(4)
        self._disk = ThreadPoolExecutor(1, "feedback-disk")

    async def start(self) -> None:
        """Bring the tables up to date, if the database is there, and begin to deliver."""
        await self._on(self._disk, self._reopen)
        with contextlib.suppress(UnavailableError):
            await self._ask(lambda: None)
        self._task = asyncio.create_task(self._run(), name="feedback")

    async def stop(self) -> None:
        """Keep what waits in memory, and end."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            _, running = await asyncio.wait({self._task}, timeout=4 * self.settings.patience)
            for task in running:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        with contextlib.suppress(TriageError):
            await self._keep_decisions()
        self._disk.shutdown(wait=True)
        self.spool.seal()
        self.store.close()

    def state(self) -> State:
        """Return how the desk is."""
        waiting = self.spool.pending()
        return State(self._up, waiting.size, waiting.since, waiting.damaged, len(self._queue), self._dropped)

    def record(self, decision: Decision, *, subject: str | None = None) -> None:
        """Keep a decision soon, if the settings say so. Never blocks and never fails: predictions go on.

        Args:
            decision: what was decided.
            subject: a reference of the person who complained; only its keyed hash is kept.
        """
        keep = self.settings.keep
        if keep == "none" or (keep == "review" and decision.decision != "review"):
            return
        if len(self._queue) >= _QUEUE:
            self._dropped += 1
            return
        self._queue.append((decision, datetime.now(UTC), subject))
        self._wake.set()

    async def give(self, given: FeedbackIn, *, key: str | None, caller: str = "") -> Receipt:
        """Take feedback; when this returns, it is in the database or on disk.

        Raises:
            InputError: a label is none of the taxonomy in force, or ``who`` is personal data.
            ConflictError: the key came before, with another body.
            UnavailableError: there is neither database nor room on the disk.
        """
        now = datetime.now(UTC)
        # In a thread: after a reload the redactor is made anew, which takes a while.
        record = await self._on(
            self._disk, lambda: self._prepared().feedback(given, key=key, caller=caller, received=now)
        )
        receipt = Receipt(id=record.id, decision_id=given.decision_id)
        if self._spooled.get(record.key, record.digest) != record.digest:
            raise ConflictError(_SAME_KEY)
        try:
            put = await self._ask(functools.partial(self.store.put, record))
        except UnavailableError:
            await self._on(self._disk, self._append, record)
            return receipt
        if put == "conflict":
            raise ConflictError(_SAME_KEY)
        return receipt

    async def reviews(
        self, *, limit: int, after: str | None = None, department: str | None = None, urgency: str | None = None
    ) -> ReviewPage:
        """Return decisions that wait for a person; see :meth:`Store.reviews`.

        Raises:
            UnavailableError: the database is not there.
        """
        await self._keep_decisions()
        ask = functools.partial(self.store.reviews, limit=limit, after=after, department=department, urgency=urgency)
        return await self._ask(ask)

    async def review(self, decision_id: str) -> ReviewItem | None:
        """Return one decision that was kept.

        Raises:
            UnavailableError: the database is not there.
        """
        await self._keep_decisions()
        reference = await self._on(self._disk, lambda: self._prepared().reference(decision_id))
        return await self._ask(functools.partial(self.store.review, reference))

    async def forget(self, subject: str) -> Forgotten:
        """Delete all that is kept of one person, also what still waits on disk.

        Raises:
            UnavailableError: the database is not there; nothing was deleted.
        """
        await self._keep_decisions()
        forget = functools.partial(self.store.forget, self._people.subject(subject), now=datetime.now(UTC))
        gone = await self._ask(forget)
        await self.deliver()
        return gone

    async def deliver(self) -> int:
        """Bring what waits on disk into the database, and return how many records that were.

        Raises:
            UnavailableError: the database is not there; all of it waits on.
        """
        delivered = 0
        while self.spool.pending().segments:
            # Asked on its own, so that a connection that hangs holds no segment.
            await self._ask(self.store.ping)
            one = await self._ask(functools.partial(self.spool.drain, self._handle, most=1), patient=True)
            if not one:
                break
            delivered += one
        else:
            self._spooled.clear()
        return delivered

    async def purge(self) -> int:
        """Delete what is older than the settings allow.

        Raises:
            UnavailableError: the database is not there.
        """
        before = datetime.now(UTC) - timedelta(days=self.settings.retention_days)
        return await self._ask(functools.partial(self.store.purge, before=before), patient=True)

    async def _run(self) -> None:
        pause, purge_at = self._interval, 0.0
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
            try:
                await self._keep_decisions()
                await self.deliver()
                if time.monotonic() >= purge_at:
                    await self.purge()
                    purge_at = time.monotonic() + _DAY
                pause = self._interval
            except TriageError:
                # Apart from each other, so that replicas do not all come back to the database at once.
                pause = min(30.0, pause * 2) * random.uniform(0.5, 1.0)
            except Exception:
                log.exception("feedback cannot be delivered")
                pause = 30.0

    async def _keep_decisions(self) -> None:
        """Bring decisions out of memory into the database, or onto the disk.

        Raises:
            UnavailableError: neither takes them; they stay in memory.
        """
        while self._queue:
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), 200))]
            try:
                records = await self._on(self._disk, self._prepare, batch)
                try:
                    await self._ask(functools.partial(self.store.deliver, records))
                except UnavailableError:
                    for record in records:
                        await self._on(self._disk, self._append, record)
            except BaseException:
                self._queue.extendleft(reversed(batch))
                raise

    def _prepare(self, batch: Sequence[tuple[Decision, datetime, str | None]]) -> list[Record]:
        preparer = self._prepared()
        return [preparer.decision(one, received=received, subject=subject) for one, received, subject in batch]

    def _prepared(self) -> Preparer:
        config = self._config()
        if self._preparer is None or self._preparer.config is not config:
            self._preparer = Preparer.of(config, self._people)
        return self._preparer

    def _append(self, record: Record) -> None:
        try:
            self.spool.append(to_bytes(record))
        except SpoolError as error:
            log.error("feedback is refused: %s", error)
            raise UnavailableError("feedback cannot be kept now; send it again later") from error
        if isinstance(record, FeedbackRecord):
            self._spooled[record.key] = record.digest
            if len(self._spooled) > _QUEUE:
                self._spooled.popitem(last=False)

    def _reopen(self) -> None:
        """Learn the keys of what an earlier process left on disk."""
        for line in self.spool.read():
            record = from_bytes(line)
            if isinstance(record, FeedbackRecord) and len(self._spooled) < _QUEUE:
                self._spooled[record.key] = record.digest

    def _handle(self, payloads: Sequence[bytes]) -> Sequence[bytes]:
        self.store.deliver([from_bytes(payload) for payload in payloads])
        return ()

    async def _ask(self, call: Callable[[], R], *, patient: bool = False) -> R:
        """Call the database in a thread.

        Args:
            call: what to ask; may run on after this gave up, so it must bear to be done twice.
            patient: wait long; a request must not.

        Raises:
            UnavailableError: the database is not there, or was not a moment ago.
        """
        if time.monotonic() < self._down_until:
            raise UnavailableError(_AWAY)
        try:
            with anyio.fail_after(_PATIENT if patient else 2 * self.settings.patience):
                answer = await anyio.to_thread.run_sync(
                    self._migrated_first, call, abandon_on_cancel=True, limiter=self._database
                )
        except (SQLAlchemyError, TimeoutError) as error:
            if self._up or not self._migrated:
                log.error("the database of the feedback does not answer: %s", type(error).__name__)
            self._up = False
            if isinstance(error, TimeoutError):
                self.store.reconnect()
            self._down_until = time.monotonic() + min(_REST, 2 * self._interval)
            raise UnavailableError(_AWAY) from error
        self._up = True
        return answer

    def _migrated_first(self, call: Callable[[], R]) -> R:
        # The database may have been away, or not yet there, when the service started.
        if not self._migrated:
            self.store.migrate()
            self._migrated = True
        return call()

    async def _on(self, pool: ThreadPoolExecutor, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        return await asyncio.get_running_loop().run_in_executor(pool, functools.partial(call, *args, **kwargs))


_SAME_KEY = "the idempotency key came before, with another body; legal: a new key for each piece of feedback"
_AWAY = "the database of the feedback is not there; ask again later"
