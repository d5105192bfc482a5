from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from triage.serve.batching import Batcher, Bounds
from triage.serve.errors import ApiError
from triage.serve.metrics import Metrics


class Judge:
    """Answers each text with itself in capitals; fails on ``boom``; holds still while shut; remembers its batches."""

    def __init__(self, *, seconds: float = 0.0) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()
        self.open.set()
        self._seconds = seconds

    async def __call__(self, texts: Sequence[str]) -> list[str | Exception]:
        self.batches.append(list(texts))
        await self.open.wait()
        if self._seconds:
            await asyncio.sleep(self._seconds * len(texts))
        if "crash" in texts:
            raise RuntimeError("the judge itself broke")
        return [ValueError(text) if text == "boom" else text.upper() for text in texts]


def running(
    body: Callable[[Judge, Batcher[str, str]], Awaitable[None]], *, seconds: float = 0.0, **bounds: Any
) -> None:
    async def run() -> None:
        judge = Judge(seconds=seconds)
        batcher: Batcher[str, str] = Batcher(
            judge, size=len, bounds=Bounds(**{"batch_seconds": 60, "queue_seconds": 60} | bounds), metrics=Metrics()
        )
        batcher.start()
        try:
            await body(judge, batcher)
        finally:
            judge.open.set()
            await batcher.stop()
        assert batcher.waiting == (0, 0)

    asyncio.run(run())


async def refused(call: Awaitable[object]) -> ApiError:
    with pytest.raises(ApiError) as caught:
        await call
    return caught.value


def test_one_call_alone_runs_at_once_and_alone() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        assert await batcher.submit(["a"], seconds=5) == ["A"]
        assert await batcher.submit([], seconds=5) == []
        assert judge.batches == [["a"]]

    running(body)


def test_what_arrives_while_a_batch_runs_is_the_next_batch_in_order() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        judge.open.clear()
        calls = [asyncio.create_task(batcher.submit([text], seconds=5)) for text in "abcdef"]
        await asyncio.sleep(0.01)
        assert batcher.waiting == (2, 2)
        judge.open.set()
        assert [await call for call in calls] == [["A"], ["B"], ["C"], ["D"], ["E"], ["F"]]
        assert judge.batches == [["a", "b", "c", "d"], ["e", "f"]]

    running(body, batch_items=4)


def test_an_error_stays_with_its_item_and_order_is_kept() -> None:
    async def body(_: Judge, batcher: Batcher[str, str]) -> None:
        answers = await batcher.submit(["a", "boom", "c"], seconds=5)
        assert answers[0] == "A"
        assert isinstance(answers[1], ValueError)
        assert answers[2] == "C"

    running(body)


def test_a_judge_that_breaks_answers_with_its_error_and_the_next_batch_goes_on() -> None:
    async def body(_: Judge, batcher: Batcher[str, str]) -> None:
        assert [type(answer) for answer in await batcher.submit(["crash", "b"], seconds=5)] == [RuntimeError] * 2
        assert await batcher.submit(["c"], seconds=5) == ["C"]

    running(body)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["aaaa", "bbbb", "cccc"], [["aaaa", "bbbb"], ["cccc"]]),
        (["a" * 50, "b"], [["a" * 50], ["b"]]),
        (["a", "b" * 50, "c"], [["a"], ["b" * 50], ["c"]]),
        (["aaaa", "bbbbb"], [["aaaa", "bbbbb"]]),
    ],
)
def test_a_batch_is_bounded_in_characters_but_one_long_text_is_judged(
    texts: list[str], expected: list[list[str]]
) -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        await batcher.submit(texts, seconds=5)
        assert judge.batches == expected

    running(body, batch_chars=9)


def test_a_thousand_do_not_hold_up_one() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        judge.open.clear()
        large = asyncio.create_task(batcher.submit(["x"] * 1000, seconds=60))
        await asyncio.sleep(0)
        small = [asyncio.create_task(batcher.submit([text], seconds=60)) for text in "abc"]
        await asyncio.sleep(0.01)
        judge.open.set()
        await asyncio.gather(*small)
        assert not large.done()
        # The first batch was taken before the small calls came; the second has them all, in turn with the large one.
        assert judge.batches[1][:4] == ["x", "a", "b", "c"] or set("abc") <= set(judge.batches[1])
        assert await large == ["X"] * 1000

    running(body, seconds=0.0005, batch_items=8)


def test_who_goes_away_in_time_costs_nothing() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        judge.open.clear()
        first = asyncio.create_task(batcher.submit(["first"], seconds=5))
        await asyncio.sleep(0.01)
        gone = asyncio.create_task(batcher.submit(["gone", "gone"], seconds=5))
        stays = asyncio.create_task(batcher.submit(["stays"], seconds=5))
        await asyncio.sleep(0.01)
        gone.cancel()
        await asyncio.sleep(0)
        assert batcher.waiting == (1, 5)
        judge.open.set()
        assert await first == ["FIRST"]
        assert await stays == ["STAYS"]
        assert judge.batches == [["first"], ["stays"]]

    running(body)


def test_a_full_queue_refuses_at_once_and_says_when_to_come_again() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        judge.open.clear()
        calls = [asyncio.create_task(batcher.submit(["aaaa"], seconds=60))]
        await asyncio.sleep(0.01)
        calls += [asyncio.create_task(batcher.submit(["aaaa"], seconds=60)) for _ in range(3)]
        await asyncio.sleep(0.01)
        assert batcher.waiting == (3, 12)
        error = await refused(batcher.submit(["b"], seconds=5))
        assert (error.status, error.code, error.headers["Retry-After"]) == (503, "overloaded", "1")
        judge.open.set()
        assert await asyncio.gather(*calls) == [["AAAA"]] * 4
        assert await batcher.submit(["b"], seconds=5) == ["B"]

    running(body, batch_items=1, queue_items=3)
    running(body, batch_items=1, queue_chars=12)


def test_what_would_wait_too_long_is_refused_on_arrival() -> None:
    async def body(_: Judge, batcher: Batcher[str, str]) -> None:
        await batcher.submit(["a"], seconds=60)  # Now the batcher knows that a complaint takes 20 ms, or longer.
        calls = [asyncio.create_task(batcher.submit(["a"], seconds=60)) for _ in range(20)]
        answers = await asyncio.gather(*calls, return_exceptions=True)
        shed = [answer for answer in answers if isinstance(answer, ApiError)]
        assert {error.code for error in shed} == {"overloaded"}
        assert 1 <= len(answers) - len(shed) <= 8  # 100 ms have room for five, and one that runs.
        error = await refused(batcher.submit(["a"] * 100, seconds=0.5))
        assert error.code == "overloaded"

    running(body, seconds=0.02, batch_items=1, queue_seconds=0.1)


def test_who_would_wait_as_long_as_is_bearable_is_taken_in() -> None:
    async def body(_: Judge, batcher: Batcher[str, str]) -> None:
        await batcher.submit(["a"], seconds=60)
        calls = [asyncio.create_task(batcher.submit(["a"], seconds=60)) for _ in range(20)]
        assert await asyncio.gather(*calls) == [["A"]] * 20

    running(body, seconds=0.002, batch_items=1)


def test_a_judge_that_hangs_is_not_waited_for_beyond_the_deadline() -> None:
    async def body(judge: Judge, batcher: Batcher[str, str]) -> None:
        judge.open.clear()
        running_call = asyncio.create_task(batcher.submit(["a"], seconds=0.05))
        waiting_call = asyncio.create_task(batcher.submit(["b"], seconds=0.05))
        for call in (running_call, waiting_call):
            (answer,) = await call
            assert isinstance(answer, ApiError)
            assert (answer.status, answer.code) == (503, "deadline")
        judge.open.set()
        await asyncio.sleep(0.01)
        assert judge.batches == [["a"]]  # What waited and was late is not judged for nobody.

    running(body, batch_items=1)


def test_closing_finishes_what_waits_and_refuses_what_comes() -> None:
    async def run() -> None:
        judge = Judge(seconds=0.01)
        batcher: Batcher[str, str] = Batcher(judge, size=len, bounds=Bounds(batch_items=1), metrics=Metrics(), lanes=2)
        batcher.start()
        calls = [asyncio.create_task(batcher.submit([text], seconds=5)) for text in "abcd"]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        stopping = asyncio.create_task(batcher.stop())
        await asyncio.sleep(0)
        error = await refused(batcher.submit(["late"], seconds=5))
        assert (error.status, error.code) == (503, "overloaded")
        await stopping
        assert await asyncio.gather(*calls) == [["A"], ["B"], ["C"], ["D"]]

    asyncio.run(run())
