from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from served_app import Modelled, loads, served

from triage.config import Config
from triage.pipeline import Triage
from triage.serve.audit import first_break
from triage.serve.keys import new_key, write_keys

TEXT = "信用卡被盗刷三万元，客服不理"


STATUSES: list[tuple[bytes, int, str | None, str | None]] = [
    (b'{"text": "\xe5\x8d\xa1\xe8\xa2\xab\xe5\x90\x9e\xe4\xba\x86"}', 200, None, None),
    (b"", 422, "invalid", None),
    (b"{", 400, "malformed", None),
    (b'{"text": "\xff\xfe"}', 400, "malformed", None),
    (b"[" * 10_000 + b"]" * 10_000, 400, "too_deep", None),
    (b"[]", 422, "invalid", None),
    (b"{}", 422, "invalid", "text"),
    (b'{"text": ""}', 422, "invalid", "text"),
    (b'{"text": " \\n"}', 422, "invalid", "text"),
    (b'{"text": 5}', 422, "invalid", "text"),
    (b'{"text": "\\ud800"}', 422, "invalid", "text"),
    (b'{"text": "a", "id": "\\udfff"}', 422, "invalid", "id"),
    (b'{"text": "a", "more": 1}', 422, "invalid", None),
    (b'{"text": "a", "channel": "fax"}', 422, "invalid", "channel"),
    (b'{"text": "a", "received": "2026-11-24T09:00:00"}', 422, "invalid", "received"),
    (b'{"text": "a", "received": 5}', 422, "invalid", "received"),
    (b'{"text": "a", "received": "0001-01-01T00:00:00Z"}', 422, "invalid", "received"),
    (b'{"text": "a", "received": "2026-11-24T09:00:00Z", "channel": "phone"}', 200, None, None),
    (b'{"text": "' + b"a" * 5_001 + b'"}', 413, "too_large", "text"),
    (b'{"text": "' + b"a" * 60_000 + b'"}', 413, "too_large", None),
]


def test_statuses(tmp_path: Path, triage: Triage) -> None:
    json_type = {"Content-Type": "application/json"}

    async def run() -> None:
        async with served(tmp_path, loader=loads(triage), max_body=50_000, max_text=5_000) as client:
            for body, status, code, field in STATUSES:
                answer = await client.post("/v1/predict", content=body, headers=json_type)
                error = answer.json().get("error", {})
                found = (answer.status_code, error.get("code"), error.get("field"))
                assert found == (status, code, field), body[:80]
                assert error.get("request_id", answer.headers["x-request-id"]) == answer.headers["x-request-id"]

    asyncio.run(run())


def test_a_decision_is_the_librarys_own(tmp_path: Path, triage: Triage) -> None:
    async def run() -> None:
        async with served(tmp_path, loader=loads(triage)) as client:
            sent = {"id": "c-1", "text": TEXT, "received": "2026-11-24T09:00:00+08:00", "channel": "phone"}
            one = (await client.post("/v1/predict", json=sent)).json()
            many = (await client.post("/v1/predict/batch", json={"items": [sent, sent]})).json()
            kserve = (await client.post("/v2/models/triage/infer", json=_tensors([sent]))).json()
        from datetime import datetime

        expected = triage.predict(TEXT, id="c-1", channel="phone", received=datetime.fromisoformat(sent["received"]))
        assert one == expected.to_dict()
        assert many == {"items": [one, one]}
        outputs = {output["name"]: output["data"] for output in kserve["outputs"]}
        assert json.loads(outputs["decision"][0]) == one
        assert outputs["urgency"] == [one["urgency"]["label"]]

    asyncio.run(run())


def _tensors(rows: Sequence[dict[str, str]]) -> dict[str, Any]:
    return {
        "inputs": [
            {"name": name, "shape": [len(rows)], "datatype": "BYTES", "data": [row[name] for row in rows]}
            for name in rows[0]
        ]
    }


def test_an_error_stays_inside_its_item(tmp_path: Path, triage: Triage) -> None:
    items: list[Any] = [
        {"id": "1", "text": TEXT}, {"id": "2", "text": " "}, 5, {"id": "4"}, {"id": "5", "text": "a", "channel": "fax"},
        {"id": "6", "text": TEXT},
    ]  # fmt: skip

    async def run() -> None:
        async with served(tmp_path, loader=loads(triage)) as client:
            answer = await client.post("/v1/predict/batch", json={"items": items})
            assert answer.status_code == 200
            found = answer.json()["items"]
            assert [item["id"] for item in found] == ["1", "2", None, "4", "5", "6"]
            assert [item.get("error", {}).get("field") for item in found] == [
                None,
                "text",
                None,
                "text",
                "channel",
                None,
            ]
            assert [("error" in item) for item in found] == [False, True, True, True, True, False]
            assert (await client.post("/v1/predict/batch", json={"items": []})).status_code == 422
            assert (await client.post("/v1/predict/batch", json={"items": [5] * 1001})).status_code == 413

    asyncio.run(run())


def _poisoned(texts: Sequence[str]) -> None:
    if any("毒" in text for text in texts):
        raise RuntimeError("the model broke on 13812345678")


def test_a_poisoned_item_is_judged_by_rules_and_the_others_by_the_model(tmp_path: Path, config: Config) -> None:
    async def run() -> None:
        async with served(tmp_path, loader=loads(Modelled(config, _poisoned))) as client:
            items = [{"text": TEXT}, {"text": TEXT + "毒"}, {"text": TEXT}]
            found = (await client.post("/v1/predict/batch", json={"items": items})).json()["items"]
            assert [item["source"] for item in found] == ["model", "rules", "model"]
            assert [[notice["code"] for notice in item["degraded"]] for item in found] == [[], ["model_broken"], []]
            assert found[1]["decision"] == "review"
            assert (await client.get("/readyz")).json()["source"] == "model"

    asyncio.run(run())


def test_a_model_that_keeps_breaking_rests_and_is_tried_again(tmp_path: Path, config: Config) -> None:
    broken = True
    asked = 0

    def think(texts: Sequence[str]) -> None:
        nonlocal asked
        asked += 1
        if broken and any(TEXT in text for text in texts):
            raise RuntimeError

    async def run() -> None:
        nonlocal broken
        settings = {"breaker_failures": 2, "breaker_rest": 0.3}
        async with served(tmp_path, loader=loads(Modelled(config, think)), **settings) as client:

            async def one() -> tuple[str, list[str]]:
                found = (await client.post("/v1/predict", json={"text": TEXT})).json()
                return found["source"], [notice["code"] for notice in found["degraded"]]

            assert await one() == ("rules", ["model_broken"])
            assert await one() == ("rules", ["model_broken"])
            before = asked
            assert await one() == ("rules", ["model_resting"])
            assert asked == before
            assert (await client.get("/readyz")).json()["degraded"][0]["code"] == "model_resting"
            assert "triage_model_up 0.0" in (await client.get("/metrics")).text
            broken = False
            await asyncio.sleep(0.35)
            assert await one() == ("model", [])
            assert (await client.get("/readyz")).json()["source"] == "model"
            assert "triage_model_up 1.0" in (await client.get("/metrics")).text

    asyncio.run(run())


def test_a_model_that_hangs_is_left_behind_and_the_loop_goes_on(tmp_path: Path, config: Config) -> None:
    def think(texts: Sequence[str]) -> None:
        if any("慢" in text for text in texts):
            time.sleep(4)

    async def run() -> None:
        async with served(tmp_path, loader=loads(Modelled(config, think)), budget=0.1) as client:
            slow = asyncio.create_task(client.post("/v1/predict", json={"text": TEXT + "慢"}))
            await asyncio.sleep(0.1)
            assert (await client.get("/healthz")).status_code == 200
            assert not slow.done()
            found = (await slow).json()
            assert (found["source"], found["degraded"][0]["code"]) == ("rules", "model_slow")
            found = (await client.post("/v1/predict", json={"text": TEXT})).json()
            assert found["degraded"][0]["code"] == "model_resting"

    asyncio.run(run())


@pytest.mark.parametrize("kind", ["missing", "broken"])
def test_a_service_without_its_model_starts_and_says_so(tmp_path: Path, kind: str) -> None:
    folder = tmp_path / "model"
    if kind == "broken":
        folder.mkdir()
        (folder / "model.json").write_text("{}")

    async def run() -> None:
        async with served(tmp_path, model=folder) as client:
            ready = (await client.get("/readyz")).json()
            code = {"missing": "model_missing", "broken": "model_unusable"}[kind]
            assert (ready["ready"], ready["source"], ready["degraded"][0]["code"]) == (True, "rules", code)
            found = (await client.post("/v1/predict", json={"text": TEXT})).json()
            assert (found["source"], found["degraded"][0]["code"], found["decision"]) == ("rules", code, "review")
            assert str(tmp_path) not in json.dumps([ready, found])

    asyncio.run(run())


def _taxonomy(folder: Path, config_dir: Path, version: str) -> None:
    folder.mkdir(exist_ok=True)
    lines = (config_dir / "taxonomy.yaml").read_text(encoding="utf-8").splitlines(keepends=True)
    text = "".join(f'version: "{version}"\n' if line.startswith("version:") else line for line in lines)
    (folder / "taxonomy.yaml").write_text(text, encoding="utf-8")


def test_reload_under_load_refusal_and_roll_back(tmp_path: Path) -> None:
    configs = tmp_path / "configs"
    default = Path(__file__).parents[2] / "configs"
    _taxonomy(configs, default, "one")

    async def run() -> None:
        async with served(tmp_path, configs=configs, queue_seconds=60, deadline=60, rules_only=True) as client:
            stop = asyncio.Event()
            statuses: list[int] = []
            versions: list[str] = []

            async def load() -> None:
                while not stop.is_set():
                    answer = await client.post("/v1/predict", json={"text": TEXT})
                    statuses.append(answer.status_code)
                    versions.append(answer.json()["taxonomy_version"].partition("+")[0])

            callers = [asyncio.create_task(load()) for _ in range(4)]
            _taxonomy(configs, default, "two")
            # Two at once: one is done, the other told to come again.
            both = await asyncio.gather(*(client.post("/v1/admin/reload") for _ in range(2)))
            assert sorted(answer.status_code for answer in both) == [200, 409]
            assert {answer.json().get("error", {}).get("code") for answer in both} == {None, "reloading"}
            (configs / "taxonomy.yaml").write_text("version: [", encoding="utf-8")
            refused = await client.post("/v1/admin/reload")
            assert (refused.status_code, refused.json()["error"]["code"]) == (422, "refused")
            assert "taxonomy.yaml" in refused.json()["error"]["message"]
            assert (await client.get("/readyz")).json()["taxonomy_version"].startswith("two")
            back = await client.post("/v1/admin/rollback")
            assert back.json()["now"]["taxonomy_version"].startswith("one")
            forth = await client.post("/v1/admin/rollback")
            assert forth.json()["now"]["taxonomy_version"].startswith("two")
            stop.set()
            await asyncio.gather(*callers)
            assert set(statuses) == {200}
            assert set(versions) == {"one", "two"}
        lines = [json.loads(line) for line in (tmp_path / "audit.jsonl").read_text().splitlines()]
        assert sorted(line["outcome"] for line in lines) == ["done", "done", "done", "refused", "reloading"]
        assert first_break(tmp_path / "audit.jsonl") is None

    asyncio.run(run())


def test_two_workers_agree_on_the_version_in_force(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_BOOT", "one-start")
    configs = tmp_path / "configs"
    default = Path(__file__).parents[2] / "configs"
    _taxonomy(configs, default, "one")

    async def run() -> None:
        common: dict[str, Any] = {"configs": configs, "rules_only": True}
        async with served(tmp_path, **common) as first:
            _taxonomy(configs, default, "two")  # Altered before the second worker starts: it must not be seen.
            async with served(tmp_path, **common) as second:
                assert (await second.get("/readyz")).json() == (await first.get("/readyz")).json()
                assert (await first.post("/v1/admin/reload")).status_code == 200
                for _ in range(300):
                    ready = (await second.get("/readyz")).json()
                    if ready["taxonomy_version"].startswith("two"):
                        break
                    await asyncio.sleep(0.1)
                assert ready == (await first.get("/readyz")).json()

    asyncio.run(run())


def test_a_wall_clock_that_steps_changes_nothing(tmp_path: Path, triage: Triage, monkeypatch: Any) -> None:
    async def run() -> None:
        async with served(tmp_path, loader=loads(triage), deadline=5, body_seconds=5) as client:
            for step in (-1e6, 1e6, 0.0):
                monkeypatch.setattr(time, "time", lambda step=step: 1.8e9 + step)
                answer = await client.post("/v1/predict", json={"text": TEXT})
                assert answer.status_code == 200

    asyncio.run(run())


def test_scopes(tmp_path: Path, triage: Triage) -> None:
    made = {scope: new_key(scope, [scope]) for scope in ("predict", "feedback", "admin")}  # type: ignore[list-item]
    write_keys(tmp_path / "keys.json", [key for _, key in made.values()])
    addresses = [
        ("POST", "/v1/predict", "predict"), ("POST", "/v1/predict/batch", "predict"),
        ("GET", "/v1/taxonomy", "predict"),
        ("POST", "/v2/models/triage/infer", "predict"), ("POST", "/v1/admin/reload", "admin"),
        ("POST", "/v1/admin/rollback", "admin"), ("POST", "/v1/feedback", "feedback"),
        ("POST", "/v1/feedback/forget", "admin"), ("GET", "/v1/review", "feedback"), ("GET", "/metrics", None),
        ("GET", "/healthz", "nobody"), ("GET", "/readyz", "nobody"), ("GET", "/docs", "nobody"),
    ]  # fmt: skip

    async def run() -> None:
        keys = {"auth": True, "keys": tmp_path / "keys.json"}
        async with served(tmp_path, loader=loads(triage), **keys) as client:
            for method, path, scope in addresses:
                without = (await client.request(method, path)).status_code
                assert (without == 401) is (scope != "nobody"), path
                for held, (whole, _) in made.items():
                    by_header = {"X-API-Key": whole} if held == "admin" else {"Authorization": f"Bearer {whole}"}
                    status = (await client.request(method, path, headers=by_header)).status_code
                    assert (status == 403) is (scope not in {held, None, "nobody"}), (path, held)
                    assert status != 401, (path, held)

    asyncio.run(run())


@pytest.mark.parametrize(
    ("host", "status"), [("localhost:8000", 200), ("[::1]:80", 200), ("evil.example", 421), ("", 421)]
)
def test_without_keys_only_loopback_names_are_served(tmp_path: Path, triage: Triage, host: str, status: int) -> None:
    async def run() -> None:
        async with served(tmp_path, loader=loads(triage)) as client:
            assert (await client.get("/readyz", headers={"Host": host})).status_code == status

    asyncio.run(run())


def test_every_answer_has_its_headers(tmp_path: Path, triage: Triage) -> None:
    ident = "0123456789abcdef0123456789abcdef"

    async def run() -> None:
        async with served(tmp_path, loader=loads(triage)) as client:
            for path in ("/healthz", "/nowhere", "/v1/predict", "/docs"):
                headers = (await client.get(path, headers={"X-Request-Id": ident})).headers
                assert headers["x-request-id"] == ident
                assert headers["x-content-type-options"] == "nosniff"
                assert "frame-ancestors 'none'" in headers["content-security-policy"]
            for loose in ("13812345678", "110101199003077758", "a" * 33, ident + "\t"):
                assert (await client.get("/healthz", headers={"X-Request-Id": loose})).headers["x-request-id"] != loose
            page = (await client.get("/docs")).text
            assert "http://" not in page
            assert "https://" not in page
            assert (await client.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200

    asyncio.run(run())
