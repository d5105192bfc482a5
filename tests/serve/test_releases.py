from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from triage.errors import UsageError
from triage.serve.releases import Busy, Releases


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.yaml").write_text("a: 1")
    (folder / "inner" / "b.yaml").write_text("b: 2")
    return folder


def test_a_release_is_a_copy_that_outlives_its_source(tmp_path: Path, source: Path) -> None:
    releases = Releases(tmp_path / "state")
    release = releases.stage(None, source)
    assert release.model is None
    assert release.configs is not None
    shutil.rmtree(source)
    assert (release.configs / "inner" / "b.yaml").read_text() == "b: 2"
    assert releases.release(release.id) == release


def test_content_names_a_release(tmp_path: Path, source: Path) -> None:
    releases = Releases(tmp_path / "state")
    first = releases.stage(None, source)
    assert releases.stage(None, source) == first
    assert releases.stage(source, None).id != first.id
    (source / "a.yaml").write_text("a: 2")
    assert releases.stage(None, source).id != first.id
    assert not list((tmp_path / "state" / "releases").glob(".part-*"))


@pytest.mark.parametrize("change", ["alter", "delete", "add"])
def test_an_altered_release_is_refused_and_staged_anew(tmp_path: Path, source: Path, change: str) -> None:
    releases = Releases(tmp_path / "state")
    release = releases.stage(None, source)
    assert release.configs is not None
    file = release.configs / "a.yaml"
    if change == "delete":
        file.unlink()
    else:
        (file if change == "alter" else file.with_name("c.yaml")).write_text("x: 1")
    with pytest.raises(UsageError, match="missing or altered"):
        releases.release(release.id)
    assert releases.stage(None, source) == release
    assert releases.release(release.id) == release


def test_state_remembers_what_was_before(tmp_path: Path, source: Path) -> None:
    releases = Releases(tmp_path / "state")
    assert releases.state().generation == 0
    with releases.lock():
        releases.switch("one", boot="b")
        releases.switch("two")
        again = releases.switch("two")
    assert (again.generation, again.current, again.previous, again.boot) == (3, "two", "one", "b")
    assert Releases(tmp_path / "state").state() == again


def test_one_change_at_a_time(tmp_path: Path) -> None:
    first, second = Releases(tmp_path / "state"), Releases(tmp_path / "state")
    with first.lock(), pytest.raises(Busy), second.lock():
        pass
    with second.lock():
        pass


def test_old_releases_go_but_never_those_in_force_and_before(tmp_path: Path, source: Path) -> None:
    releases = Releases(tmp_path / "state", keep=1)
    names = []
    for number in range(4):
        (source / "a.yaml").write_text(f"a: {number}")
        names.append(releases.stage(None, source).id)
        releases.switch(names[-1])
    assert {path.name for path in (tmp_path / "state" / "releases").iterdir()} == set(names[-2:])


@pytest.mark.parametrize("what", ["nowhere", "file"])
def test_what_is_no_folder_is_named(tmp_path: Path, what: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match=rf"model is .*{what}.*legal: a folder"):
        Releases(tmp_path / "state").stage(tmp_path / what, None)


def test_a_broken_state_file_says_what_to_do(tmp_path: Path) -> None:
    releases = Releases(tmp_path / "state")
    (tmp_path / "state" / "state.json").write_text("{")
    with pytest.raises(UsageError, match="delete it to start afresh"):
        releases.state()


def test_workers_that_ended_are_forgotten(tmp_path: Path) -> None:
    releases = Releases(tmp_path / "state")
    releases.tell(3, ("m", "t", "p"))
    (tmp_path / "state" / "workers" / "4194304.json").write_text('{"generation": 1}')  # Beyond the largest pid.
    (generation,) = releases.workers().values()
    assert generation == 3
    releases.leave()
    assert releases.workers() == {}
