"""One change at a time, and what a full disk is called."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

from triage.errors import OutputError, UsageError

__all__ = ["changing", "copy", "writing"]

PATIENCE = 10.0
"""Seconds to wait for another who changes the registry."""


@contextlib.contextmanager
def changing(folder: Path) -> Iterator[None]:
    """Hold the one right to change a registry; its folders are made when they are not there.

    Raises:
        UsageError: another process has held it for too long.
        OutputError: the folder cannot be written.
    """
    with writing(folder, "lock"):
        for name in ("models", "statements"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("a")
    until = time.monotonic() + PATIENCE
    with file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    said = f"{folder}: somebody else has been changing it for {PATIENCE:g} s"
                    raise UsageError(f"{said}; legal: one at a time") from None
                time.sleep(0.02)
        yield


@contextlib.contextmanager
def writing(folder: Path, what: str) -> Iterator[None]:
    """Say of a write that fails what it was, and that nothing changed."""
    try:
        yield
    except OSError as error:
        said = f"{folder}: cannot write {what} ({error.strerror}); the model in force stays as it is"
        raise OutputError(f"{said}; legal: a folder that can be written, with space left") from error


def copy(source: Path, target: Path) -> None:
    """Copy a file, and wait until the disk has it."""
    shutil.copyfile(source, target)
    with target.open("rb") as file:
        os.fsync(file.fileno())
