from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from served_app import loads, served

from triage.pipeline import Triage
from triage.serve.errors import ApiError
from triage.serve.keys import new_key, write_keys
from triage.serve.rates import Rates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def asked(rates: Rates, key: str = "desk") -> int:
    """Return 0 when it is let through, else the seconds to wait."""
    try:
        rates.take(key)
    except ApiError as error:
        assert (error.status, error.code) == (429, "too_many_requests")
        return int(error.headers["Retry-After"])
    return 0


def test_a_full_bucket_then_the_steady_rate() -> None:
    clock = Clock()
    rates = Rates(2.0, 3, clock=clock)
    assert [asked(rates) for _ in range(5)] == [0, 0, 0, 1, 1]
    clock.now += 0.45
    assert asked(rates) == 1
    clock.now += 0.1
    assert [asked(rates) for _ in range(2)] == [0, 1]
    clock.now += 3600  # It fills to the brim and no further.
    assert [asked(rates) for _ in range(4)] == [0, 0, 0, 1]


def test_a_large_batch_is_let_through_once_and_paid_for_after() -> None:
    clock = Clock()
    rates = Rates(10.0, 20, clock=clock)
    assert asked(rates) == 0
    rates.owe("desk", 499)
    assert asked(rates) == 49  # 500 tokens, of which 20 were there and one must come: 48.1 s.
    clock.now += 48
    assert asked(rates) == 1
    clock.now += 0.2
    assert asked(rates) == 0


@pytest.mark.parametrize(("rate", "key", "expected"), [(1.0, "desk", 1), (1.0, "other", 0), (None, "desk", 0)])
def test_each_key_has_its_own_bucket(rate: float | None, key: str, expected: int) -> None:
    rates = Rates(rate, 1, clock=Clock())
    assert asked(rates) == 0
    assert asked(rates, key) == expected


def test_over_http(tmp_path: Path, triage: Triage) -> None:
    made = {name: new_key(name, ["predict"]) for name in ("desk", "other")}
    write_keys(tmp_path / "keys.json", [key for _, key in made.values()])
    settings = {"auth": True, "keys": tmp_path / "keys.json", "rate": 0.01, "rate_burst": 4}

    async def run() -> None:
        async with served(tmp_path, loader=loads(triage), **settings) as client:

            async def post(name: str, path: str, body: object) -> tuple[int, str | None]:
                headers = {"Authorization": f"Bearer {made[name][0]}"}
                answer = await client.post(path, json=body, headers=headers)
                if answer.status_code == 429:
                    assert answer.json()["error"]["code"] == "too_many_requests"
                return answer.status_code, answer.headers.get("retry-after")

            one, many = {"text": "卡被吞了"}, {"items": [{"text": "卡被吞了"}] * 3}
            assert await post("desk", "/v1/predict", one) == (200, None)
            assert await post("desk", "/v1/predict/batch", many) == (200, None)
            status, wait = await post("desk", "/v1/predict", one)
            assert status == 429
            assert 90 < int(wait or 0) <= 100
            # Another key is served, and what asks for no key always is; a wrong key takes no token of a right one.
            assert await post("other", "/v1/predict", one) == (200, None)
            assert (await client.get("/readyz")).status_code == 200
            wrong = {"Authorization": f"Bearer {made['other'][0]}x"}
            for _ in range(6):
                assert (await client.post("/v1/predict", json=one, headers=wrong)).status_code == 401
            assert await post("other", "/v1/predict", one) == (200, None)
            assert 'triage_errors_total{code="too_many_requests"} 1.0' in await _metrics(client, made["other"][0])

    asyncio.run(run())


async def _metrics(client: object, whole: str) -> str:
    import httpx

    assert isinstance(client, httpx.AsyncClient)
    return (await client.get("/metrics", headers={"X-API-Key": whole})).text
