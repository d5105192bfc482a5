"""Checkpoints that a kill at any moment leaves whole: written beside, flushed, and put in place in one step."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import torch

from triage.errors import ModelError, OutputError

__all__ = ["load", "save", "write_whole"]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that its name always stands for the whole old or the whole new content.

    Raises:
        OutputError: the disk is full or the file cannot be written; what was there before is as it was.
    """
    beside = path.with_name(f".{path.name}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        told = f"{path}: {len(data):,} bytes cannot be written ({error.strerror}); legal: a disk with room"
        raise OutputError(f"{told}; the same command goes on from the last checkpoint") from None


def save(path: Path, state: dict[str, Any]) -> None:
    """Write a state.

    Raises:
        OutputError: as :func:`write_whole`.
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    write_whole(path, buffer.getvalue())


def load(path: Path) -> dict[str, Any] | None:
    """Return a state, or None where there is none.

    Raises:
        ModelError: the file is not a checkpoint.
    """
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # noqa: BLE001 - torch raises what it likes on a damaged file
        said = str(error).splitlines()[0]
        raise ModelError(f"{path}: not a checkpoint ({said[:80]}); legal: delete it and train anew") from None
    return state
