"""Signatures: vectors made by other programs, and everything next to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from triage.serve.doors.signature import SignatureError, check_time, verify_generic, verify_zammad, verify_zendesk

# The secret that Zendesk documents for tests; the signature by
# printf '2021-07-25T10:00:00Z{"say": "hello"}' | openssl dgst -sha256 -hmac SECRET -binary | base64
SECRET = "dGhpc19zZWNyZXRfaXNfZm9yX3Rlc3Rpbmdfb25seQ=="
BODY = b'{"say":"hello"}'
STAMP = "2021-07-25T10:00:00Z"
SIGNED = "gf3v0LzLRHPUnIdhbvwRDVEvzSb07/QN0GYjSNlkBT0="
THEN = datetime(2021, 7, 25, 10, tzinfo=UTC)


def zendesk(signature: str | None = SIGNED, stamp: str | None = STAMP) -> dict[str, str]:
    both = {"x-zendesk-webhook-signature": signature, "x-zendesk-webhook-signature-timestamp": stamp}
    return {name: value for name, value in both.items() if value is not None}


def test_zendesk() -> None:
    body = b'{"say": "hello"}'
    verify_zendesk(SECRET, zendesk(), body, now=THEN, window=300)
    verify_zendesk(SECRET, zendesk(), body, now=THEN + timedelta(seconds=300), window=300)


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        (zendesk(), b'{"say": "hello!"}', 0),
        (zendesk(SIGNED[:-2] + "x="), b'{"say": "hello"}', 0),
        (zendesk(""), b'{"say": "hello"}', 0),
        (zendesk(None), b'{"say": "hello"}', 0),
        (zendesk(stamp=None), b'{"say": "hello"}', 0),
        (zendesk(stamp="2021-07-25T10:00:01Z"), b'{"say": "hello"}', 0),
        (zendesk("签名"), b'{"say": "hello"}', 0),
        (zendesk(), b'{"say": "hello"}', 301),
        (zendesk(), b'{"say": "hello"}', -301),
    ],
)
def test_near_misses(headers: dict[str, str], body: bytes, seconds: int) -> None:
    with pytest.raises(SignatureError):
        verify_zendesk(SECRET, headers, body, now=THEN + timedelta(seconds=seconds), window=300)


def test_zammad() -> None:
    # HMAC-SHA1 of RFC 2202, test case 2.
    right = "sha1=effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
    verify_zammad("Jefe", {"x-hub-signature": right}, b"what do ya want for nothing?")
    for wrong in ({}, {"x-hub-signature": right[5:]}, {"x-hub-signature": right.upper()}, {"x-hub-signature": ""}):
        with pytest.raises(SignatureError):
            verify_zammad("Jefe", wrong, b"what do ya want for nothing?")
    with pytest.raises(SignatureError):
        verify_zammad("jefe", {"x-hub-signature": right}, b"what do ya want for nothing?")


def test_generic() -> None:
    import hashlib
    import hmac

    stamp = THEN.isoformat()
    digest = hmac.new(b"secret", f"{stamp}.".encode() + BODY, hashlib.sha256).hexdigest()
    headers = {"x-triage-timestamp": stamp, "x-triage-signature": f"sha256={digest}"}
    verify_generic("secret", headers, BODY, now=THEN, window=10)
    for change in ({"x-triage-signature": digest}, {"x-triage-timestamp": "2021-07-25T10:00:00Z"}):
        with pytest.raises(SignatureError):
            verify_generic("secret", headers | change, BODY, now=THEN, window=10)
    with pytest.raises(SignatureError, match="10 seconds"):
        verify_generic("secret", headers, BODY, now=THEN + timedelta(seconds=11), window=10)


@pytest.mark.parametrize(
    "stamp", ["", "now", "2021-07-25T10:00:00", None, 5, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_times_that_are_none_or_far(stamp: object) -> None:
    with pytest.raises(SignatureError):
        check_time(stamp, now=THEN, window=300)
