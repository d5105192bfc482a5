"""One version in a registry: a model folder, and the signed statement of how it came to be."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from triage.errors import ModelError
from triage.registry.folder import Described, describe
from triage.registry.keys import Keys

__all__ = ["Entry", "read_entry"]

_SIGNED = ("key", "signature")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A version.

    Attributes:
        name: ``v1``, ``v2`` …; the name of the folder.
        folder: of the model.
        state: ``signed``; ``unsigned``, when nobody signed it or nobody that is trusted; or ``altered``.
        fault: what is wrong with it, empty when it is signed.
        statement: what was signed: digest, data, code, parent; empty for an unsigned folder.
        described: what the folder is now; None when its files are not what its manifest says.
    """

    name: str
    folder: Path
    state: str
    fault: str = ""
    statement: Mapping[str, Any] = field(default_factory=dict)
    described: Described | None = None

    @property
    def version(self) -> str:
        """The version that decisions name; empty when the folder cannot be read."""
        return self.described.spec.version if self.described else str(self.statement.get("version", ""))

    def sound(self) -> Described:
        """Return what the folder is, as long as its files are what the manifest and the statement say.

        Raises:
            ModelError: they are not.
        """
        if self.described is None or self.state == "altered":
            raise ModelError(f"{self.name} is altered: {self.fault}; legal: a folder as it was added")
        return self.described


def read_entry(name: str, *, folder: Path, statement: Path, keys: Keys) -> Entry:
    """Check a version's files against its manifest, and its manifest against the signed statement.

    Args:
        name: of the version.
        folder: of the model.
        statement: the signed file.
        keys: whom to trust.
    """
    described: Described | None = None
    try:
        described = describe(folder)
    except ModelError as error:
        return Entry(name=name, folder=folder, state="altered", fault=str(error), statement=_read(statement) or {})
    signed = _read(statement)
    if signed is None:
        said = "nobody signed it" if not statement.exists() else f"{statement} cannot be read"
        state = "altered" if statement.exists() else "unsigned"
        return Entry(name=name, folder=folder, state=state, fault=said, described=described)
    content = {key: value for key, value in signed.items() if key not in _SIGNED}
    fault, state = keys.fault(content, signed), "signed"
    if fault is not None:
        state = "altered" if signed.get("key") in keys.trusted() else "unsigned"
    elif (content.get("name"), content.get("digest")) != (name, described.digest):
        state = "altered"
        fault = f"the statement is of {content.get('name')} {str(content.get('digest'))[:12]}…"
        fault += f", the folder is {name} {described.digest[:12]}…"
    return Entry(name=name, folder=folder, state=state, fault=fault or "", statement=content, described=described)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None
