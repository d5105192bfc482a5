"""One way to write a value as JSON, so that the same value always has the same digest and the same signature."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["canonical", "digest_of", "digest_of_files", "write_whole"]


def canonical(value: Any) -> bytes:  # noqa: ANN401 - whatever JSON holds
    """Return a JSON value as bytes: keys in order, no spaces, UTF-8.

    In the spirit of RFC 8785; numbers are written as Python writes them, which is all that ever reads them here.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()


def digest_of(value: Any) -> str:  # noqa: ANN401
    """Return the SHA-256 of a JSON value, 64 hexadecimal digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


def digest_of_files(paths: Iterable[Path]) -> str:
    """Return one SHA-256 over the content of files, whatever they are called and in whichever order they are named.

    Raises:
        OSError: a file cannot be read.
    """
    parts = []
    for path in paths:
        with path.open("rb") as file:
            parts.append(hashlib.file_digest(file, "sha256").hexdigest())
    return digest_of(sorted(parts))


def write_whole(path: Path, data: bytes, *, mode: int = 0o644) -> None:
    """Write a file so that it is there whole, or as it was before: also when the disk is full, or the power fails.

    Raises:
        OSError: it cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as out:  # noqa: PTH123 - a mode
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
