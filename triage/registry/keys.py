"""Who signed: Ed25519 keys (RFC 8032), made on first use.

Whoever may write into the registry may also put a public key there: where that is not trusted, keep the signing key
elsewhere (``TRIAGE_SIGNING_KEY``) and name the public key when verifying.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import InputError, UsageError
from triage.registry.canonical import canonical, write_whole

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

__all__ = ["VARIABLE", "Keys", "key_id"]

VARIABLE = "TRIAGE_SIGNING_KEY"
"""Names the file of the signing key; by default it lies in the registry."""

SIGNING = "signing-key.pem"
_PUBLIC = ".pub.pem"


class Keys:
    """The keys of one registry: one that signs, and the public ones that are trusted.

    Args:
        folder: of the keys; made when something is signed for the first time.
        public: trust this public key alone, and none that lies in the folder.
    """

    def __init__(self, folder: Path, *, public: Path | None = None) -> None:
        self._folder = folder
        self._only = public

    def sign(self, content: Mapping[str, Any]) -> dict[str, str]:
        """Return the signature of a JSON object: ``key``, the id of the key, and ``signature``, in base 64.

        Raises:
            UsageError: the file of the signing key holds none.
            OSError: a key cannot be written.
        """
        key = self._signing()
        name = key_id(key.public_key())
        return {"key": name, "signature": base64.b64encode(key.sign(canonical(content))).decode()}

    def fault(self, content: Mapping[str, Any], signed: Mapping[str, Any]) -> str | None:
        """Return what is wrong with the signature of a JSON object, or None when a trusted key signed just this."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra

        trusted = self.trusted()
        name = signed.get("key")
        if name not in trusted:
            return f"signed with the key {name!r}; trusted: {', '.join(sorted(trusted)) or 'none'}"
        try:
            trusted[name].verify(base64.b64decode(str(signed.get("signature")), validate=True), canonical(content))
        except (InvalidSignature, ValueError):
            return f"altered: the signature of the key {name} is not of this content"
        return None

    def trusted(self) -> dict[str, Ed25519PublicKey]:
        """Return the trusted public keys by their ids.

        Raises:
            InputError: a file holds no public Ed25519 key.
        """
        paths = sorted(self._folder.glob(f"*{_PUBLIC}")) if self._only is None else [self._only]
        return {key_id(key): key for key in map(_public, paths)}

    def _signing(self) -> Ed25519PrivateKey:
        given = os.environ.get(VARIABLE)
        path = Path(given) if given else self._folder / SIGNING
        # Made apart from where it is used, or the first use of a registry would be a race between two processes: the
        # caller holds the registry's lock.
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_whole(path, _private_pem(), mode=0o600)
        key = _private(path)
        public = self._folder / f"{key_id(key.public_key())}{_PUBLIC}"
        if not public.exists():
            self._folder.mkdir(parents=True, exist_ok=True)
            write_whole(public, _public_pem(key.public_key()))
        return key


def key_id(key: Ed25519PublicKey) -> str:
    """Return the id of a key: 16 hexadecimal digits of the SHA-256 of its 32 bytes."""
    return hashlib.sha256(key.public_bytes_raw()).hexdigest()[:16]


def _private_pem() -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _public_pem(key: Ed25519PublicKey) -> bytes:
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _private(path: Path) -> Ed25519PrivateKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(f"the signing key is {str(path)!r}; legal: a PEM file of an Ed25519 key without a password")
    return key


def _public(path: Path) -> Ed25519PublicKey:
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    try:
        key = serialization.load_pem_public_key(path.read_bytes())
    except (OSError, ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise InputError(f"the public key is {str(path)!r}; legal: a PEM file of a public Ed25519 key")
    return key
