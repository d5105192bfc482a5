"""The address of the doors."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from triage.config import Config
from triage.config.doors import DoorSpec
from triage.errors import ConfigError, InputError
from triage.serve.doors.answers import Answer, Answers, answer
from triage.serve.doors.callback import Callbacks
from triage.serve.doors.payloads import (
    Skipped,
    Ticket,
    parsed,
    read_generic,
    read_zammad,
    read_zendesk,
    stamped,
    with_channel,
)
from triage.serve.doors.signature import SignatureError, check_time, verify_generic, verify_zammad, verify_zendesk
from triage.serve.doors.uploads import read_chats, read_mails
from triage.serve.errors import ApiError, describe
from triage.serve.judge import Request as Complaint
from triage.serve.spool import SpoolError
from triage.types import Decision

__all__ = ["Decide", "doors_router"]

Decide = Callable[[Request, Sequence[Complaint]], Awaitable[Sequence[Decision | Exception]]]
"""Decides complaints, in order, for the caller of a request."""

Allow = Callable[[Request], Awaitable[object]]
"""Raises an ApiError unless the caller of a request may have complaints decided."""


def doors_router(
    *,
    config: Callable[[], Config],
    decide: Decide,
    allow: Allow,
    callbacks: Callable[[], Callbacks],
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> APIRouter:
    """Return the router.

    Args:
        config: returns the configuration in force; its ``doors.yaml`` says which doors there are.
        decide: decides complaints.
        allow: lets in callers of doors without a signature.
        callbacks: returns what calls other systems back; the app starts and stops it.
        clock: returns now, with an offset.
    """
    router = APIRouter(prefix="/v1/doors", tags=["doors"])

    @router.post(
        "/{name}",
        summary="Hand in a complaint as another system sends it",
        openapi_extra={"requestBody": {"required": True, "content": _CONTENT}},
        responses={200: {"model": Answer | Answers, "description": "The answer."},
                   202: {"model": Answer, "description": "The other system is called back."}},
    )  # fmt: skip
    async def door(name: Annotated[str, Path(max_length=80)], http: Request, response: Response) -> Any:  # noqa: ANN401
        """Take a webhook of Zammad or Zendesk, any JSON by JSONPath, a mail or mailbox, or a chat transcript.

        Which doors there are, and what they answer, stands in `doors.yaml`.
        """
        found = config()
        spec = found.doors.doors.get(name)
        if spec is None:
            raise ApiError(404, f"there is no such door; legal: {', '.join(found.doors.doors) or 'none is configured'}")
        secret = None
        if spec.secret is None:
            await allow(http)
        else:
            secret = callbacks().secret(spec.secret)
            if not secret:
                raise ApiError(403, "this door is shut: the secret of its signature is not set")
        body = await http.body()
        try:
            arrived = await asyncio.to_thread(_read, spec, found, http, body, secret=secret, now=clock())
        except SignatureError as error:
            raise ApiError(401, str(error)) from error
        except InputError as error:
            raise ApiError(422 if error.field else 400, str(error), field=error.field) from error
        except ConfigError as error:
            raise ApiError(403, "this door is shut: its fields in doors.yaml are no JSONPath") from error
        if isinstance(arrived, list):
            return await _several(http, spec, arrived)
        if isinstance(arrived, Skipped):
            return Answer(status="skipped", why=arrived.why)
        ticket = with_channel(arrived, spec.channel)
        decision = (await decide(http, [_complaint(ticket)]))[0]
        if isinstance(decision, Exception):
            raise describe(decision)
        told = answer(decision, spec.answer)
        if spec.callback is None or ticket.number is None:
            return told
        note = decision.suggested_reply if spec.callback.note else None
        try:
            await callbacks().add(name, ticket.number, told, note=note)
        except SpoolError as error:
            raise ApiError(503, "the answer cannot be written down now; send it again later", retry_after=5) from error
        response.status_code = 202
        return told.model_copy(update={"status": "accepted", "decision": None})

    async def _several(http: Request, spec: DoorSpec, tickets: Sequence[Ticket | InputError]) -> Answers:
        read = [with_channel(ticket, spec.channel) for ticket in tickets if isinstance(ticket, Ticket)]
        decided = iter(await decide(http, [_complaint(ticket) for ticket in read]) if read else ())
        items = []
        for ticket in tickets:
            found = ticket if isinstance(ticket, InputError) else next(decided)
            items.append(
                answer(found, spec.answer)
                if isinstance(found, Decision)
                else Answer(status="failed", why=describe(found).message)
            )
        return Answers(items=items)

    return router


_CONTENT = {
    "application/json": {"schema": {"type": "object"}},
    "message/rfc822": {"schema": {"type": "string", "format": "binary"}},
    "application/mbox": {"schema": {"type": "string", "format": "binary"}},
}


def _read(
    spec: DoorSpec, config: Config, http: Request, body: bytes, *, secret: str | None, now: datetime
) -> Ticket | Skipped | list[Ticket | InputError]:
    """Check who signed, then read; in this order, so that only the other system can make the readers work."""
    if secret is not None:
        if spec.kind == "zammad":
            verify_zammad(secret, http.headers, body)
        elif spec.kind == "zendesk":
            verify_zendesk(secret, http.headers, body, now=now, window=spec.window)
        else:
            verify_generic(secret, http.headers, body, now=now, window=spec.window)
    if spec.kind == "mail":
        return read_mails(body, config)
    if spec.kind == "chat":
        return read_chats(body, config)
    payload = parsed(body)
    if spec.kind == "zammad":
        check_time(stamped(payload), now=now, window=spec.window)
        return read_zammad(payload)
    if spec.kind == "zendesk":
        return read_zendesk(payload)
    assert spec.fields is not None
    return read_generic(payload, spec.fields)


def _complaint(ticket: Ticket) -> Complaint:
    return Complaint(text=ticket.document)
