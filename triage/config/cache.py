"""The default configuration, checked once and kept as JSON, so that the next process need not read YAML again.

An entry's name is a digest over the bytes of every file and over the code that checks them: what is edited has another
name, and what is stale is never looked at. An entry is read only when nobody but this user can write it and its own
digest holds; whatever else goes wrong, the files themselves are read as if there were no cache. ``TRIAGE_CACHE`` names
another folder; empty, it turns the cache off.
"""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path

import pydantic
import re2
from pydantic import BaseModel, ValidationError

from triage.rules import literals
from triage.rules.schema import FacetRules
from triage.schema import CHECKED

__all__ = ["Cache"]

Schemas = Mapping[str, type[BaseModel]]

_KEPT = 4
"""Entries that stay: one is in use, the others are of other versions or of another checkout."""
_CODE = ("schema.py", "config", "redact", "route", "rules", "text")


class Cache:
    """One entry: the checked files of one folder.

    Args:
        schemas: the schema of each file, in the order of the entry.
        digests: SHA-256 of the bytes of each file.
    """

    def __init__(self, schemas: Schemas, digests: Mapping[str, bytes]) -> None:
        self._schemas = schemas
        folder, code = _folder(), _code()
        key = hashlib.sha256(code + b"".join(name.encode() + digests[name] for name in schemas)).hexdigest()
        self._path = folder / f"{key[:32]}.json" if folder and code else None

    def read(self) -> dict[str, BaseModel] | None:
        """Return the model of each file; None when there is no entry that can be trusted."""
        body = self._body()
        if body is None:
            return None
        try:
            *files, sets = body.split(b"\n")
            models = {
                name: schema.model_validate_json(file, context=CHECKED)
                for (name, schema), file in zip(self._schemas.items(), files, strict=True)
            }
            literals.remember(json.loads(sets))
        except (ValidationError, ValueError):
            return None
        return models

    def write(self, models: Mapping[str, BaseModel]) -> None:
        """Keep the models for the next process, if the folder can be written."""
        if self._path is None or self._body() is not None:
            return
        files = [models[name].model_dump_json(by_alias=True, exclude_unset=True) for name in self._schemas]
        read = [
            schema.model_validate_json(file, context=CHECKED)
            for schema, file in zip(self._schemas.values(), files, strict=True)
        ]
        # What JSON cannot carry must not come back as something else.
        if read != [models[name] for name in self._schemas]:
            return
        body = "\n".join((*files, json.dumps(_needed(models.values()), ensure_ascii=False))).encode()
        with suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(self._path, hashlib.sha256(body).hexdigest().encode() + b"\n" + body)
            _prune(self._path.parent)

    def _body(self) -> bytes | None:
        data = _trusted(self._path) if self._path else None
        digest, _, body = (data or b"").partition(b"\n")
        return body if body and digest == hashlib.sha256(body).hexdigest().encode() else None


def _needed(models: Iterable[BaseModel]) -> dict[str, list[list[str]]]:
    rules = [rule for model in models if isinstance(model, FacetRules) for rule in model.rules]
    patterns = {pattern for rule in rules for pattern in rule.patterns}
    contexts = [context for rule in rules for context in (*rule.with_, *rule.without)]
    patterns |= {pattern for context in contexts for pattern in context.patterns}
    return {pattern: [sorted(strings) for strings in literals.needed(pattern)] for pattern in sorted(patterns)}


def _folder() -> Path | None:
    told = os.environ.get("TRIAGE_CACHE")
    if told is not None:
        return Path(told) if told else None
    home = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    with suppress(RuntimeError):
        return Path(home).expanduser() / "triage"
    return None


@cache
def _code() -> bytes:
    """Return a digest of all that decides what a legal file is; empty when the code cannot be read."""
    root = Path(__file__).parent.parent
    digest = hashlib.sha256(pydantic.VERSION.encode())
    try:
        engine = Path(re2.__file__).stat()
        digest.update(f"{engine.st_size} {engine.st_mtime_ns}".encode())
        for part in _CODE:
            for path in [root / part] if part.endswith(".py") else sorted((root / part).glob("*.py")):
                digest.update(path.name.encode() + path.read_bytes())
    except OSError:
        return b""
    return digest.digest()


def _trusted(path: Path) -> bytes | None:
    """Return the bytes of an entry that nobody but this user can have written; None for any other, and for none."""
    try:
        with path.open("rb") as file:
            for status in (path.parent.stat(), os.fstat(file.fileno())):
                own = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
                if not own or (os.name == "posix" and status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)):
                    return None
            return file.read()
    except OSError:
        return None


def _replace(path: Path, data: bytes) -> None:
    """Write ``path`` in one step: another process sees all of it or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _prune(folder: Path) -> None:
    entries = sorted(folder.glob("*.json"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in entries[_KEPT:]:
        path.unlink(missing_ok=True)
