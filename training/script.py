"""How a script of this package ends: an exit code, and one line on standard error for what a user can mend."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NoReturn

from triage.errors import TriageError

__all__ = ["run"]


def run(main: Callable[[], int]) -> NoReturn:
    """Call ``main`` and exit with its code; 1 with one line when it raises a :class:`TriageError`."""
    try:
        code = main()
    except TriageError as error:
        print(error, file=sys.stderr)
        code = 1
    sys.exit(code)
