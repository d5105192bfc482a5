"""Keyed hashes that stand for people and for requests: equal input, equal hash, and no way back without the key."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import unicodedata
from pathlib import Path
from typing import Literal

from triage.errors import UsageError

__all__ = ["Pseudonyms", "key_of"]

_SHORTEST = 16


class Pseudonyms:
    """HMAC-SHA256 (RFC 2104) under one secret key, a domain for each use.

    Args:
        key: the secret, 16 bytes at least. Another key makes other hashes: people known under the old one are
            not found again.

    Raises:
        UsageError: the key is too short.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) < _SHORTEST:
            raise UsageError(f"the key of the feedback has {len(key)} bytes; legal: {_SHORTEST} at least")
        self._key = key

    def subject(self, reference: str) -> str:
        """Return the hash of a person's reference; width, case and outer blanks make no difference."""
        return self._hash("subject", unicodedata.normalize("NFKC", reference).strip().casefold())

    def request(self, *parts: str) -> str:
        """Return the hash of what identifies a request."""
        return self._hash("request", *parts)

    def body(self, text: str) -> str:
        """Return the hash of a request's body. A plain hash of few digits could be guessed; this one cannot."""
        return self._hash("body", text)

    def decision(self, reference: str) -> str:
        """Return the hash of a decision's id that is itself personal data."""
        return f"h:{self._hash('decision', reference)[:40]}"

    def is_decision(self, reference: str) -> bool:
        """Return whether an id is such a hash already."""
        return re.fullmatch("h:[0-9a-f]{40}", reference) is not None

    def _hash(self, use: Literal["subject", "request", "body", "decision"], *parts: str) -> str:
        # The length before each part keeps ("ab", "c") and ("a", "bc") apart.
        message = "".join(f"{len(part)}:{part}" for part in (use, *parts))
        return hmac.new(self._key, message.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def key_of(path: Path) -> bytes:
    """Return the key that lies in a file; the first process to ask makes it, readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link refuses to replace: of two processes at once, one makes the key and both read it.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes().strip()
