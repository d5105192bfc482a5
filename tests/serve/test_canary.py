"""Planted personal data must not come out anywhere but in the decision that its sender gets."""

from __future__ import annotations

import asyncio
import io
import json
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx
from served_app import Modelled, served

from triage.config import Config
from triage.errors import InputError, TriageError
from triage.pipeline import Request
from triage.serve.logs import JsonFormatter
from triage.types import Decision

PLANTED = ("110101199003077758", "6222021234567890128", "13812345678", "zhangsan@example.com")
ALL = "、".join(PLANTED)


class Broken(Modelled):
    """Breaks with the text in its message, as a careless library would."""

    def decide(self, requests: Sequence[Request], **how: Any) -> list[Decision | TriageError]:
        for request in requests:
            if "炸" in str(request.text):
                raise RuntimeError(f"cannot read {request.text}")
            if "错" in str(request.text):
                return [InputError(f"text is {request.text}", field="text")] * len(requests)
        return super().decide(requests, **how)


def _nothing(_: Sequence[str]) -> None:
    return


async def _everything(client: httpx.AsyncClient) -> list[httpx.Response]:
    found = []
    for text in (ALL + "炸", ALL + "错", " "):
        found.append(await client.post("/v1/predict", json={"text": text}))
        found.append(await client.post("/v1/predict/batch", json={"items": [{"text": text}, ALL, {ALL: ALL}]}))
    for body in (
        {"text": "a", "channel": ALL}, {"text": "a", "received": ALL}, {"text": "a", ALL: ALL}, {"text": [ALL]}, ALL,
        {"inputs": [{"name": ALL, "shape": [1], "datatype": "BYTES", "data": [ALL]}]},
    ):  # fmt: skip
        for path in ("/v1/predict", "/v2/models/triage/infer", "/v1/feedback"):
            found.append(await client.post(path, json=body))  # noqa: PERF401
    found.append(await client.post("/v1/predict", content=f'{{"text": "{ALL}'.encode()))
    found.append(await client.post("/v1/predict", content=ALL.encode(), headers={"Content-Type": "application/json"}))
    for number in PLANTED:
        found.append(await client.get(f"/v1/{number}?q={number}", headers={"X-Request-Id": number, "Cookie": number}))
        found.append(await client.get(f"/v2/models/{number}"))
        found.append(await client.get("/v1/review", params={"limit": number, "after": number}))
    return found


def test_nothing_planted_comes_out(tmp_path: Path, config: Config) -> None:
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger()
    logger.addHandler(handler)
    level = logging.getLogger("triage").level
    logging.getLogger("triage").setLevel("DEBUG")

    async def run() -> list[str]:
        async with served(tmp_path, loader=lambda *_, **__: Broken(config, _nothing)) as client:
            answers = await _everything(client)
            assert (await client.post("/v1/predict", json={"text": ALL, "id": PLANTED[2]})).status_code == 200
            metrics = (await client.get("/metrics")).text
            assert {answer.status_code for answer in answers} >= {200, 400, 404, 415, 422, 500}
            return [metrics, *(answer.text + str(answer.headers) for answer in answers)]

    try:
        texts = asyncio.run(run())
        # What other libraries log goes through the same formatter.
        logging.getLogger("uvicorn.error").error("Traceback\n ValueError: %s", ALL)
        logging.getLogger("asyncio").error(f"Task exception was never retrieved {ALL}")
        try:
            raise ValueError(ALL)
        except ValueError:
            logging.getLogger("other").exception("failed on %s", ALL)
    finally:
        logger.removeHandler(handler)
        logging.getLogger("triage").setLevel(level)
    lines = written.getvalue().splitlines()
    assert len(lines) > len(texts)
    assert all(json.loads(line) for line in lines)
    assert any('"exception":"RuntimeError"' in line for line in lines)
    for number in PLANTED:
        assert not [text for text in (*texts, *lines) if number in text]
