"""The desk: what it took is not lost, whatever becomes of the database, the disk and the process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running_postgres import Postgres, emptied
from served import desk_of, settings, until
from sqlalchemy import func, select, text

from triage.config import Config
from triage.pipeline import Triage
from triage.serve.feedback.desk import ConflictError, Desk, UnavailableError
from triage.serve.feedback.schema import FeedbackIn
from triage.serve.feedback.store import Store
from triage.serve.feedback.tables import feedback


def given(number: int = 1, **change: object) -> FeedbackIn:
    return FeedbackIn.model_validate({"decision_id": f"t-{number}", "satisfaction": 3} | change)


def ids(store: Store) -> set[str]:
    with store.engine.begin() as connection:
        return set(connection.scalars(select(feedback.c.decision_id)))


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_a_database_that_stops_and_starts_again(config: Config, tmp_path: Path, postgres: Postgres) -> None:
    emptied(postgres.url)

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, database=postgres.url, patience=5)) as desk:
            await until(lambda: desk.state().database)
            await desk.give(given(1), key="1")
            postgres.stop()
            try:
                receipt = await desk.give(given(2), key="2")
                assert await desk.give(given(2), key="2") == receipt
                with pytest.raises(ConflictError):
                    await desk.give(given(2, satisfaction=5), key="2")
                with pytest.raises(UnavailableError):
                    await desk.reviews(limit=1)
                state = desk.state()
                assert not state.database
                assert state.spooled_bytes > 0
            finally:
                postgres.start()
            await until(lambda: desk.state().spooled_bytes == 0, seconds=40)
            assert ids(desk.store) == {"t-1", "t-2"}
            assert await desk.give(given(2), key="2") == receipt
            with pytest.raises(ConflictError):
                await desk.give(given(2, satisfaction=5), key="2")

    asyncio.run(run())


def test_a_database_that_hangs_holds_nobody_up(config: Config, tmp_path: Path, postgres: Postgres) -> None:
    emptied(postgres.url)

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, database=postgres.url)) as desk:
            await desk.give(given(1), key="1")
            await until(lambda: desk.state().database and desk.state().spooled_bytes == 0, seconds=40)
            blocker = Store(postgres.url)
            with blocker.engine.begin() as connection:
                connection.execute(text("LOCK TABLE feedback IN ACCESS EXCLUSIVE MODE"))
                # The lock is never released while it waits: it would wait for ever.
                await asyncio.wait_for(desk.give(given(2), key="2"), 20)
            blocker.close()
            await until(lambda: desk.state().spooled_bytes == 0, seconds=40)
            assert ids(desk.store) == {"t-1", "t-2"}

    asyncio.run(run())


def test_a_database_that_comes_only_later(config: Config, tmp_path: Path) -> None:
    folder = tmp_path / "not yet"

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, database=f"sqlite:///{folder / 'feedback.db'}")) as desk:
            await desk.give(given(1), key="1")
            assert desk.state().spooled_bytes > 0
            folder.mkdir()
            await until(lambda: desk.state().spooled_bytes == 0)
            assert ids(desk.store) == {"t-1"}

    asyncio.run(run())


def test_neither_database_nor_disk(config: Config, tmp_path: Path) -> None:
    limits = settings(tmp_path, database=f"sqlite:///{tmp_path / 'no' / 'feedback.db'}", spool_bytes=1 << 16)

    async def run() -> int:
        async with desk_of(config, limits) as desk:
            for number in range(1000):
                try:
                    await desk.give(given(number, note="长" * 3000), key=str(number))
                except UnavailableError:
                    (tmp_path / "no").mkdir()
                    await until(lambda: desk.state().spooled_bytes == 0)
                    assert ids(desk.store) == {f"t-{kept}" for kept in range(number)}
                    return number
        raise AssertionError("the disk never filled up")

    assert asyncio.run(run()) > 3


GIVES = """
import asyncio, sys
from pathlib import Path
from triage.config import load
from triage.serve.feedback import Desk, FeedbackSettings
from triage.serve.feedback.schema import FeedbackIn

async def run():
    database, folder = sys.argv[1:]
    settings = FeedbackSettings(database=database, folder=Path(folder), patience=0.5)
    config = load()
    desk = Desk(settings, lambda: config, interval=0.02)
    await desk.start()
    number = 0
    while True:
        await desk.give(FeedbackIn(decision_id=f"t-{number}", satisfaction=3), key=str(number))
        print(number, flush=True)
        number += 1

asyncio.run(run())
"""


@pytest.mark.parametrize("there", [True, False], ids=["into the database", "onto the disk"])
def test_kill_9_while_feedback_is_written(config: Config, tmp_path: Path, *, there: bool) -> None:
    place = tmp_path / "later"
    if there:
        place.mkdir()
    url = f"sqlite:///{place / 'feedback.db'}"
    with subprocess.Popen([sys.executable, "-c", GIVES, url, tmp_path], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"0\n"
        time.sleep(0.7)
        os.kill(process.pid, 9)
        acknowledged = 1 + process.stdout.read().count(b"\n")
    assert acknowledged > 1
    place.mkdir(exist_ok=True)

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, database=url)) as desk:
            await until(lambda: desk.state().spooled_bytes == 0)
            assert ids(desk.store) >= {f"t-{number}" for number in range(acknowledged)}
            assert len(ids(desk.store)) <= acknowledged + 1

    asyncio.run(run())


def test_decisions_are_kept_without_the_customer_s_data(config: Config, triage: Triage, tmp_path: Path) -> None:
    said = "我叫王小明，手机13812345678，身份证11010519491231002X，信用卡被盗刷三千元，卡号6222021234567890128，退款"
    decision = triage.predict(said, id="13812345678")

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, keep="all")) as desk:
            desk.record(decision, subject="customer-1")
            await desk.give(given(7, note=said, text=said, subject="customer-1"), key="13812345678")
            # A decision is kept soon, not at once.
            async with asyncio.timeout(60):
                while (item := await desk.review("13812345678")) is None:
                    await asyncio.sleep(0.02)
            assert item.text == decision.redacted_text
            pieces = item.decision["business"]["evidence"]
            assert pieces
            assert all(item.text[piece["start"] : piece["end"]] == piece["text"] for piece in pieces)
            assert await desk.review(item.id) == item

    asyncio.run(run())
    kept = everything(tmp_path)
    assert b"t-7" in kept
    for secret in ("13812345678", "11010519491231002X", "6222021234567890128", "王小明", "customer-1"):
        assert secret.encode() not in kept, secret


def test_only_what_a_person_must_see_is_kept_by_default(config: Config, triage: Triage, tmp_path: Path) -> None:
    import dataclasses

    decision = triage.predict("信用卡年费多收了", id="a")

    async def run() -> None:
        async with desk_of(config, settings(tmp_path)) as desk:
            desk.record(dataclasses.replace(decision, id="auto", decision="auto"))
            desk.record(dataclasses.replace(decision, id="review", decision="review"))
            async with asyncio.timeout(60):
                while await desk.review("review") is None:
                    await asyncio.sleep(0.02)
            assert [item.id for item in (await desk.reviews(limit=9)).items] == ["review"]
            assert await desk.review("auto") is None

    asyncio.run(run())


def test_forgetting_reaches_what_waits_on_disk(config: Config, tmp_path: Path) -> None:
    place = tmp_path / "later"

    async def run() -> None:
        async with desk_of(config, settings(tmp_path, database=f"sqlite:///{place / 'feedback.db'}")) as desk:
            await desk.give(given(1, subject="她"), key="1")
            await desk.give(given(2, subject="他"), key="2")
            with pytest.raises(UnavailableError):
                await desk.forget("她")
            place.mkdir()
            await until(lambda: desk.state().database)
            await desk.forget("她")
            await until(lambda: desk.state().spooled_bytes == 0)
            assert ids(desk.store) == {"t-2"}

    asyncio.run(run())


def test_the_key_is_made_once_and_kept(config: Config, tmp_path: Path) -> None:
    async def run() -> None:
        async with desk_of(config, settings(tmp_path, key=None)) as desk:
            first = await desk.give(given(1), key="1")
        async with desk_of(config, settings(tmp_path, key=None)) as desk:
            assert await desk.give(given(1), key="1") == first
            with desk.store.engine.begin() as connection:
                assert connection.execute(select(func.count()).select_from(feedback)).scalar_one() == 1

    asyncio.run(run())
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_desk_that_never_started_stops(config: Config, tmp_path: Path) -> None:
    asyncio.run(Desk(settings(tmp_path), lambda: config).stop())
