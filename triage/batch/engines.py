"""Where chunks of rows are decided: this process, processes of this machine, or the actors of a Ray cluster."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar

from triage.errors import OutputError, UsageError

__all__ = ["ENGINES", "Engine"]

Chunk = TypeVar("Chunk")
Result = TypeVar("Result")
Engine = Callable[[Callable[[Any], Any], Iterable[Any], int], AbstractContextManager[Iterator[Any]]]
"""Takes work, chunks and a number of workers; gives the results in the order of the chunks. ``work`` must pickle."""

AHEAD = 3
"""Chunks for each worker that are on their way: enough to keep it busy, few enough to keep memory flat."""
KILLED = "a worker process was killed; whole rows are kept, the same command goes on"


@contextmanager
def _local(work: Callable[[Any], Any], chunks: Iterable[Any], workers: int) -> Iterator[Iterator[Any]]:
    if workers <= 1:
        yield map(work, chunks)
        return
    pool = ProcessPoolExecutor(min(workers, os.cpu_count() or 1), initializer=_start, initargs=(work,))
    try:
        submitted = (pool.submit(_run, chunk) for chunk in chunks)
        yield (future.result() for future in _queued(submitted, ahead=AHEAD * workers))
    except BrokenProcessPool as error:
        raise OutputError(KILLED) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


_work: Callable[[Any], Any] | None = None


def _start(work: Callable[[Any], Any]) -> None:
    global _work  # noqa: PLW0603 - one piece of work a process
    _work = work


def _run(chunk: Chunk) -> Any:  # noqa: ANN401 - whatever the work returns
    if _work is None:
        raise RuntimeError("the process was not started")
    return _work(chunk)


@contextmanager
def _ray(work: Callable[[Any], Any], chunks: Iterable[Any], workers: int) -> Iterator[Iterator[Any]]:
    """Run on the cluster that ``RAY_ADDRESS`` names, or on one that is started here and ended afterwards."""
    try:
        import ray as module  # noqa: PLC0415 - an extra, and slow to import
    except ImportError as error:
        raise UsageError("--engine ray needs ray; install it with: pip install 'triage[scale]'") from error
    ray: Any = module
    ours = not ray.is_initialized()
    if ours:
        here = {} if os.environ.get("RAY_ADDRESS") else {"num_cpus": workers, "include_dashboard": False}
        ray.init(log_to_driver=False, configure_logging=False, **here)
    try:
        actor = ray.remote(num_cpus=1)(_Actor)
        actors = [actor.remote(work) for _ in range(workers)]
        submitted = (actors[place % workers].run.remote(chunk) for place, chunk in enumerate(chunks))
        yield (ray.get(reference) for reference in _queued(submitted, ahead=AHEAD * workers))
    except ray.exceptions.RayError as error:
        raise OutputError(f"ray: {type(error).__name__}; whole rows are kept, the same command goes on") from error
    finally:
        if ours:
            ray.shutdown()


class _Actor:
    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    def run(self, chunk: Chunk) -> Any:  # noqa: ANN401 - whatever the work returns
        return self._work(chunk)


def _queued(submitted: Iterable[Result], *, ahead: int) -> Iterator[Result]:
    """Yield what was submitted, in order, with no more than ``ahead`` of it on its way."""
    waiting: deque[Result] = deque()
    for result in submitted:
        waiting.append(result)
        if len(waiting) >= ahead:
            yield waiting.popleft()
    yield from waiting


ENGINES: Mapping[str, Engine] = {"local": _local, "ray": _ray}
"""The engines, by the name that the command line gives them."""
