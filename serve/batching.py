"""Dynamic batching: complaints that wait together are judged together.

Nothing waits on purpose: as soon as a lane is free it takes what is there, so that one call alone pays nothing and many
calls fill a batch by themselves. Calls take turns complaint by complaint: a call with a thousand does not hold up
a call with one. What cannot be done in time is refused on arrival, not after a wait. Times are of a monotonic clock.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from triage.serve.errors import ApiError
from triage.serve.metrics import Metrics

__all__ = ["Batcher", "Bounds"]

Item = TypeVar("Item")
Result = TypeVar("Result")

_FIXED = 40
"""What a complaint costs beside its characters, in characters."""
_SMOOTH = 0.1
"""Weight of the newest batch in the running mean of the cost, three times so much when it was quicker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much may run and wait.

    Attributes:
        batch_items: complaints of one batch, 1 and above.
        batch_chars: characters of one batch; one longer complaint is a batch by itself.
        batch_seconds: how long a batch aims to take; 0 and above.
        queue_items: complaints that may wait.
        queue_chars: characters that may wait.
        queue_seconds: a call whose first complaint would wait longer is refused.
    """

    batch_items: int = 32
    batch_chars: int = 40_000
    batch_seconds: float = 0.25
    queue_items: int = 2_000
    queue_chars: int = 4_000_000
    queue_seconds: float = 1.0


@dataclass(eq=False, slots=True)
class _Call(Generic[Item, Result]):
    """One caller's complaints: ``next`` is the first that no batch has taken, ``open`` counts those without answer."""

    items: Sequence[Item]
    sizes: Sequence[int]
    entered: float
    deadline: float
    answer: asyncio.Future[list[Result | Exception]]
    next: int = 0
    open: int = 0
    results: list[Result | Exception] = field(default_factory=list)


class Batcher(Generic[Item, Result]):
    """A bounded queue before a function that judges many complaints at once.

    Args:
        run: judges a batch off the event loop; returns a result or an error for each, in order.
        size: the characters of one complaint.
        bounds: how much may run and wait.
        metrics: where it is counted.
        lanes: batches at a time, 1 and above.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Awaitable[Sequence[Result | Exception]]],
        *,
        size: Callable[[Item], int],
        bounds: Bounds,
        metrics: Metrics,
        lanes: int = 1,
    ) -> None:
        self._run, self._size, self._bounds, self._metrics, self._lanes = run, size, bounds, metrics, lanes
        self._turns: deque[_Call[Item, Result]] = deque()
        self._arrived = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._items = self._chars = 0
        self._busy = 0
        self._cost = 0.0
        self._closed = False

    @property
    def waiting(self) -> tuple[int, int]:
        """Complaints and characters that wait."""
        return self._items, self._chars

    def start(self) -> None:
        """Begin to take batches; call it inside the running event loop."""
        self._tasks = [asyncio.create_task(self._lane()) for _ in range(self._lanes)]

    async def stop(self) -> None:
        """Refuse new calls, finish those that are there, and end."""
        self._closed = True
        self._arrived.set()
        await asyncio.gather(*self._tasks)

    async def submit(self, items: Sequence[Item], *, seconds: float) -> list[Result | Exception]:
        """Return a result or an error for each complaint, in order.

        A caller that is cancelled gives up its place; what it waited for is not judged.

        Args:
            items: the complaints of one call.
            seconds: how long the caller waits at most.

        Raises:
            ApiError: 503 at once, when the queue is full, or so long that the answer would come too late.
        """
        if not items:
            return []
        loop = asyncio.get_running_loop()
        sizes = [self._size(item) for item in items]
        self._admit(sizes, seconds)
        now = loop.time()
        call: _Call[Item, Result] = _Call(items, sizes, now, now + seconds, loop.create_future(), open=len(items))
        call.results = [_late()] * len(items)
        self._count(len(items), sum(sizes))
        self._turns.append(call)
        self._arrived.set()
        # Overload never gets here, for it was refused above; a judge that hangs does.
        watch = loop.call_at(call.deadline, self._expire, call)
        try:
            return await call.answer
        except asyncio.CancelledError:
            self._metrics.dropped(self._forget(call))
            raise
        finally:
            watch.cancel()

    def _admit(self, sizes: Sequence[int], seconds: float) -> None:
        bounds, units = self._bounds, sum(sizes) + _FIXED * len(sizes)
        first = sizes[0] + _FIXED
        # Calls take turns, so that before a complaint each other call is served about as much as this one.
        turn = self._busy + sum(min(call.sizes[call.next] + _FIXED, 4 * first) for call in self._turns)
        wait = self._cost * turn / self._lanes
        whole = self._chars + _FIXED * self._items
        ahead = self._busy + (min(whole, len(self._turns) * units) if len(sizes) > 1 else turn)
        if self._closed:
            why, wait = "closing", 1.0
        elif self._items + len(sizes) > bounds.queue_items or self._chars + sum(sizes) > bounds.queue_chars:
            why, wait = "full", max(wait, self._cost * whole / self._lanes)
        elif wait > bounds.queue_seconds:
            why = "slow"
        elif self._cost * (ahead + units) / self._lanes > seconds:
            why, wait = "late", self._cost * ahead / self._lanes
        else:
            return
        self._metrics.shed(why, len(sizes))
        # Half the wait: by then there is room again, and callers do not come back all at once.
        raise ApiError(
            503,
            "the service has more to do than it can do in time; come again after Retry-After seconds",
            code="overloaded",
            retry_after=min(60, max(1, math.ceil(wait / 2))),
        )

    async def _lane(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            while not self._turns:
                if self._closed:
                    return
                self._arrived.clear()
                await self._arrived.wait()
            batch = self._take(loop.time())
            if not batch:
                continue
            units = sum(call.sizes[at] + _FIXED for call, at in batch)
            self._busy += units
            began = loop.time()
            try:
                results = await self._run([call.items[at] for call, at in batch])
            except Exception as error:  # noqa: BLE001 - a failed batch must not end the lane
                results = [error] * len(batch)
            took = loop.time() - began
            self._busy -= units
            self._learn(took / units)
            self._metrics.batch(len(batch), took)
            for (call, at), result in zip(batch, results, strict=True):
                call.results[at] = result
                call.open -= 1
                if not call.open and not call.answer.done():
                    call.answer.set_result(call.results)

    def _learn(self, cost: float) -> None:
        """Take the newest cost of a unit into the running mean; one batch that hung must not shut the door for long."""
        if not self._cost:
            self._cost = cost
        elif cost > self._cost:
            self._cost += (min(cost, 4 * self._cost) - self._cost) * _SMOOTH
        else:
            self._cost += (cost - self._cost) * 3 * _SMOOTH

    def _take(self, now: float) -> list[tuple[_Call[Item, Result], int]]:
        """Return the next batch: one complaint of each call in turn, until a bound is reached."""
        bounds = self._bounds
        batch: list[tuple[_Call[Item, Result], int]] = []
        chars = units = 0
        while self._turns and len(batch) < bounds.batch_items:
            call = self._turns[0]
            if call.deadline <= now:
                self._expire(call)
                continue
            size = call.sizes[call.next]
            if batch and (
                chars + size > bounds.batch_chars or self._cost * (units + size + _FIXED) > bounds.batch_seconds
            ):
                break
            self._turns.popleft()
            if not call.next:
                self._metrics.waited(now - call.entered)
            batch.append((call, call.next))
            call.next += 1
            chars, units = chars + size, units + size + _FIXED
            if call.next < len(call.items):
                self._turns.append(call)
        self._count(-len(batch), -chars)
        return batch

    def _expire(self, call: _Call[Item, Result]) -> None:
        """Answer a call whose time is over with what there is; what is missing says so itself."""
        self._metrics.shed("deadline", self._forget(call))
        if not call.answer.done():
            call.answer.set_result(list(call.results))

    def _forget(self, call: _Call[Item, Result]) -> int:
        """Take a call's complaints out of the queue; return how many had not been taken by a batch."""
        left = len(call.items) - call.next
        if left:
            self._turns.remove(call)
            self._count(-left, -sum(call.sizes[call.next :]))
            call.next = len(call.items)
        return left

    def _count(self, items: int, chars: int) -> None:
        self._items += items
        self._chars += chars
        self._metrics.queue_items.set(self._items)
        self._metrics.queue_chars.set(self._chars)


def _late() -> ApiError:
    return ApiError(503, "the complaint could not be decided in time; send it again", code="deadline", retry_after=1)
