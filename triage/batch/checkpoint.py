"""How far a run has come, so that an interrupted one goes on where it stopped."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO, Self

from triage.errors import OutputError

__all__ = ["Part"]


class Part:
    """The unfinished output ``OUT.part``, and beside it ``OUT.part.state`` with how many of its rows are whole.

    A part belongs to one run at a time (an advisory lock), and to one ``task``: the input with its size and time of
    change, the options, the versions. A part of another task is begun anew.
    """

    def __init__(self, out: Path, *, header: bytes, task: Mapping[str, Any]) -> None:
        self.path = out.with_name(f"{out.name}.part")
        self._state = out.with_name(f"{out.name}.part.state")
        self._header = header
        self._task = dict(task)
        self.rows = 0
        self.errors = 0
        self._file: BinaryIO

    def __enter__(self) -> Self:
        """Open the part, and drop what was written after the last whole row.

        Raises:
            OutputError: the part cannot be written, or another run is writing it.
        """
        try:
            self._file = self.path.open("r+b" if self.path.exists() else "w+b")
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror}); legal: a writable folder") from error
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.close()
            raise OutputError(f"{self.path}: locked by another run; wait for it, or name another output") from error
        size = self._resume()
        self._file.truncate(size)
        self._file.seek(size)
        if size == 0:
            self._file.write(self._header)
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, lines: list[bytes], *, errors: int) -> None:
        """Append whole rows and remember them."""
        try:
            self._file.write(b"".join(lines))
            self._file.flush()
            self.rows += len(lines)
            self.errors += errors
            self._remember()
        except OSError as error:
            raise OutputError(f"{self.path}: cannot be written ({error.strerror}); what is whole is kept") from error

    def finished(self) -> Path:
        """Make the part safe on disk, forget the state, and return the part's path."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self._state.unlink(missing_ok=True)
        return self.path

    def _resume(self) -> int:
        try:
            state = json.loads(self._state.read_bytes())
            same = state["task"] == self._task and self.path.stat().st_size >= state["size"]
        except (OSError, ValueError, KeyError, TypeError):
            return 0
        if not same:
            return 0
        self.rows, self.errors = state["rows"], state["errors"]
        return int(state["size"])

    def _remember(self) -> None:
        state = {"task": self._task, "rows": self.rows, "errors": self.errors, "size": self._file.tell()}
        fresh = self._state.with_suffix(".state~")
        fresh.write_text(json.dumps(state), encoding="utf-8")
        fresh.replace(self._state)
