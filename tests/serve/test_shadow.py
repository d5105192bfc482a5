from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from served_app import Modelled, app_in, served

from triage.config import Config
from triage.errors import ModelError
from triage.pipeline import Request
from triage.types import Decision

TEXTS = ("信用卡被盗刷三万元，客服不理", "谢谢你们，问题已经解决", "卡被吞了")


class Candidate(Modelled):
    """Calls every complaint by the first name in its list."""

    def decide(self, requests: Sequence[Request], **how: Any) -> list[Any]:
        answers = super().decide(requests, **how)
        import dataclasses

        for answer in answers:
            assert isinstance(answer, Decision)
        return [
            dataclasses.replace(answer, business=dataclasses.replace(answer.business, label="forex"))
            for answer in answers
            if isinstance(answer, Decision)
        ]


def _loader(config: Config, candidate: Path, think: Any) -> Any:
    def load(model: Path | None, **_: Any) -> Modelled:
        if model == candidate:
            return Candidate(config, think, version="m-2")
        return Modelled(config, lambda _: None)

    return load


def test_a_candidate_judges_unseen_and_is_reported(tmp_path: Path, config: Config) -> None:
    folder = tmp_path / "candidate"

    async def run() -> dict[str, Any]:
        settings: dict[str, Any] = {"shadow": folder, "loader": _loader(config, folder, lambda _: None)}
        async with served(tmp_path, **settings) as client:
            sent = [{"id": f"c-{at}", "text": text} for at, text in enumerate(TEXTS)]
            answers = (await client.post("/v1/predict/batch", json={"items": sent})).json()["items"]
            assert {answer["model_version"] for answer in answers} == {"m-1"}
            assert "forex" not in {answer["business"]["label"] for answer in answers}
            for _ in range(100):
                report: dict[str, Any] = (await client.get("/v1/admin/shadow")).json()
                if report["compared"] == len(TEXTS):
                    break
                await asyncio.sleep(0.05)
            return report

    report = asyncio.run(run())
    assert (report["candidate"], report["current"]) == ("m-2", {"m-1": 3})
    assert (report["compared"], report["same"], report["facets"]["business"]["differ"]) == (3, 0, 3)
    assert report["facets"]["business"]["examples"] == ["c-0", "c-1", "c-2"]
    assert report["facets"]["urgency"]["differ"] == 0
    written = next((tmp_path / "state").glob("shadow-*.json")).read_text(encoding="utf-8")
    assert json.loads(written) == report
    assert not [text for text in TEXTS if text in written]


def test_a_slow_or_broken_candidate_holds_nobody_up(tmp_path: Path, config: Config) -> None:
    folder = tmp_path / "candidate"

    def breaks(_: Sequence[str]) -> None:
        time.sleep(0.5)
        raise RuntimeError

    async def run() -> None:
        async with served(tmp_path, shadow=folder, loader=_loader(config, folder, breaks)) as client:
            began = time.monotonic()
            for text in TEXTS:
                assert (await client.post("/v1/predict", json={"text": text})).json()["degraded"] == []
            assert time.monotonic() - began < 1.4
            await asyncio.sleep(0.7)
            report = (await client.get("/v1/admin/shadow")).json()
            assert (report["compared"], report["failed"] > 0) == (0, True)

    asyncio.run(run())


def test_a_candidate_that_cannot_be_loaded_and_none_at_all(tmp_path: Path, config: Config) -> None:
    def load(model: Path | None, **_: Any) -> Modelled:
        if model is not None:
            raise ModelError(f"{model}: no model")
        return Modelled(config, lambda _: None)

    async def run(**settings: Any) -> None:
        async with served(tmp_path, loader=load, **settings) as client:
            assert (await client.post("/v1/predict", json={"text": TEXTS[0]})).status_code == 200
            answer = await client.get("/v1/admin/shadow")
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")

    asyncio.run(run(shadow=tmp_path / "candidate"))
    asyncio.run(run())
    assert "/v1/admin/shadow" in app_in(tmp_path).openapi()["paths"]
