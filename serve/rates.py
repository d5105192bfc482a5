"""How much one key may ask for: a bucket of tokens for each, filled at a steady rate."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from triage.serve.errors import ApiError

__all__ = ["Rates"]


class Rates:
    """One bucket of tokens a key; a request takes one token, and every further complaint in it one more.

    A bucket that holds a token lets a request through whatever it costs, and owes the rest: a batch may be larger than
    the bucket, and what comes after it waits the longer. Each worker process has its own
    buckets. Not for use from several threads.

    Args:
        rate: tokens a second, above 0; None sets no limit.
        burst: tokens that a full bucket holds, 1 and above.
        clock: a monotonic clock in seconds; a wall clock steps.
    """

    def __init__(self, rate: float | None, burst: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        # Kept as the moment at which a bucket is full again: it says the level at any time, and needs no filling.
        self._full: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Take one token for ``key``.

        Raises:
            ApiError: 429 when there is none; it says after how many seconds there is.
        """
        if self._rate is None:
            return
        now = self._clock()
        missing = (self._full.get(key, now) - now) * self._rate
        if missing > self._burst - 1:
            raise ApiError(
                429,
                f"this key asks for too much; legal: {self._rate:g} complaints a second, {self._burst} at once",
                retry_after=max(1, math.ceil((missing - self._burst + 1) / self._rate)),
            )
        self._owe(key, 1, now)

    def owe(self, key: str, tokens: int) -> None:
        """Take ``tokens`` more for a request that has been let through, whether they are there or not."""
        if self._rate is not None and tokens > 0:
            self._owe(key, tokens, self._clock())

    def _owe(self, key: str, tokens: int, now: float) -> None:
        assert self._rate is not None
        self._full[key] = max(now, self._full.get(key, now)) + tokens / self._rate
