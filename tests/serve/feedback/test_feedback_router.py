"""The addresses of the feedback: what they take, what they refuse, and in which words."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import served, settings

from triage.config import Config
from triage.pipeline import Triage
from triage.serve.feedback import Desk
from triage.serve.feedback.schema import _EXAMPLE

GOOD: dict[str, Any] = {"decision_id": "t-1", "labels": {"business": "loan"}, "satisfaction": 4}


def with_client(
    config: Config, folder: Path, work: Callable[[httpx.AsyncClient, Desk], Awaitable[None]], **change: Any
) -> None:
    async def run() -> None:
        async with served(config, settings(folder, **change)) as (client, desk):
            await work(client, desk)

    asyncio.run(run())


def test_the_same_key_gets_the_same_answer_and_another_body_a_409(config: Config, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        first = await client.post("/v1/feedback", json=GOOD, headers={"Idempotency-Key": "k"})
        assert first.status_code == 201
        assert set(first.json()) == {"id", "decision_id", "status"}
        again = await client.post("/v1/feedback", json=GOOD, headers={"Idempotency-Key": "k"})
        assert (again.status_code, again.content) == (201, first.content)
        other = await client.post("/v1/feedback", json=GOOD | {"satisfaction": 5}, headers={"Idempotency-Key": "k"})
        assert (other.status_code, other.json()["error"]["code"]) == (409, "conflict")
        no_key = [await client.post("/v1/feedback", json=GOOD) for _ in range(2)]
        assert no_key[0].json() == no_key[1].json() != first.json()
        at_once = await asyncio.gather(
            *(client.post("/v1/feedback", json=GOOD, headers={"Idempotency-Key": "many"}) for _ in range(10))
        )
        assert len({answer.content for answer in at_once}) == 1
        assert len([told for one in desk.store.told() for told in one.feedback]) == 3

    with_client(config, tmp_path, work)


@pytest.mark.parametrize(
    ("change", "field", "says"),
    [
        ({"labels": {"business": "moon"}}, "labels.business", "legal: debit_card"),
        ({"labels": {"department": "moon"}}, "labels.department", "legal: risk_fraud"),
        ({"labels": {"demands": ["refund", "moon"]}}, "labels.demands", "legal: refund"),
        ({"labels": {"also": ["refund"]}}, "labels.also", "legal: debit_card"),
        ({"labels": {"demands": ["refund", "refund"]}}, "labels", "twice"),
        ({"labels": {"sentiment": -1.5}}, "labels.sentiment", "greater than or equal to -1"),
        ({"labels": {"colour": "red"}}, "labels", "not known"),
        ({"satisfaction": 6}, "satisfaction", "less than or equal to 5"),
        ({"satisfaction": True}, "satisfaction", "integer"),
        ({"outcome": "won"}, "outcome", "'upheld'"),
        ({"who": "13812345678"}, "who", "a staff number or a role"),
        ({"when": "2026-11-24T10:00:00"}, "when", "timezone"),
        ({"when": "0001-01-01T00:00:00+14:00"}, "when", "2000 and 2100"),
        ({"note": "a\x00b"}, "note", "U+0000"),
        ({"decision_id": ""}, "decision_id", "at least 1"),
        ({"decision_id": "x" * 201}, "decision_id", "at most 200"),
        ({"labels": None, "satisfaction": None}, None, "at least one of labels"),
    ],
)
def test_refusals_name_the_field_and_what_is_legal(
    config: Config, tmp_path: Path, change: dict[str, Any], field: str | None, says: str
) -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        answer = await client.post("/v1/feedback", json=GOOD | change)
        error = answer.json()["error"]
        assert (answer.status_code, error.get("field")) == (422, field)
        assert says in error["message"]
        assert "13812345678" not in error["message"]
        assert list(desk.store.told()) == []

    with_client(config, tmp_path, work)


def test_near_misses_are_taken(config: Config, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _: Desk) -> None:
        for body in (
            _EXAMPLE,
            {"decision_id": "a/b ?#", "confirmed": True},
            {"decision_id": "t", "labels": {"demands": []}, "note": "ok"},
            {"decision_id": "t", "labels": {"sentiment": -1, "also": ["card"[:0] + "loan", "pricing"]}},
            {"decision_id": "t", "satisfaction": 1, "who": "agent-017", "when": "2026-11-24T10:00:00Z"},
        ):
            answer = await client.post("/v1/feedback", json=body)
            assert answer.status_code == 201, answer.text

    with_client(config, tmp_path, work)


def test_who_may_do_what(config: Config, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _: Desk) -> None:
        assert (await client.post("/v1/feedback/forget", json={"subject": "s"})).status_code == 403
        admin = {"Authorization": "Bearer admin"}
        told = GOOD | {"subject": "s"}
        assert (await client.post("/v1/feedback", json=told)).status_code == 201
        gone = await client.post("/v1/feedback/forget", json={"subject": " S "}, headers=admin)
        assert (gone.status_code, gone.json()) == (200, {"feedback": 1, "decisions": 0})
        assert (await client.post("/v1/feedback/forget", json={"subject": ""}, headers=admin)).status_code == 422
        for method, path in (("POST", "/v1/feedback"), ("GET", "/v1/review"), ("POST", "/v1/review/t")):
            answer = await client.request(method, path, headers={"Authorization": "Bearer nobody"}, json=GOOD)
            assert answer.status_code == 401

    with_client(config, tmp_path, work)


def test_the_queue_and_a_correction(config: Config, triage: Triage, tmp_path: Path) -> None:
    one = dataclasses.replace(triage.predict("信用卡被盗刷三千元", id="t/1"), decision="review")
    two = dataclasses.replace(triage.predict("排队等了两个小时", id="t 2"), decision="review")

    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        desk.record(one)
        desk.record(two)
        page = (await client.get("/v1/review")).json()
        assert (page["total"], {item["id"] for item in page["items"]}) == (2, {"t/1", "t 2"})
        item = next(item for item in page["items"] if item["id"] == "t/1")
        assert item["text"] == one.redacted_text
        assert item["decision"]["business"]["label"] == "credit_card"
        assert "suggested_reply" not in item["decision"]
        assert (await client.get("/v1/review/t/1")).json() == item
        assert (await client.get("/v1/review/nothing")).status_code == 404
        assert (await client.get("/v1/review/" + "x" * 300)).status_code == 404
        assert (await client.get("/v1/review/a%00b")).status_code == 422
        assert (await client.get("/v1/review?after=%00")).status_code == 422
        assert (await client.get("/v1/review?limit=0")).status_code == 422
        right = {"labels": {"business": "debit_card"}, "confirmed": True, "who": "agent-1"}
        assert (await client.post("/v1/review/nothing", json=right)).status_code == 404
        answer = await client.post("/v1/review/t/1", json=right)
        assert (answer.status_code, answer.json()["decision_id"]) == (201, "t/1")
        assert [item["id"] for item in (await client.get("/v1/review")).json()["items"]] == ["t 2"]
        assert (await client.get("/v1/review/t/1")).json()["reviewed"] is not None

    with_client(config, tmp_path, work)


def test_503_with_a_time_to_come_again_when_nothing_can_keep_it(config: Config, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        statuses = []
        for number in range(200):
            answer = await client.post("/v1/feedback", json=GOOD | {"note": "长" * 5000, "decision_id": str(number)})
            statuses.append(answer.status_code)
            if answer.status_code != 201:
                break
        assert statuses[-1] == 503
        assert answer.headers["Retry-After"] == "5"
        assert statuses.count(201) == len(statuses) - 1 > 1
        asked = await client.get("/v1/review")
        assert (asked.status_code, asked.headers["Retry-After"]) == (503, "5")
        assert len(list(desk.spool.read())) == statuses.count(201)

    with_client(config, tmp_path, work, database=f"sqlite:///{tmp_path}/no/feedback.db", spool_bytes=1 << 16)


def test_a_correction_is_kept_while_the_queue_cannot_be_asked(config: Config, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, desk: Desk) -> None:
        answer = await client.post("/v1/review/t-9", json={"confirmed": True})
        assert answer.status_code == 201
        assert len(list(desk.spool.read())) == 1

    with_client(config, tmp_path, work, database=f"sqlite:///{tmp_path}/no/feedback.db")
