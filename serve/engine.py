"""The triage in force: which release judges, what stands in for it, and how another one takes its place."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from triage.errors import TriageError
from triage.pipeline import Request, Triage, load
from triage.serve.breaker import Breaker
from triage.serve.errors import ApiError
from triage.serve.judge import Judged, degrade, judge
from triage.serve.metrics import Metrics
from triage.serve.releases import Busy, Release, Releases, State
from triage.serve.settings import Settings
from triage.types import Decision, Notice

__all__ = ["BOOT", "Engine", "Loader"]

Loader = Callable[..., Triage]
"""Loads a triage: ``loader(model, configs=…, rules_only=…, threads=…)``, as :func:`triage.load`."""

BOOT = "TRIAGE_BOOT"
"""The variable that tells all worker processes which start of the service they belong to."""

_WATCH_EVERY = 0.5
"""Seconds between two looks at what the other workers have in force."""

_SLACK = 1.0
"""Seconds beside the budget before a batch counts as hung."""
_WARM_UP = 120.0
"""Seconds that the model may take for the examples: the first calls are slow, and the machine may be busy."""

_EXAMPLES = (
    "信用卡分期手续费没有提前告知，要求退还。",
    "昨晚银行卡被人盗刷三万元，客服电话一直打不通，请马上冻结账户！",
    "贷款逾期后催收每天打二十几个电话，还打给我的单位和父母。",
    "手机银行 APP 升级以后登录不上，转账失败钱却扣了。",
    "谢谢你们，问题已经解决。",
)
"""What a new release must be able to decide before it judges anything else."""

_RESTING = Notice("model_resting", "rules judged: the model failed several times and rests")

_logger = logging.getLogger("triage.serve")


@dataclass(frozen=True, slots=True)
class _Force:
    """What judges at this moment: swapped as one, never altered."""

    triage: Triage
    release: Release
    generation: int
    missing: Notice | None = None


class Engine:
    """Judges batches, and swaps what judges while they flow.

    Args:
        settings: what the operator set.
        metrics: where it is counted.
        folder: where releases are kept.
        loader: loads a release; the library's own by default.
    """

    def __init__(self, settings: Settings, metrics: Metrics, folder: Path, *, loader: Loader | None = None) -> None:
        self._settings, self._metrics = settings, metrics
        self._releases = Releases(folder, keep=settings.keep)
        self._loader = loader or load
        self._force: _Force | None = None
        self._breaker = Breaker(failures=settings.breaker_failures, rest=settings.breaker_rest)
        self._pool = self._new_pool()
        self._hung: list[Future[Judged]] = []
        self._reloading = asyncio.Lock()
        self._watcher: asyncio.Task[None] | None = None
        self._refused = 0

    async def start(self) -> None:
        """Put in force what the settings name, or what the other workers already have.

        A model that is missing or broken is no reason not to start: rules judge, and every answer says why.

        Raises:
            ConfigError: the configuration is not legal.
        """
        boot = os.environ.get(BOOT) or uuid.uuid4().hex
        force = await asyncio.to_thread(self._first, boot)
        self._swap(force)
        self._watcher = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """End the threads."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._releases.leave()

    @property
    def triage(self) -> Triage:
        """The triage in force; what it returns stays usable after a reload."""
        return self._now().triage

    async def decide(self, requests: Sequence[Request]) -> list[Decision | Exception]:
        """Judge a batch: by the model within its budget, else by rules, which then say why."""
        force = self._now()
        notice = self._why_rules(force)
        if notice is None and force.triage.model is not None:
            judged = await self._by_model(force.triage, requests)
            if judged is not None:
                return judged.answers
            notice = Notice("model_slow", "rules judged: the model hangs")
        judged = await self._in_thread(force.triage, requests, rules_only=True)
        if notice is None:
            return judged.answers
        return [
            degrade(force.triage, answer, notice) if isinstance(answer, Decision) else answer
            for answer in judged.answers
        ]

    async def _by_model(self, triage: Triage, requests: Sequence[Request]) -> Judged | None:
        """Return what the model says, or None when it hangs: the library keeps the budget, if it gets to it."""
        spec = triage.config.decisions.meeting.budget
        seconds = self._settings.budget or spec.call + spec.text * len(requests)
        future = self._pool.submit(judge, triage, requests, rules_only=False, budget=self._settings.budget)
        done, _ = await asyncio.wait([asyncio.wrap_future(future)], timeout=2 * seconds + _SLACK)
        if not done:
            # Past its budget, and past the rules' own time. A thread cannot be stopped: it is left behind, and no
            # other follows it before it has come back.
            _logger.error("model_slow", extra={"count": len(requests)})
            self._hung.append(future)
            self._pool.shutdown(wait=False)
            self._pool = self._new_pool()
            self._breaker.trip()
            return None
        judged = future.result()
        if judged.failed:
            self._breaker.failed()
        else:
            self._breaker.succeeded()
        self._tell_up()
        return judged

    async def _in_thread(self, triage: Triage, requests: Sequence[Request], *, rules_only: bool) -> Judged:
        future = self._pool.submit(judge, triage, requests, rules_only=rules_only, budget=None)
        return await asyncio.wrap_future(future)

    def _why_rules(self, force: _Force) -> Notice | None:
        """Return why the model is left out of the next batch, or None."""
        if force.missing is not None or force.triage.model is None:
            return force.missing
        self._hung = [future for future in self._hung if not future.done()]
        if self._hung or not self._breaker.allows():
            return _RESTING
        return None

    # Reload and roll-back

    async def reload(self) -> dict[str, Any]:
        """Take what now lies in the folders that the settings name.

        Raises:
            ApiError: 409 while another reload is under way; 422 when the new release is refused and the old stays.
        """
        return await self._change(lambda state: self._releases.stage(self._settings.model, self._settings.configs))

    async def roll_back(self) -> dict[str, Any]:
        """Go back to the release before the one in force.

        Raises:
            ApiError: 409 when there is none, or while a reload is under way; 422 when it does not work any more.
        """

        def previous(state: State) -> Release:
            if not state.previous:
                raise ApiError(409, "there is no release before this one", code="no_previous")
            return self._releases.release(state.previous)

        return await self._change(previous)

    async def _change(self, choose: Callable[[State], Release]) -> dict[str, Any]:
        if self._reloading.locked():
            raise _busy()
        async with self._reloading:
            old = self._now().triage.versions
            try:
                force = await asyncio.to_thread(self._next, choose)
            except Busy:
                raise _busy() from None
            except TriageError as error:
                self._metrics.reload("refused")
                _logger.error("reload_refused", exc_info=error, extra={"outcome": "refused"})
                said = self._readable(error)
                raise ApiError(422, f"refused, the old release goes on: {said}", code="refused") from None
            self._swap(force)
            self._metrics.reload("done")
            workers = await self._agreed(force.generation)
        names = ("model_version", "taxonomy_version", "policy_version")
        return {
            "release": force.release.id,
            "generation": force.generation,
            "before": dict(zip(names, old, strict=True)),
            "now": dict(zip(names, force.triage.versions, strict=True)),
            "workers": workers,
        }

    def _next(self, choose: Callable[[State], Release]) -> _Force:
        with self._releases.lock():
            release = choose(self._releases.state())
            triage = self._verified(release)
            return _Force(triage, release, self._releases.switch(release.id).generation, _missing(triage))

    def _first(self, boot: str) -> _Force:
        with self._releases.lock(wait=True):
            state = self._releases.state()
            missing: Notice | None = None
            if state.boot == boot:
                release = self._releases.release(state.current)
            else:
                try:
                    release = self._releases.stage(self._settings.model, self._settings.configs)
                except TriageError:
                    if self._settings.model is None or self._settings.model.is_dir():
                        raise
                    release = self._releases.stage(None, self._settings.configs)
                state = self._releases.switch(release.id, boot=boot)
            try:
                triage = self._verified(release)
            except TriageError as error:
                # Where the configuration is at fault, the next line says so.
                triage = self._loaded(release, rules_only=True)
                _logger.error("model_unusable", exc_info=error)
                missing = Notice("model_unusable", "rules judged: the model cannot be used")
            if self._settings.model is not None and release.model is None:
                missing = Notice("model_missing", "rules judged: the model's folder is missing")
            return _Force(triage, release, state.generation, missing or _missing(triage))

    def _verified(self, release: Release) -> Triage:
        """Load a release and let it decide the examples; any failure is a refusal."""
        rules_only = self._settings.model is not None and release.model is None
        try:
            triage = self._loaded(release, rules_only=rules_only)
        except TriageError:
            raise
        except Exception as error:
            raise TriageError(f"the release cannot be loaded ({type(error).__name__})") from error
        for by_rules in (False, True):
            judged = judge(triage, [Request(text=text) for text in _EXAMPLES], rules_only=by_rules, budget=_WARM_UP)
            for answer in judged.answers:
                if not isinstance(answer, Decision) or (answer.degraded and triage.model is not None):
                    raise TriageError("the release cannot decide an example of the warm-up")
                orjson.dumps(answer)
        return triage

    def _loaded(self, release: Release, *, rules_only: bool) -> Triage:
        return self._loader(
            release.model,
            configs=release.configs,
            rules_only=rules_only or self._settings.rules_only,
            threads=self._settings.model_threads,
        )

    def _swap(self, force: _Force) -> None:
        self._force = force
        self._breaker = Breaker(failures=self._settings.breaker_failures, rest=self._settings.breaker_rest)
        self._metrics.release(*force.triage.versions)
        self._tell_up()
        self._releases.tell(force.generation, force.triage.versions)
        model, taxonomy, policy = force.triage.versions
        extra = {"model_version": model, "taxonomy_version": taxonomy, "policy_version": policy}
        _logger.info("release_in_force", extra=extra)

    async def _watch(self) -> None:
        """Follow the other workers, and clear up what hangs."""
        while True:
            await asyncio.sleep(_WATCH_EVERY)
            try:
                state = self._releases.state()
                if state.generation in {self._now().generation, self._refused} or self._reloading.locked():
                    continue
                async with self._reloading:
                    release = await asyncio.to_thread(self._releases.release, state.current)
                    triage = await asyncio.to_thread(self._verified, release)
                    self._swap(_Force(triage, release, state.generation, _missing(triage)))
            except TriageError as error:
                self._refused = state.generation
                _logger.error("reload_refused", exc_info=error, extra={"outcome": "refused"})

    async def _agreed(self, generation: int) -> dict[str, int]:
        """Wait, as long as the settings say, until no worker is behind; return who has what."""
        loop = asyncio.get_running_loop()
        until = loop.time() + self._settings.reload_wait
        while True:
            workers = self._releases.workers()
            if all(has >= generation for has in workers.values()) or loop.time() > until:
                return {str(pid): has for pid, has in sorted(workers.items())}
            await asyncio.sleep(0.05)

    def _readable(self, error: TriageError) -> str:
        """Return the message with the folder that the operator knows instead of the copy."""
        said = str(error)
        for name, source in (("model", self._settings.model), ("configs", self._settings.configs)):
            for copy in self._releases.copies(name):
                said = said.replace(str(copy), str(source))
        return said

    # What it says about itself

    def status(self) -> dict[str, Any]:
        """Return what judges now, in which versions, and what is amiss."""
        force = self._now()
        model, taxonomy, policy = force.triage.versions
        notice = self._down(force)
        return {
            "source": "rules" if notice or force.triage.model is None else "model",
            "model_version": model,
            "taxonomy_version": taxonomy,
            "policy_version": policy,
            "release": force.release.id,
            "generation": force.generation,
            "degraded": [] if notice is None else [{"code": notice.code, "message": notice.message}],
        }

    @property
    def ready(self) -> bool:
        """Whether something judges."""
        return self._force is not None

    def _down(self, force: _Force) -> Notice | None:
        if force.missing is not None:
            return force.missing
        if force.triage.model is not None and (self._breaker.state != "closed" or self._hung):
            return _RESTING
        return None

    def _tell_up(self) -> None:
        force = self._now()
        self._metrics.model_up.set(force.triage.model is not None and self._down(force) is None)

    def _now(self) -> _Force:
        if self._force is None:
            raise ApiError(503, "the service is starting", code="starting", retry_after=1)
        return self._force

    def _new_pool(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(self._settings.threads, thread_name_prefix="judge")


def _missing(triage: Triage) -> Notice | None:
    """Return that there is no model where there should be one, without the library's word for it: it names a path."""
    if triage.model is not None or not triage.predict(_EXAMPLES[0]).degraded:
        return None
    return Notice("model_missing", "rules judged: there is no model that can be used")


def _busy() -> ApiError:
    return ApiError(409, "another reload is under way; come again when it is done", code="reloading", retry_after=2)
