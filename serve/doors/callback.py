"""Tells other systems what was decided: written down first, then told until they have heard it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict

from triage.config import Config
from triage.config.doors import CallbackSpec, DoorSpec
from triage.serve.doors.answers import Answer
from triage.serve.spool import Spool, SpoolError

__all__ = ["Callbacks"]

log = logging.getLogger(__name__)

_GIVE_UP = 86_400.0
"""Seconds after which a system that does not answer is no longer told."""
_AGAIN = frozenset((408, 425, 429))
"""Refusals that are about now, not about what was asked."""

Secret = Callable[[str], str | None]
"""Returns what a variable of the environment holds."""


class _Job(BaseModel):
    """One ticket to be told. It holds labels and the ticket's number, nothing of the complaint."""

    model_config = ConfigDict(frozen=True)

    door: str
    number: str
    since: float
    answer: Answer
    note: str | None = None


class Callbacks:
    """Calls other systems back, in the background.

    Args:
        folder: where the calls wait; they survive a crash.
        config: returns the configuration in force.
        secret: returns the value of a variable; of the environment by default.
        interval: seconds between two tries, at first.
    """

    def __init__(
        self,
        folder: Path,
        config: Callable[[], Config],
        *,
        secret: Secret = os.environ.get,
        interval: float = 1.0,
    ) -> None:
        self.spool = Spool(folder)
        self.secret = secret
        self._config, self._interval = config, interval
        self._client: httpx.Client | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "callbacks")
        self._stopping = False

    def start(self) -> None:
        """Begin to call, also what an earlier process left."""
        self._client = httpx.Client(timeout=10.0, headers={"User-Agent": "triage"})
        self._task = asyncio.create_task(self._run(), name="callbacks")

    async def stop(self) -> None:
        """End; what was not told waits on disk."""
        self._stopping = True
        self._wake.set()
        # What the call under way puts back must be on disk before the segment is closed.
        if self._task is not None:
            await self._task
        self._thread.shutdown()
        if self._client is not None:
            self._client.close()
        self.spool.seal()

    async def add(self, door: str, number: str, answer: Answer, *, note: str | None = None) -> None:
        """Write down a call; when this returns, it survives a crash.

        Args:
            door: the name of the door.
            number: of the ticket, in the other system.
            answer: what to tell.
            note: a text for the people who work on the ticket.

        Raises:
            SpoolError: the disk is full.
        """
        told = answer.model_copy(update={"decision": None})
        job = _Job(door=door, number=number, since=time.time(), answer=told, note=note)
        await asyncio.to_thread(self.spool.append, job.model_dump_json().encode())
        self._wake.set()

    def deliver(self, payloads: Sequence[bytes]) -> Sequence[bytes]:
        """Tell what is written down, and return what must be told again later."""
        waiting: list[bytes] = []
        silent: set[str] = set()
        for payload in payloads:
            job = _Job.model_validate_json(payload)
            # One that does not answer now would cost every further call the whole wait.
            if self._stopping or job.door in silent or not self._tell(job):
                silent.add(job.door)
                if time.time() - job.since < _GIVE_UP:
                    waiting.append(payload)
                else:
                    log.error("callback of door %s given up after %d s", job.door, _GIVE_UP)
        return waiting

    async def _run(self) -> None:
        pause = self._interval
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._wake.wait()
            self._wake.clear()
            try:
                if self.spool.pending().segments:
                    loop = asyncio.get_running_loop()
                    await loop.run_in_executor(self._thread, self.spool.drain, self.deliver)
                pause = self._interval if not self.spool.pending().segments else min(60.0, pause * 2)
            except SpoolError as error:
                log.error("callbacks wait: %s", error)
                pause = min(60.0, pause * 2)
            except Exception:
                log.exception("callbacks wait")
                pause = 60.0

    def _tell(self, job: _Job) -> bool:
        """Tell one ticket; False when it must be told again."""
        door = self._config().doors.doors.get(job.door)
        if door is None or door.callback is None:
            log.error("callback of door %s dropped: it has none any more", job.door)
            return True
        token = self.secret(door.callback.token)
        if token is None:
            log.error("callback of door %s waits: %s is not set", job.door, door.callback.token)
            return False
        assert self._client is not None
        try:
            for request in _requests(self._client, door, door.callback, token, job):
                status = self._client.send(request).status_code
                if status >= 500 or status in _AGAIN:
                    log.warning("callback of door %s is answered %d; again later", job.door, status)
                    return False
                if status >= 300:
                    log.error("callback of door %s is refused with %d", job.door, status)
                    return True
        except httpx.HTTPError as error:
            log.warning("callback of door %s fails: %s; again later", job.door, type(error).__name__)
            return False
        return True


def _requests(
    client: httpx.Client, door: DoorSpec, spec: CallbackSpec, token: str, job: _Job
) -> Iterator[httpx.Request]:
    """Yield what to send; each may be sent twice without harm, but for Zammad's note, which comes last."""
    base, number, answer = spec.url.rstrip("/"), quote(job.number, safe=""), job.answer
    if door.kind == "zammad":
        headers = {"Authorization": f"Token token={token}"}
        for tag in answer.tags:
            body = {"object": "Ticket", "o_id": int(job.number), "item": tag}
            yield client.build_request("POST", f"{base}/api/v1/tags/add", json=body, headers=headers)
        change: dict[str, object] = {"priority": answer.priority, "group": answer.group}
        change = {name: value for name, value in change.items() if value is not None}
        if job.note:
            change["article"] = {"body": job.note, "type": "note", "internal": True, "content_type": "text/plain"}
        if change:
            yield client.build_request("PUT", f"{base}/api/v1/tickets/{number}", json=change, headers=headers)
    elif door.kind == "zendesk":
        auth = httpx.BasicAuth(f"{spec.user}/token", token) if spec.user else None
        headers = {} if auth else {"Authorization": f"Bearer {token}"}
        sent: list[httpx.Request] = []
        if answer.tags:
            # PUT adds tags; POST would replace those that are there.
            body = {"tags": list(answer.tags)}
            sent.append(
                client.build_request("PUT", f"{base}/api/v2/tickets/{number}/tags.json", json=body, headers=headers)
            )
        change = {"priority": answer.priority, "group_id": _group(answer.group)}
        change = {name: value for name, value in change.items() if value is not None}
        if change:
            body = {"ticket": change}
            sent.append(client.build_request("PUT", f"{base}/api/v2/tickets/{number}.json", json=body, headers=headers))
        for request in sent:
            yield next(auth.auth_flow(request)) if auth else request
    else:
        body = answer.model_dump(exclude={"decision", "why", "status"}) | {"ticket": job.number}
        headers = {"Authorization": f"Bearer {token}"}
        yield client.build_request("POST", spec.url.replace("{id}", number), json=body, headers=headers)


def _group(group: str | None) -> int | str | None:
    return int(group) if group is not None and group.isdigit() else group
