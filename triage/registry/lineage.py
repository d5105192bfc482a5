"""The log of a registry: who added, promoted, rolled back or removed which model, and on what grounds.

Append-only: each line holds the SHA-256 of the line before it (Haber and Stornetta 1991, How to time-stamp a digital
document), so that no line can be changed or taken out without every later one showing it; and each is signed.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.errors import InputError
from triage.registry.canonical import canonical
from triage.registry.keys import Keys

__all__ = ["Lineage"]

FIRST = "0" * 64
_SIGNED = ("key", "signature")

Record = Mapping[str, Any]


class Lineage:
    """The log, one JSON object a line.

    Args:
        path: the file; made by the first record.
        keys: sign the records, and say whom to trust.
    """

    def __init__(self, path: Path, keys: Keys) -> None:
        self._path, self._keys = path, keys

    def records(self) -> tuple[Record, ...]:
        """Return every record, the oldest first.

        Raises:
            InputError: a line is no record; one that was cut while it was being written is left out.
        """
        found = []
        for number, line in enumerate(self._lines(), 1):
            try:
                record = json.loads(line)
                _ = record["action"], record["previous"]
            except (ValueError, KeyError, TypeError):
                raise InputError(f"{self._path}:{number}: no record of the lineage; legal: as it was written") from None
            found.append(record)
        return tuple(found)

    def append(self, action: str, *, now: datetime, **facts: Any) -> int:  # noqa: ANN401 - whatever JSON holds
        """Write a record and return how long the log was before, for :meth:`take_back`; call it under the lock.

        Raises:
            OSError: it cannot be written; the log is as it was.
        """
        lines = self._lines()
        record = {
            "number": len(lines) + 1,
            "at": now.isoformat(timespec="seconds"),
            "by": _who(),
            "action": action,
            **facts,
            "previous": hashlib.sha256(lines[-1]).hexdigest() if lines else FIRST,
        }
        data = canonical(record | self._keys.sign(record)) + b"\n"
        # What follows the last whole line was cut while it was being written: it never happened.
        before = sum(len(line) + 1 for line in lines)
        try:
            with self._path.open("r+b" if self._path.exists() else "w+b") as out:
                out.truncate(before)
                out.seek(before)
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        except OSError:
            self.take_back(before)
            raise
        return before

    def take_back(self, length: int) -> None:
        """Cut the log to ``length`` bytes: what the last record says could not be done."""
        if self._path.exists():
            os.truncate(self._path, length)

    def faults(self) -> list[str]:
        """Return what is wrong with the log: a chain that is broken, a signature that does not hold."""
        found = []
        before = FIRST
        for number, (line, record) in enumerate(zip(self._lines(), self.records(), strict=True), 1):
            if record["previous"] != before or record.get("number") != number:
                found.append(f"{self._path.name}:{number}: a line before this one was changed, added or taken out")
            content = {name: value for name, value in record.items() if name not in _SIGNED}
            fault = self._keys.fault(content, record)
            if fault is not None:
                found.append(f"{self._path.name}:{number}: {fault}")
            before = hashlib.sha256(line).hexdigest()
        return found

    def _lines(self) -> list[bytes]:
        """Return the whole lines."""
        data = self._path.read_bytes() if self._path.exists() else b""
        return data.split(b"\n")[:-1]


def _who() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())
