"""API keys: who may do what. Only hashes are kept; several keys may live side by side, so that they can be rotated.

A key is ``trg_<id>_<secret>``; the secret has 256 random bits, so one round of SHA-256 keeps it as well as a slow hash
would keep a password. The file is read again when it changes: a key that is added or taken away counts within a second.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Depends, Request, Security
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime, BaseModel, ConfigDict, StringConstraints, ValidationError

from triage.errors import ConfigError, UsageError
from triage.serve.errors import ApiError

_logger = logging.getLogger("triage.serve")

__all__ = [
    "SCOPES",
    "Caller",
    "Key",
    "Keys",
    "Scope",
    "allow",
    "any_key",
    "new_key",
    "read_keys",
    "require",
    "write_keys",
]

Scope = Literal["predict", "feedback", "admin"]
SCOPES: tuple[Scope, ...] = ("predict", "feedback", "admin")
_LOOK_EVERY = 1.0
"""Seconds between two looks at the file."""

Ident = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]{1,32}$")]


class Key(BaseModel):
    """One key as the file keeps it: the hash, never the key."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Ident
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
    scopes: tuple[Scope, ...]
    created: AwareDatetime
    expires: AwareDatetime | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    keys: tuple[Key, ...] = ()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls: the key's id, never the key; ``local`` where keys are off."""

    id: str
    scopes: frozenset[str]


def new_key(ident: str, scopes: Iterable[Scope], *, days: int | None = None) -> tuple[str, Key]:
    """Return a fresh key, to be shown once, and what the file keeps of it.

    Args:
        ident: the key's id, 1 to 32 of a-z and 0-9.
        scopes: what it may do.
        days: after how many days it ends, 1 and above; never by default.

    Raises:
        UsageError: the id, the scopes or the days are not legal.
    """
    secret = secrets.token_urlsafe(32)
    now = datetime.now(UTC)
    if days is not None and days < 1:
        raise UsageError(f"days is {days}; legal: 1 and above")
    whole = f"trg_{ident}_{secret}"
    expires = None if days is None else now + timedelta(days=days)
    try:
        key = Key(id=ident, sha256=_hash(whole), scopes=tuple(scopes), created=now, expires=expires)
    except ValidationError as error:
        first = error.errors()[0]
        raise UsageError(
            f"{first['loc'][0]} is {first['input']!r}; legal: an id of a-z and 0-9, scopes {', '.join(SCOPES)}"
        ) from None
    return whole, key


def read_keys(path: Path) -> tuple[Key, ...]:
    """Read a file of keys; an absent file holds none.

    Raises:
        ConfigError: the file cannot be read as keys.
    """
    try:
        return _File.model_validate_json(path.read_bytes()).keys
    except FileNotFoundError:
        return ()
    except (OSError, ValidationError):
        raise ConfigError(str(path), "", "legal: the file that `triage keys` writes") from None


def write_keys(path: Path, keys: Iterable[Key]) -> None:
    """Replace the file, readable for its owner alone, in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    body = json.dumps(_File(keys=tuple(keys)).model_dump(mode="json"), indent=2)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
        out.write(body + "\n")
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


class Keys:
    """The keys in force.

    Args:
        path: the file; None means that keys are off and everybody may do everything.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, path: Path | None, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._keys: dict[str, Key] = {}
        self._stamp: tuple[int, ...] | None = None
        self._looked = float("-inf")
        self._look()

    @property
    def off(self) -> bool:
        """Whether everybody may do everything."""
        return self._path is None

    @property
    def empty(self) -> bool:
        """Whether nobody could be let in."""
        return not self._keys and not self.off

    def caller(self, whole: str | None) -> Caller | None:
        """Return who holds the key ``whole``, or None where it opens nothing."""
        if self.off:
            return Caller("local", frozenset(SCOPES))
        self._look()
        parts = (whole or "").split("_", 2)
        known = self._keys.get(parts[1]) if len(parts) == 3 else None
        # An unknown id costs the same comparison as a known one.
        right = hmac.compare_digest(known.sha256 if known else "0" * 64, _hash(whole or ""))
        if known is None or not right or (known.expires is not None and known.expires <= datetime.now(UTC)):
            return None
        return Caller(known.id, frozenset(known.scopes))

    def _look(self) -> None:
        if self._path is None or self._clock() - self._looked < _LOOK_EVERY:
            return
        self._looked = self._clock()
        try:
            stat = self._path.stat()
            stamp: tuple[int, ...] | None = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        except OSError:
            stamp = None
        if stamp == self._stamp:
            return
        try:
            self._keys = {key.id: key for key in read_keys(self._path)}
        except ConfigError:
            if self._stamp is None:
                raise
            # A file that was spoilt under a running service takes no key away.
            _logger.error("keys_unreadable")
        self._stamp = stamp


def _hash(whole: str) -> str:
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


_bearer = HTTPBearer(auto_error=False, description="`Authorization: Bearer trg_…`; made by `triage keys add`.")
_header = APIKeyHeader(name="X-API-Key", auto_error=False, description="The same key, for clients without Bearer.")


async def any_key(
    request: Request,
    bearer: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    header: Annotated[str | None, Security(_header)],
) -> Caller:
    """Return who calls, whatever it may do; refuse a caller without a key."""
    # Async on purpose: fastapi runs plain functions in a thread, which costs more than the check.
    keys: Keys = request.app.state.keys
    caller = keys.caller(bearer.credentials if bearer else header)
    if caller is None:
        raise ApiError(
            401, "there is no valid API key; legal: Authorization: Bearer <key>", headers={"WWW-Authenticate": "Bearer"}
        )
    request.state.caller = caller.id
    request.app.state.rates.take(caller.id)
    return caller


async def allow(http: Request, scope: Scope) -> Caller:
    """Return who calls, for a handler that knows only then that it needs a key with ``scope``.

    Raises:
        ApiError: 401 without a valid key, 403 without the scope.
    """
    caller = await any_key(http, await _bearer(http), await _header(http))
    _check_scope(caller, scope)
    return caller


def require(scope: Scope) -> Any:  # noqa: ANN401 - what fastapi.Depends returns
    """Give the dependency that lets in who holds a key with ``scope``, for ``caller: Caller = …``."""

    async def check(caller: Annotated[Caller, Depends(any_key)]) -> Caller:
        _check_scope(caller, scope)
        return caller

    return Depends(check)


def _check_scope(caller: Caller, scope: Scope) -> None:
    if scope not in caller.scopes:
        raise ApiError(403, f"this key lacks the scope {scope}; a key gets its scopes from `triage keys add`")
