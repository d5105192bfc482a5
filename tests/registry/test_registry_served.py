"""A running service whose model is the registry's ``current``: it follows a promotion and a roll-back on a reload."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_model import SAYS, small_model

from triage.errors import ModelError
from triage.pipeline import Request, load
from triage.registry import Registry, Shadow
from triage.serve import Settings
from triage.serve.engine import Engine
from triage.serve.errors import ApiError
from triage.serve.metrics import Metrics
from triage.serve.releases import Releases

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    """v1 is in force; v2 takes a loan for a deposit."""
    says = dict(SAYS) | {"贷": {"business": "savings"}}
    embedded = small_model(tmp_path / "embedded", version="embedded-1")
    found = Registry(tmp_path / "registry", embedded=embedded)
    found.add(small_model(tmp_path / "one", version="one-1"), now=NOW)
    found.add(small_model(tmp_path / "two", version="two-1", says=says), now=NOW)
    found.promote("v1", now=NOW, force="the first")
    return found


def test_promotion_reload_shadow_and_roll_back(tmp_path: Path, registry: Registry) -> None:
    settings = Settings(auth=False, model=registry.folder / "current", model_threads=1)
    asked = [Request(text="贷款利息太高", id="c-1"), Request(text="被骗了", id="c-2")]

    async def serve() -> list[str]:
        engine = Engine(settings, Metrics(), tmp_path / "state")
        await engine.start()
        seen = [engine.status()["model_version"]]
        shadow = Shadow(load(registry.entry("v2").folder, threads=1))
        shadow.see(asked, await engine.decide(asked))
        report = await asyncio.to_thread(shadow.close)
        assert (report.compared, report.same) == (2, 1)
        assert report.facets["business"].pairs == {"loan → savings": 1}
        assert report.facets["business"].examples == ("c-1",)

        registry.promote("v2", now=NOW, force="the shadow was good")
        seen.append(engine.status()["model_version"])
        await engine.reload()
        seen.append(engine.status()["model_version"])
        registry.roll_back(now=NOW)
        await engine.reload()
        seen.append(engine.status()["model_version"])

        # A folder that is altered after its promotion is refused, and the old release goes on.
        path = registry.entry("v2").folder / "model.json"
        registry.promote("v2", now=NOW, force="again")
        path.write_text(path.read_text(encoding="utf-8") + " ", encoding="utf-8")
        with pytest.raises(ApiError, match="refused, the old release goes on"):
            await engine.reload()
        seen.append(engine.status()["model_version"])
        await engine.stop()
        return seen

    assert asyncio.run(serve()) == ["one-1", "one-1", "two-1", "one-1", "one-1"]


def test_a_copy_that_is_made_during_promotions_is_one_of_the_two_or_refused(tmp_path: Path, registry: Registry) -> None:
    """Whatever the moment, no mixture of two models ever judges."""
    releases = Releases(tmp_path / "state", keep=1)
    ended = threading.Event()

    def promote() -> None:
        while not ended.is_set():
            registry.promote("v2", now=NOW, force="back")
            registry.promote("v1", now=NOW, force="and forth")

    thread = threading.Thread(target=promote)
    thread.start()
    seen = set()
    try:
        for _ in range(8):
            release = releases.stage(registry.folder / "current", None)
            assert release.model is not None
            try:
                seen.add(load(release.model, threads=1).versions[0])
            except ModelError:
                seen.add("refused")
    finally:
        ended.set()
        thread.join()
    assert seen <= {"one-1", "two-1", "refused"}
    assert seen & {"one-1", "two-1"}
    assert registry.faults() == []
