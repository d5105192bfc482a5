"""Mailboxes, mails and chat transcripts, read as complaints."""

from __future__ import annotations

import email.errors
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from triage.config import Config
from triage.config.doors import FieldsSpec
from triage.errors import InputError
from triage.serve.doors.payloads import Ticket, parsed, read_generic
from triage.text import read_chat, read_email

__all__ = ["read_chats", "read_mails"]

_MOST = 1_000
"""Messages of one mailbox."""
_SEPARATOR = re.compile(rb"^From [^\n]*\n", re.MULTILINE)
_ESCAPED = re.compile(rb"^>(>*From )", re.MULTILINE)
_CHAT = FieldsSpec(text="$.title", id="$.id", channel="$.channel", received="$.received")


def read_mails(body: bytes, config: Config) -> list[Ticket | InputError]:
    """Read one mail (.eml, RFC 5322) or a mailbox (.mbox, RFC 4155); a bad message stays its own.

    Raises:
        InputError: there is no message, or there are too many.
    """
    if not body.strip():
        raise InputError("the body is empty; legal: an .eml or .mbox file")
    messages = [body]
    if body.startswith(b"From "):
        # The first separator stands at the very start, so the first part is empty. `>From ` is a line that began so.
        messages = [_ESCAPED.sub(rb"\1", part) for part in _SEPARATOR.split(body)[1:]]
    if len(messages) > _MOST:
        raise InputError(f"there are {len(messages)} messages; legal: at most {_MOST}")
    return [_mail(message, config) for message in messages]


def read_chats(body: bytes, config: Config) -> Ticket:
    """Read a transcript ``{"turns": [{"role": "客户", "text": "…"}], "id"?, "channel"?, "received"?}``.

    What the agent says is context, not evidence.

    Raises:
        InputError: it is no such transcript.
    """
    payload = parsed(body)
    turns = payload.get("turns")
    if not isinstance(turns, list) or not turns:
        raise InputError("turns is missing; legal: a list of {role, text}", field="turns")
    chat = read_chat([_turn(turn, place) for place, turn in enumerate(turns)], config.text.roles)
    rest = read_generic({**payload, "title": chat.text}, _CHAT).document
    return Ticket(replace(chat, channel=rest.channel, received=rest.received, id=rest.id), rest.id)


def _mail(message: bytes, config: Config) -> Ticket | InputError:
    try:
        return Ticket(read_email(message, quoted=config.text.quoted_mail), None)
    except InputError as error:
        return error
    except (ValueError, LookupError, AttributeError, TypeError, RecursionError, email.errors.MessageError):
        # The parser of the standard library stumbles over some headers that nobody should write.
        return InputError("the message cannot be read; legal: an e-mail by RFC 5322", field="text")


def _turn(turn: object, place: int) -> tuple[str, str]:
    found: Mapping[str, Any] = turn if isinstance(turn, Mapping) else {}
    role, text = found.get("role"), found.get("text")
    if not isinstance(role, str) or not isinstance(text, str) or not role.strip():
        raise InputError(f"turns.{place} is no turn; legal: {{role, text}}, both text", field=f"turns.{place}")
    for value in (role, text):
        if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
            raise InputError(f"turns.{place} holds half a character; legal: text in UTF-8", field=f"turns.{place}")
    # A line end inside a role would begin a turn of its own.
    return " ".join(role.split()), text
