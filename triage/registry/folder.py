"""What a model folder is, in one digest and a few words."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from triage.model.files import SPEC, read_manifest, verify
from triage.model.spec import ModelSpec
from triage.registry.canonical import digest_of

__all__ = ["Described", "describe"]


@dataclass(frozen=True, slots=True)
class Described:
    """A model folder whose files are what its manifest says.

    Attributes:
        digest: SHA-256 over the manifest, which holds the SHA-256 of every file: the identity of a model.
        size: of all its files together, in bytes.
        spec: what it says of itself.
    """

    digest: str
    size: int
    spec: ModelSpec


def describe(folder: Path) -> Described:
    """Check every file of ``folder`` against the manifest, and return what it is.

    Raises:
        ModelError: a file is missing, cut or altered, or there is no model at all.
    """
    manifest = read_manifest(folder)
    files = verify(folder)
    size = sum(entry["bytes"] for entry in manifest.values())
    return Described(digest_of(manifest), size, ModelSpec.from_json(files[SPEC]))
