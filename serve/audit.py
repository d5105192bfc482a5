"""The audit log: who did what to the service, and how it ended. Appended and synced, one JSON object a line.

Each line carries the digest of the line before it, so that a line that was altered or taken out shows.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Audit", "first_break"]

_TAIL = 65_536
"""Bytes from the end among which the last line is looked for; a line is far shorter."""


class Audit:
    """An audit log in a file, shared by all worker processes.

    Args:
        path: made when it is not there, readable for its owner alone.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, act: str, *, caller: str, request_id: str, outcome: str, **details: Any) -> None:  # noqa: ANN401
        """Append one act; it is on the disk when this returns.

        Args:
            act: what was done, one word.
            caller: the id of the key.
            request_id: under which the log knows the request.
            outcome: ``done`` or an error's code.
            details: versions and the like; nothing from a complaint.
        """
        line: Mapping[str, Any] = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "act": act,
            "caller": caller,
            "request_id": request_id,
            "outcome": outcome,
            **details,
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            end = file.seek(0, os.SEEK_END)
            file.seek(max(0, end - _TAIL))
            lines = file.read().splitlines()
            whole = {**line, "chain": _digest(lines[-1]) if lines else ""}
            file.write(json.dumps(whole, ensure_ascii=False).encode() + b"\n")
            os.fsync(file.fileno())


def first_break(path: Path) -> int | None:
    """Return the number, from 1, of the first line that does not follow from the one before it; None when all do."""
    before = ""
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        try:
            if json.loads(line)["chain"] != before:
                return number
        except (ValueError, KeyError, TypeError):
            return number
        before = _digest(line)
    return None


def _digest(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
