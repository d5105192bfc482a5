"""The only owner of the file names in a model folder, and of the manifest that guards them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from triage.errors import ModelError

__all__ = ["EMBEDDED", "GRAPH", "MANIFEST", "SPEC", "TOKENIZER", "read_manifest", "verify", "write_manifest"]

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
SPEC = "model.json"
CARD = "README.md"
MANIFEST = "manifest.json"
NEEDED = (GRAPH, TOKENIZER, SPEC)

FORMAT = 1
EMBEDDED = Path(__file__).parent / "embedded"
"""The model that travels with the package."""


def write_manifest(folder: Path) -> None:
    """Write the manifest: every file of the folder with its size and SHA-256."""
    files = {path.name: _described(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    text = json.dumps({"format": FORMAT, "files": files}, indent=2, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")


def read_manifest(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what the manifest says of each file.

    Raises:
        ModelError: there is no folder, no manifest, or one that cannot be read.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such folder; legal: a folder that `triage train` wrote")
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        said, files = manifest["format"], manifest["files"]
        complete = all(isinstance(entry["sha256"], str) and isinstance(entry["bytes"], int) for entry in files.values())
    except FileNotFoundError:
        raise ModelError(f"{folder}: no {MANIFEST}; legal: a folder that `triage train` wrote") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder / MANIFEST} cannot be read: {error!r}; legal: as it was written") from None
    if said != FORMAT:
        raise ModelError(f"{folder / MANIFEST}: format is {said!r}; legal: {FORMAT}")
    missing = [name for name in NEEDED if name not in files]
    if missing or not complete:
        raise ModelError(f"{folder / MANIFEST}: no entry for {', '.join(missing)}; legal: {', '.join(NEEDED)}")
    return dict(files)


def verify(folder: Path) -> dict[str, bytes]:
    """Return the files that a model runs on, each read once and checked against the manifest.

    What is checked is what is used: a file that changes on the disk afterwards changes nothing.

    Raises:
        ModelError: a file is missing, cut or altered.
    """
    found: dict[str, bytes] = {}
    for name, entry in read_manifest(folder).items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ModelError(f"{path}: the manifest names it and it is not there; legal: the folder as it was written")
        data = path.read_bytes()
        if len(data) != entry["bytes"]:
            raise ModelError(f"{path} has {len(data)} bytes; legal: {entry['bytes']}, as the manifest says")
        digest = hashlib.sha256(data).hexdigest()
        if digest != entry["sha256"]:
            due = entry["sha256"]
            raise ModelError(f"{path} has the SHA-256 {digest[:12]}…; legal: {due[:12]}…, as the manifest says")
        if name in NEEDED:
            found[name] = data
    return found


def _described(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    return {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
