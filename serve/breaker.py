"""A circuit breaker: whatever failed several times in a row rests, and is then tried once."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Literal

__all__ = ["Breaker"]


class Breaker:
    """Says whether something may be tried. Not for use from several threads.

    Args:
        failures: failures in a row after which it opens, 1 and above.
        rest: seconds that it stays open before one trial.
        clock: a monotonic clock in seconds; a wall clock steps.
    """

    def __init__(self, *, failures: int, rest: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._failures, self._rest, self._clock = failures, rest, clock
        self._count = 0
        self._until = 0.0
        self._trial = False

    @property
    def state(self) -> Literal["closed", "open", "half_open"]:
        """``closed`` all is well, ``open`` resting, ``half_open`` a trial is due or under way."""
        if self._count < self._failures:
            return "closed"
        return "open" if self._clock() < self._until else "half_open"

    def allows(self) -> bool:
        """Return whether to try now; a yes while half open is the one trial, whose outcome must be told."""
        state = self.state
        if state == "closed":
            return True
        if state == "open" or self._trial:
            return False
        self._trial = True
        return True

    def succeeded(self) -> None:
        """Tell that it went well."""
        self._count, self._trial = 0, False

    def failed(self) -> None:
        """Tell that it failed."""
        self._count, self._trial = self._count + 1, False
        if self._count >= self._failures:
            self._until = self._clock() + self._rest

    def trip(self) -> None:
        """Open at once, whatever happened before."""
        self._count = max(self._count, self._failures - 1)
        self.failed()
