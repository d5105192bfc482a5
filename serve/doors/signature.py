"""Who signed a webhook, and when: compared in constant time, and only within a window."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

from triage.errors import InputError

__all__ = ["SignatureError", "check_time", "verify_generic", "verify_zammad", "verify_zendesk"]


class SignatureError(InputError):
    """A webhook is not from whom it should be, or not from now. The message says nothing of the secret."""


def verify_zammad(secret: str, headers: Mapping[str, str], body: bytes) -> None:
    """Check ``X-Hub-Signature: sha1=HEX``, HMAC-SHA1 over the body.

    Source: Zammad admin documentation, "Webhook payload". It signs no time: see :func:`check_time` for the ticket's.

    Raises:
        SignatureError: it is missing or wrong.
    """
    _same(headers.get("x-hub-signature"), "sha1=" + hmac.new(secret.encode(), body, hashlib.sha1).hexdigest())


def verify_zendesk(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime, window: int) -> None:
    """Check ``X-Zendesk-Webhook-Signature``, the Base64 of HMAC-SHA256 over the timestamp header and the body.

    Source: Zendesk developer documentation, "Verifying webhook authenticity".

    Args:
        secret: the signing secret of the webhook.
        headers: of the request, names in lower case.
        body: the bytes as they came.
        now: with an offset.
        window: seconds by which the signed time may differ from ``now``.

    Raises:
        SignatureError: it is missing, wrong, or too old.
    """
    stamp = headers.get("x-zendesk-webhook-signature-timestamp", "")
    digest = hmac.new(secret.encode(), _bytes(stamp) + body, hashlib.sha256).digest()
    _same(headers.get("x-zendesk-webhook-signature"), base64.b64encode(digest).decode())
    check_time(stamp, now=now, window=window)


def verify_generic(secret: str, headers: Mapping[str, str], body: bytes, *, now: datetime, window: int) -> None:
    """Check ``X-Triage-Signature: sha256=HEX``, HMAC-SHA256 over ``X-Triage-Timestamp``, a full stop and the body.

    Args:
        secret: what both sides share.
        headers: of the request, names in lower case.
        body: the bytes as they came.
        now: with an offset.
        window: seconds by which the signed time may differ from ``now``.

    Raises:
        SignatureError: it is missing, wrong, or too old.
    """
    stamp = headers.get("x-triage-timestamp", "")
    digest = hmac.new(secret.encode(), _bytes(stamp) + b"." + body, hashlib.sha256).hexdigest()
    _same(headers.get("x-triage-signature"), "sha256=" + digest)
    check_time(stamp, now=now, window=window)


def check_time(stamp: object, *, now: datetime, window: int) -> None:
    """Refuse what was signed too long ago: somebody may have recorded it.

    Args:
        stamp: ISO 8601 with an offset.
        now: with an offset.
        window: seconds, to both sides.

    Raises:
        SignatureError: it is no time, or lies outside of the window.
    """
    try:
        signed = datetime.fromisoformat(str(stamp))
        late = abs(now - signed) > timedelta(seconds=window)
    except (ValueError, TypeError, OverflowError):
        raise SignatureError("the signed time is none; legal: ISO 8601 with an offset") from None
    if late:
        raise SignatureError(f"the signed time is not now; legal: {window} seconds to both sides")


def _same(given: str | None, expected: str) -> None:
    if not hmac.compare_digest(_bytes(given or ""), expected.encode()):
        raise SignatureError("the signature is missing or wrong; legal: one made with the secret of this door")


def _bytes(text: str) -> bytes:
    # Headers are Latin-1 on the wire.
    return text.encode("utf-8", "surrogateescape")
