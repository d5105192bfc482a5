"""Which code made a model: the version of the package, and a digest over what it runs."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["code_version"]


@cache
def code_version() -> str:
    """Return the version of this package and, after ``+``, eight hexadecimal digits over its source files.

    As the versions of a configuration: an edited file shows even when nobody changed the version.
    """
    whole = hashlib.sha256()
    root = Path(__file__).parents[1]
    # The packages beside the library are links, which a plain rglob does not follow.
    for folder in (root, root / "serve", root / "training"):
        for path in sorted(folder.resolve().rglob("*.py")):
            whole.update(f"{path.relative_to(folder.resolve()).as_posix()}\0".encode() + path.read_bytes())
    try:
        name = version("triage")
    except PackageNotFoundError:
        name = "0"
    return f"{name}+{whole.hexdigest()[:8]}"
