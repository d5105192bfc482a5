"""The doors: who may come in, what is refused and in which words; and whatever comes, never a 5xx."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from documented import NOW, PAGE, examples
from doored import configured, doored
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from triage.pipeline import Triage

EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))
KEY = {"Authorization": "Bearer KEY"}
UNTITLED = {"id": 1, "updated_at": NOW.isoformat()}


def with_doors(triage: Triage, folder: Path, work: Callable[[httpx.AsyncClient], Awaitable[None]], **more: Any) -> None:
    async def run() -> None:
        async with doored(triage, folder, **more) as (client, _):
            await work(client)

    asyncio.run(run())


def by_zammad(body: bytes) -> dict[str, str]:
    return {"X-Hub-Signature": "sha1=" + hmac.new(b"zammad-secret", body, hashlib.sha1).hexdigest()}


def by_zendesk(body: bytes) -> dict[str, str]:
    stamp = NOW.astimezone(UTC).isoformat()
    digest = hmac.new(b"zendesk-secret", stamp.encode() + body, hashlib.sha256).digest()
    return {
        "X-Zendesk-Webhook-Signature": base64.b64encode(digest).decode(),
        "X-Zendesk-Webhook-Signature-Timestamp": stamp,
    }


def zammad(ticket: Any = None, article: Any = None) -> bytes:
    whole: dict[str, Any] = {
        "ticket": {"id": 1, "title": "年费", "updated_at": NOW.isoformat()} if ticket is None else ticket,
        "article": {"sender": "Customer", "body": "年费多收了"} if article is None else article,
    }
    return json.dumps(whole).encode()


@pytest.mark.parametrize("door", ["zammad", "zendesk"])
def test_a_signed_door_needs_the_signature_and_the_time(triage: Triage, tmp_path: Path, door: str) -> None:
    example = EXAMPLES[door]

    async def work(client: httpx.AsyncClient) -> None:
        for body, headers in (
            (example.body + b" ", example.headers),
            (example.body, KEY),
            (example.body, {name: value for name, value in example.headers.items() if "Signature" not in name}),
        ):
            answer = await client.post(example.path, content=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
            assert "secret" not in answer.text.replace("the secret of this door", "")

    with_doors(triage, tmp_path, work)

    async def late(client: httpx.AsyncClient) -> None:
        assert (await client.post(example.path, content=example.body, headers=example.headers)).status_code == 401

    with_doors(triage, tmp_path, late, clock=lambda: NOW + timedelta(hours=2))


def test_shut_and_unknown_doors(triage: Triage, tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/doors/zammad", content=b"{}")
        assert (answer.status_code, "not set" in answer.text) == (403, True)
        answer = await client.post("/v1/doors/moon", content=b"{}", headers=KEY)
        assert (answer.status_code, "legal: zammad, zendesk" in answer.text) == (404, True)
        assert (await client.post("/v1/doors/inhouse", content=b"{}")).status_code == 401

    with_doors(triage, tmp_path, work, secrets={})


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        (zammad(), 200, "decided"),
        (zammad(article={"sender": "Agent", "body": "您好"}), 200, "the article is not the customer's"),
        (zammad(article={"sender": "Customer", "internal": True, "body": "x"}), 200, "not the customer's"),
        (zammad(article={}), 200, "no article"),
        (zammad(article={"body": None}), 200, "decided"),
        (zammad(ticket=UNTITLED, article={"body": " \n"}), 422, "article.body is empty"),
        (zammad(article={"body": ["x"]}), 422, "article.body is no text"),
        (zammad(ticket={"id": "1; DROP", "updated_at": NOW.isoformat()}), 422, "ticket.id is no number"),
        (zammad(ticket={"id": True, "updated_at": NOW.isoformat()}), 422, "ticket.id is no number"),
        (zammad(ticket={"id": 1}), 401, "signed time is none"),
        (zammad(ticket=[]), 401, "signed time is none"),
        (b"[]", 400, "no object"),
        (b"{", 400, "no JSON"),
        (b"\xff\xfe", 400, "no JSON"),
        (b"[" * 100_000, 400, "no JSON"),
        (b"", 400, "no JSON"),
        (zammad(article={"body": "\ud800"}), 422, "half a character"),
    ],
)  # fmt: skip
def test_what_zammad_may_send(triage: Triage, tmp_path: Path, body: bytes, status: int, says: str) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/doors/zammad", content=body, headers=by_zammad(body))
        assert (answer.status_code, says in answer.text) == (status, True), answer.text

    with_doors(triage, tmp_path, work)


@pytest.mark.parametrize(
    ("payload", "status", "says"),
    [
        ({"ticket": {"id": "7", "title": "年费", "description": "多收了"}}, 200, "decided"),
        ({"type": "zen:event-type:ticket.created", "detail": {"id": "7", "description": "年费多收"}}, 200, "decided"),
        ({"type": "zen:event-type:ticket.comment_added", "detail": {"id": "7"}}, 200, "skipped"),
        ({"type": "zen:event-type:ticket.created"}, 422, "detail is missing"),
        ({"ticket": {"id": "7"}}, 422, "ticket.description is empty"),
        ({"ticket": {"description": "x"}}, 422, "ticket.id is no number"),
    ],
)
def test_what_zendesk_may_send(triage: Triage, tmp_path: Path, payload: Any, status: int, says: str) -> None:
    body = json.dumps(payload).encode()

    async def work(client: httpx.AsyncClient) -> None:
        answer = await client.post("/v1/doors/zendesk", content=body, headers=by_zendesk(body))
        assert (answer.status_code, says in answer.text) == (status, True), answer.text

    with_doors(triage, tmp_path, work)


def test_json_paths_channels_and_a_signed_door_of_ones_own(triage: Triage, tmp_path: Path) -> None:
    config = configured(
        tmp_path / "configs",
        deep={"kind": "generic", "fields": {"text": "$.items[?@.kind=='complaint'].text", "id": "$.items[0].id"},
              "channel": "phone", "secret": "OWN"},
        odd={"kind": "generic", "fields": {"text": "$.[[["}},
    )  # fmt: skip
    body = json.dumps({"items": [{"kind": "note", "id": 5, "text": "x"}, {"kind": "complaint", "text": "年费多收"}]})

    async def work(client: httpx.AsyncClient) -> None:
        stamp = NOW.isoformat()
        digest = hmac.new(b"own-secret", f"{stamp}.{body}".encode(), hashlib.sha256).hexdigest()
        headers = {"X-Triage-Timestamp": stamp, "X-Triage-Signature": f"sha256={digest}"}
        told = (await client.post("/v1/doors/deep", content=body, headers=headers)).json()
        assert (told["id"], told["decision"]["channel"]["label"]) == ("5", "phone")
        assert (await client.post("/v1/doors/deep", content=body, headers=KEY)).status_code == 401
        assert (await client.post("/v1/doors/odd", content=body, headers=KEY)).status_code == 403
        wrong = {"complaint": {"content": {"no": "text"}}}
        answer = await client.post("/v1/doors/inhouse", json=wrong, headers=KEY)
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "text")

    with_doors(triage, tmp_path, work, config=config, secrets={"OWN": "own-secret"})


@pytest.mark.parametrize(
    ("turns", "status"),
    [
        ([{"role": "客户", "text": "年费多收"}], 200),
        ([{"role": "客户"}], 422),
        ([{"role": "", "text": "x"}], 422),
        ([], 422),
        ("客户：年费", 422),
        ([{"role": "客户", "text": "\ud800"}], 422),
    ],
)
def test_chats(triage: Triage, tmp_path: Path, turns: Any, status: int) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        body = json.dumps({"turns": turns}).encode()
        answer = await client.post("/v1/doors/chat", content=body, headers=KEY)
        assert answer.status_code == status, answer.text

    with_doors(triage, tmp_path, work)


def test_mailboxes(triage: Triage, tmp_path: Path) -> None:
    mail = "Subject: a\nContent-Type: text/plain; charset=utf-8\n\n年费多收了\n".encode()

    async def work(client: httpx.AsyncClient) -> None:
        async def items(body: bytes) -> list[str]:
            return [
                item["status"]
                for item in (await client.post("/v1/doors/mail", content=body, headers=KEY)).json()["items"]
            ]

        assert await items(mail) == ["decided"]
        assert await items(b"From a\n" + mail + b"\n>From the bank\n\nFrom b\n" + mail) == ["decided", "decided"]
        assert await items(b"From a\n\nFrom b\n" + mail) == ["failed", "decided"]
        empty = await client.post("/v1/doors/mail", content=b" ", headers=KEY)
        assert (empty.status_code, "is empty" in empty.text) == (400, True)
        many = await client.post("/v1/doors/mail", content=b"From a\n" * 1001, headers=KEY)
        assert (many.status_code, "1000" in many.text) == (400, True)

    with_doors(triage, tmp_path, work)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = (
    "id",
    "title",
    "subject",
    "description",
    "body",
    "updated_at",
    "created_at",
    "content_type",
    "sender",
    "internal",
)
half_right = st.fixed_dictionaries({}, optional={name: json_values | st.just("年费多收了") for name in NAMES})
payloads = st.one_of(
    json_values,
    st.fixed_dictionaries(
        {},
        optional={"ticket": half_right, "article": half_right, "detail": half_right, "complaint": json_values,
                  "type": st.sampled_from(["zen:event-type:ticket.created", "x"]), "turns": st.lists(half_right)},
    ),
).map(lambda value: json.dumps(value).encode())  # fmt: skip
PIECES = """From a
|Subject: |=?utf-8?b?|?=|Content-Type: |text/html|multipart/mixed; boundary=x|; charset=|gb2312|
|

|--x
|--x--|Date: |<p>|Content-Transfer-Encoding: base64
|年费多收|From: <@|message/rfc822|"|(|[|=?x?q?=ZZ?="""
mails = st.lists(st.sampled_from([*PIECES.encode().split(b"|"), b"\xff\x00"]), max_size=25).map(b"".join)


@pytest.fixture(scope="module")
def strikes() -> list[int]:
    return []


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=payloads | st.binary(max_size=60), mail=mails)
def test_whatever_comes_is_answered_and_never_with_a_5xx(
    triage: Triage, tmp_path: Path, body: bytes, mail: bytes, strikes: list[int]
) -> None:
    async def work(client: httpx.AsyncClient) -> None:
        for door, content, headers in (
            ("zammad", body, by_zammad(body)),
            ("zendesk", body, by_zendesk(body)),
            ("inhouse", body, KEY),
            ("chat", body, KEY),
            ("mail", mail, KEY),
        ):
            answer = await client.post(f"/v1/doors/{door}", content=content, headers=headers)
            strikes.append(answer.status_code)
            assert answer.status_code < 500, (door, answer.text)
            told = answer.json()
            assert "items" in told or "status" in told or told["error"]["message"]

    with_doors(triage, tmp_path, work)


def test_the_fuzz_came_through_the_doors(strikes: list[int]) -> None:
    # A fuzz that is refused at the door would prove nothing.
    assert strikes.count(200) > 20
    assert strikes.count(422) > 20
