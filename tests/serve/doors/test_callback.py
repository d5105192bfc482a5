"""Callbacks: the other system hears of it, also when it was away, and after a crash."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from documented import PAGE, SECRETS, examples
from doored import configured, doored
from other_system import OtherSystem, other_system

from triage.pipeline import Triage

EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))
TOKENS = SECRETS | {"TOKEN": "geheim"}


async def send(client: httpx.AsyncClient, door: str) -> httpx.Response:
    example = EXAMPLES[door]
    return await client.post(example.path, content=example.body, headers=example.headers)


async def heard(system: OtherSystem, count: int) -> None:
    for _ in range(600):
        if len(system.told) >= count:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"told {len(system.told)} times, not {count}")


GROUP = {"risk_fraud": "风险管理与反欺诈部"}
FIXED = {"priority": {"critical": "3 high", "high": "3 high"}, "tags": [{"tags": ["a"]}, {"tags": ["b"]}]}
"""Three calls, whatever is decided."""


def told(triage: Triage, folder: Path, door: str, callback: dict[str, Any], *statuses: int, count: int,
         **change: Any) -> list[tuple[str, str, str | None, Any]]:  # fmt: skip
    with other_system(*statuses) as system:
        spec = {"callback": {"url": system.url, "token": "TOKEN"} | callback} | change
        config = configured(folder / "configs", **{door: spec})

        async def run() -> None:
            async with doored(triage, folder, config=config, secrets=TOKENS) as (client, callbacks):
                answer = await send(client, door)
                assert (answer.status_code, answer.json()["status"]) == (202, "accepted")
                assert answer.json()["decision"] is None
                await heard(system, count)
                for _ in range(100):
                    if not callbacks.spool.pending().segments:
                        break
                    await asyncio.sleep(0.05)
                assert callbacks.spool.pending().segments == 0

        asyncio.run(run())
        return system.told


def test_zammad_gets_tags_then_priority_group_and_note(triage: Triage, tmp_path: Path) -> None:
    *tags, change = told(triage, tmp_path, "zammad", {"note": True}, count=3, answer=FIXED | {"group": GROUP})
    answer = EXAMPLES["zammad"].answer
    assert [body["item"] for _, _, _, body in tags] == ["a", "b"]
    assert tags[0][:3] == ("POST", "/api/v1/tags/add", "Token token=geheim")
    assert tags[0][3] == {"object": "Ticket", "o_id": 81, "item": "a"}
    method, path, auth, body = change
    assert (method, path, auth) == ("PUT", "/api/v1/tickets/81", "Token token=geheim")
    assert (body["priority"], body["group"]) == (answer["priority"], answer["group"])
    assert body["article"]["internal"] is True


def test_zendesk_gets_tags_added_and_a_group_by_number(triage: Triage, tmp_path: Path) -> None:
    numbers = {"priority": {"normal": "normal"}, "group": {"digital_banking": "4711"}, "tags": [{"tags": ["triage"]}]}
    tags, change = told(triage, tmp_path, "zendesk", {"user": "bot@example.com"}, count=2, answer=numbers)
    basic = "Basic Ym90QGV4YW1wbGUuY29tL3Rva2VuOmdlaGVpbQ=="
    assert tags == ("PUT", "/api/v2/tickets/35436/tags.json", basic, {"tags": ["triage"]})
    assert change == (
        "PUT", "/api/v2/tickets/35436.json", basic, {"ticket": {"priority": "normal", "group_id": 4711}}
    )  # fmt: skip


def test_zendesk_without_a_user_gets_a_bearer(triage: Triage, tmp_path: Path) -> None:
    assert told(triage, tmp_path, "zendesk", {}, count=1, answer=FIXED)[0][2] == "Bearer geheim"


@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_system_that_is_away_is_told_again(triage: Triage, tmp_path: Path, status: int) -> None:
    assert len(told(triage, tmp_path, "zammad", {}, status, count=4, answer=FIXED)) == 4


@pytest.mark.parametrize("status", [404, 403, 302])
def test_a_refusal_is_not_repeated(triage: Triage, tmp_path: Path, status: int) -> None:
    assert len(told(triage, tmp_path, "zammad", {}, status, count=1, answer=FIXED)) == 1


def test_what_was_not_told_is_told_by_the_next_process(triage: Triage, tmp_path: Path) -> None:
    away = {"callback": {"url": "http://127.0.0.1:9", "token": "TOKEN"}}

    async def first() -> None:
        config = configured(tmp_path / "away", zammad=away)
        async with doored(triage, tmp_path, config=config, secrets=TOKENS) as (client, _):
            assert (await send(client, "zammad")).status_code == 202

    asyncio.run(first())
    kept = b"".join(path.read_bytes() for path in (tmp_path / "callbacks").iterdir())
    assert b"zammad" in kept
    assert "盗刷".encode() not in kept
    assert b"geheim" not in kept
    with other_system() as system:
        config = configured(
            tmp_path / "back", zammad={"callback": {"url": system.url, "token": "TOKEN"}, "answer": FIXED}
        )

        async def second() -> None:
            async with doored(triage, tmp_path, config=config, secrets=TOKENS):
                await heard(system, 1)

        asyncio.run(second())


def test_any_system_by_its_own_address(triage: Triage, tmp_path: Path) -> None:
    with other_system() as system:
        callback = {"url": system.url + "/in/{id}", "token": "TOKEN"}
        config = configured(tmp_path / "configs", inhouse={"callback": callback})

        async def run() -> None:
            async with doored(triage, tmp_path, config=config, secrets=TOKENS) as (client, _):
                body = {"complaint": {"no": "a/../b", "content": "信用卡年费多收了"}}
                headers = {"Authorization": "Bearer KEY"}
                assert (await client.post("/v1/doors/inhouse", json=body, headers=headers)).status_code == 202
                await heard(system, 1)

        asyncio.run(run())
        method, path, auth, body = system.told[0]
        assert (method, path, auth, body["ticket"]) == ("POST", "/in/a%2F..%2Fb", "Bearer geheim", "a/../b")
        assert set(body) == {"id", "tags", "priority", "group", "ticket"}
        assert json.dumps(body)
