"""What other systems send, read as complaints."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import jsonpath

from triage.config.doors import FieldsSpec
from triage.errors import ConfigError, InputError
from triage.text import Document
from triage.text.mail import plain_text

__all__ = [
    "Arrived", "Skipped", "Ticket", "parsed", "read_generic", "read_zammad", "read_zendesk", "stamped", "with_channel",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ticket:
    """A complaint of another system: its text, and the number that the answer goes back to."""

    document: Document
    number: str | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A message that is no complaint, with the reason: it is acknowledged, so that it does not come again."""

    why: str


Arrived = Ticket | Skipped

_ZENDESK_CREATED = ("zen:event-type:ticket.created",)
_ZENDESK_EVENT = "zen:event-type:"


def parsed(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body.

    Raises:
        InputError: it is none.
    """
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise InputError("the body is no JSON; legal: one JSON object in UTF-8") from None
    if not isinstance(found, dict):
        raise InputError("the body is no object; legal: one JSON object in UTF-8")
    return found


def read_zammad(payload: Mapping[str, Any]) -> Arrived:
    """Read the default payload of a Zammad webhook: ``ticket`` and ``article``.

    Articles of agents and of the system, and internal ones, are no complaints.

    Raises:
        InputError: there is no ticket with a number and a text.
    """
    ticket, article = _object(payload, "ticket"), payload.get("article")
    if not isinstance(article, Mapping) or not article:
        return Skipped("the message has no article")
    if article.get("internal") is True or str(article.get("sender", "Customer")) != "Customer":
        return Skipped("the article is not the customer's")
    body = _text(article.get("body"), "article.body")
    if article.get("content_type") == "text/html":
        body = plain_text(body)
    document = Document(
        text=_joined(_text(ticket.get("title"), "ticket.title"), body, "article.body"),
        received=_moment(article.get("created_at")),
        id=_number(ticket.get("id"), "ticket.id", digits=True),
        notes=_attachments(article.get("attachments")),
    )
    return Ticket(document, document.id)


def read_zendesk(payload: Mapping[str, Any]) -> Arrived:
    """Read a Zendesk webhook: the event ``ticket.created``, or a trigger's body ``{"ticket": {…}}``.

    Of a ticket, ``id``, ``subject`` (or ``title``), ``description`` and ``created_at`` count.

    Raises:
        InputError: there is no ticket with a number and a text.
    """
    event = payload.get("type")
    if isinstance(event, str) and event.startswith(_ZENDESK_EVENT):
        if event not in _ZENDESK_CREATED:
            return Skipped("the event is not that of a new ticket")
        name = "detail"
    else:
        name = "ticket"
    ticket = _object(payload, name)
    subject = _text(ticket.get("subject") or ticket.get("title"), f"{name}.subject")
    document = Document(
        text=_joined(subject, _text(ticket.get("description"), f"{name}.description"), f"{name}.description"),
        received=_moment(ticket.get("created_at")),
        id=_number(ticket.get("id"), f"{name}.id", digits=True),
    )
    return Ticket(document, document.id)


def read_generic(payload: Mapping[str, Any], fields: FieldsSpec) -> Ticket:
    """Read the payload of any system.

    Args:
        payload: the JSON object.
        fields: where in it what stands.

    Raises:
        InputError: there is no text where it should be, or a value is no text.
        ConfigError: a path is no JSONPath.
    """
    found = {name: _first(payload, path, name) for name, path in fields.model_dump(exclude_none=True).items()}
    number = found.get("id")
    document = Document(
        text=_joined(_text(found.get("subject"), "subject"), _text(found.get("text"), "text"), "text"),
        channel=_text(found.get("channel"), "channel") or None,
        received=_moment(found.get("received")),
        id=_number(number, "id") if number is not None else None,
    )
    return Ticket(document, document.id)


def stamped(payload: Mapping[str, Any]) -> object:
    """Return the time that a Zammad payload carries inside what is signed."""
    ticket = payload.get("ticket")
    return ticket.get("updated_at") if isinstance(ticket, Mapping) else None


def with_channel(ticket: Ticket, channel: str | None) -> Ticket:
    """Return the ticket with the channel of its door, unless it names its own."""
    document = ticket.document
    return ticket if document.channel or not channel else Ticket(replace(document, channel=channel), ticket.number)


def _first(payload: Mapping[str, Any], path: str, name: str) -> object:
    try:
        match = jsonpath.match(path, dict(payload))
    except (jsonpath.JSONPathSyntaxError, jsonpath.JSONPathTypeError, jsonpath.JSONPathNameError):
        raise ConfigError(
            "doors.yaml", f"fields.{name}", "legal: JSONPath, such as $.complaint.text", value=path
        ) from None
    except (jsonpath.JSONPathError, RecursionError):
        return None
    return match.obj if match is not None else None


def _object(payload: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = payload.get(name)
    if not isinstance(found, Mapping):
        raise InputError(f"{name} is missing; legal: an object", field=name)
    return found


def _text(value: object, name: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise InputError(f"{name} is no text; legal: text", field=name)
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InputError(f"{name} holds half a character; legal: text in UTF-8", field=name) from None
    return value.strip()


def _number(value: object, name: str, *, digits: bool = False) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str) or not str(value).strip():
        raise InputError(f"{name} is no number of a ticket; legal: a number, or text", field=name)
    number = _text(str(value), name)
    if digits and not (number.isascii() and number.isdigit()):
        raise InputError(f"{name} is no number of a ticket; legal: digits", field=name)
    if len(number) > 200 or not number.isprintable():
        raise InputError(f"{name} is no number of a ticket; legal: at most 200 printable characters", field=name)
    return number


def _moment(value: object) -> datetime | None:
    """Return a time with an offset; any other is as good as none."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo and 2000 <= moment.year <= 2100 else None


def _joined(subject: str, body: str, name: str) -> str:
    if not (subject or body):
        raise InputError(f"{name} is empty; legal: a text with at least one readable character", field=name)
    return "\n".join(part for part in (subject, body) if part)


def _attachments(value: object) -> tuple[str, ...]:
    return (f"attachments left out: {len(value)}",) if isinstance(value, list) and value else ()
