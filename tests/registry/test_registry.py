"""The registry: versions, promotion in one step, roll-back, and what is refused."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_model import renamed, small_model

from triage.errors import ModelError, OutputError, TriageError, UsageError
from triage.registry import Entry, Registry, Verdict
from triage.registry.folder import describe
from triage.registry.verdict import Check, Side

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
KEY = b"a key of the gate, for tests"


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Four models: the embedded one's place, and a, b, c; they differ in their version alone."""
    base = small_model(tmp_path_factory.mktemp("small") / "embedded", version="embedded-1")
    names = ("a", "b", "c")
    return {"embedded": base} | {
        name: renamed(Path(shutil.copytree(base, base.with_name(name))), f"{name}-1") for name in names
    }


@pytest.fixture
def registry(tmp_path: Path, folders: dict[str, Path]) -> Registry:
    return Registry(tmp_path / "registry", embedded=folders["embedded"])


@pytest.fixture
def added(registry: Registry, folders: dict[str, Path]) -> Registry:
    for name in "abc":
        registry.add(folders[name], now=NOW)
    return registry


def verdict(candidate: Path, current: Path, *, passed: bool = True) -> Verdict:
    sides = [Side(known.digest, known.spec.version, known.size) for known in (describe(candidate), describe(current))]
    check = Check(
        group="protected", name="critical recall", rows=40, current=0.9, candidate=0.9, passed=passed, why="no drop"
    )
    return Verdict(
        made=NOW.isoformat(), candidate=sides[0], current=sides[1], data={"sha256": "0", "rows": 40}, golden={},
        spec={}, checks=(check,),
    )  # fmt: skip


@pytest.fixture
def gate(tmp_path: Path, folders: dict[str, Path]) -> Callable[..., Path]:
    def make(candidate: str, current: str, *, passed: bool = True, key: bytes | None = KEY) -> Path:
        path = tmp_path / f"{candidate}-{current}-{passed}.json"
        verdict(folders[candidate], folders[current], passed=passed).write(path, key=key)
        return path

    return make


def seen(registry: Registry) -> tuple[str, list[str]]:
    """Return what is in force, and what the log says was done."""
    return registry.current, [f"{record['action']} {record['model']}" for record in registry.records()]


def test_versions_are_added_signed_and_never_twice(
    registry: Registry, folders: dict[str, Path], tmp_path: Path
) -> None:
    (tmp_path / "rows.jsonl").write_text("{}\n", encoding="utf-8")
    first = registry.add(folders["a"], now=NOW, data=[tmp_path / "rows.jsonl"], note="the first")
    again = registry.add(folders["a"], now=NOW)
    second = registry.add(folders["b"], now=NOW, parent="v1")
    assert [(one.name, one.state, one.version) for one in (first, again, second)] == [
        ("v1", "signed", "a-1"), ("v1", "signed", "a-1"), ("v2", "signed", "b-1"),
    ]  # fmt: skip
    assert first.statement["data"]["files"] == ["rows.jsonl"]
    assert first.statement["parent"] is None
    assert second.statement["parent"] == {"name": "v1", "digest": describe(folders["a"]).digest}
    assert first.statement["code"].startswith("0.")
    assert registry.faults() == []
    assert oct((tmp_path / "registry/keys/signing-key.pem").stat().st_mode & 0o777) == "0o600"


def test_promote_and_roll_back(added: Registry, gate: Callable[..., Path]) -> None:
    added.promote("v1", now=NOW, gate=gate("a", "embedded"), key=KEY)
    done = added.promote("v2", now=NOW, gate=gate("b", "a"), key=KEY)
    assert (done.name, done.before, done.seal) == ("v2", "v1", "sealed with a key")
    assert (added.folder / "current" / "model.json").read_text(encoding="utf-8").find('"b-1"') > 0
    added.promote("v3", now=NOW, gate=gate("c", "b"), key=KEY)
    assert [added.roll_back(now=NOW).name for _ in range(2)] == ["v2", "v1"]
    with pytest.raises(UsageError, match="there is no version before v1"):
        added.roll_back(now=NOW)
    assert seen(added) == (
        "v1",
        ["add v1", "add v2", "add v3", "promote v1", "promote v2", "promote v3", "rollback v2", "rollback v1"],
    )
    assert added.faults() == []
    assert len(list((added.folder / "gates").iterdir())) == 3


@pytest.mark.parametrize("reference", ["v2", "b-1", "digest"])
def test_a_version_has_several_names(added: Registry, folders: dict[str, Path], reference: str) -> None:
    name = describe(folders["b"]).digest[:8] if reference == "digest" else reference
    assert added.entry(name).name == "v2"


@pytest.mark.parametrize("reference", ["v9", "b", "", "../v1", "current"])
def test_no_version_of_that_name(added: Registry, reference: str) -> None:
    with pytest.raises(UsageError, match=r"is no version of .*; legal: v1, v2, v3"):
        added.entry(reference)


Refused = tuple[str, dict[str, object], type[TriageError], str]
REFUSED: list[Refused] = [
    ("neither", {}, UsageError, "there is no gate; legal: --gate FILE .* or --force REASON"),
    ("an empty reason", {"force": " "}, UsageError, "force is empty"),
    ("of another candidate", {"gate": ("b", "embedded")}, ModelError, "the gate's candidate is .*b-1.*legal"),
    ("of another current", {"gate": ("a", "b")}, ModelError, "the gate's current is .*b-1.*legal"),
    ("not passed", {"gate": ("a", "embedded", False)}, ModelError, "did not pass .protected: critical recall.; legal"),
    ("forced, yet of another", {"gate": ("b", "embedded"), "force": "x"}, ModelError, "the gate's candidate is"),
    ("another key", {"gate": ("a", "embedded"), "key": b"another key, as long"}, ModelError, "altered, or sealed with"),
    ("no key", {"gate": ("a", "embedded"), "key": None}, ModelError, "sealed with a key; legal: set TRIAGE_GATE_KEY"),
]


@pytest.mark.parametrize(("what", "given", "error", "said"), REFUSED, ids=[case[0] for case in REFUSED])
def test_a_promotion_is_refused_and_nothing_changes(
    added: Registry, gate: Callable[..., Path], what: str, given: dict[str, object], error: type[TriageError], said: str
) -> None:
    before = seen(added)
    arguments = {"key": KEY} | given
    if "gate" in given:
        candidate, current, *passed = given["gate"]  # type: ignore[misc]
        arguments["gate"] = gate(candidate, current, passed=not passed)
    with pytest.raises(error, match=said):
        added.promote("v1", now=NOW, **arguments)  # type: ignore[arg-type]
    assert seen(added) == before


@pytest.mark.parametrize(("gated", "grounds"), [(False, None), (True, False)])
def test_force_is_possible_and_stands_in_the_log(
    added: Registry, gate: Callable[..., Path], gated: bool, grounds: bool | None
) -> None:
    path = gate("a", "embedded", passed=False) if gated else None
    added.promote("v1", now=NOW, gate=path, key=KEY, force="the old one leaks")
    last = added.records()[-1]
    assert (last["action"], last["model"], last["forced"]) == ("promote", "v1", "the old one leaks")
    assert (last["gate"] and last["gate"]["passed"]) == grounds
    with pytest.raises(UsageError, match="v1 is in force already"):
        added.promote("v1", now=NOW, force="again")


def _alter(entry: Entry) -> None:
    path = entry.folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"!")


def _exchange(entry: Entry) -> None:
    shutil.rmtree(entry.folder)
    shutil.copytree(entry.folder.with_name("v2"), entry.folder)


def _forge(entry: Entry) -> None:
    path = entry.folder.parents[1] / "statements" / f"{entry.name}.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"note":""', '"note":"mine"'), encoding="utf-8")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (_alter, "v1 is altered: .*model.onnx has the SHA-256"),
        (_exchange, "v1 is altered: the statement is of v1"),
        (_forge, "v1 is altered: altered: the signature of the key"),
    ],
)
def test_an_altered_folder_is_never_promoted_not_even_by_force(
    added: Registry, gate: Callable[..., Path], damage: Callable[[Entry], None], said: str
) -> None:
    path = gate("a", "embedded")
    damage(added.entry("v1"))
    for force in (None, "I must"):
        with pytest.raises(ModelError, match=said):
            added.promote("v1", now=NOW, gate=path, key=KEY, force=force)
    assert [entry.state for entry in added.entries()] == ["altered", "signed", "signed"]


def test_unsigned_folders_are_shown_and_need_force(added: Registry, folders: dict[str, Path]) -> None:
    copy = renamed(Path(shutil.copytree(folders["a"], added.folder / "models" / "v4")), "by hand")
    (added.folder / "statements" / "v3.json").unlink()
    assert [(entry.state, entry.fault) for entry in added.entries()][2:] == [("unsigned", "nobody signed it")] * 2
    path = copy.parents[1] / "gate.json"
    verdict(copy, folders["embedded"]).write(path, key=None)
    with pytest.raises(ModelError, match="v4 is unsigned: nobody signed it; legal: a signed version"):
        added.promote("v4", now=NOW, gate=path)
    assert added.promote("v4", now=NOW, force="made here").name == "v4"
    # The name is never given again.
    assert added.add(small_model(folders["a"].with_name("d"), version="d-1"), now=NOW).name == "v5"


def test_a_key_that_is_not_trusted(added: Registry, tmp_path: Path, folders: dict[str, Path]) -> None:
    other = Registry(tmp_path / "other", embedded=folders["embedded"])
    other.add(folders["a"], now=NOW)
    (foreign,) = (tmp_path / "other/keys").glob("*.pub.pem")
    (own,) = (added.folder / "keys").glob("*.pub.pem")
    assert [entry.state for entry in Registry(added.folder, public_key=own).entries()] == ["signed"] * 3
    stranger = Registry(added.folder, public_key=foreign)
    assert [entry.state for entry in stranger.entries()] == ["unsigned"] * 3
    assert "signed with the key" in stranger.entries()[0].fault
    assert len(stranger.faults()) == 3


def test_a_signing_key_elsewhere(tmp_path: Path, folders: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRIAGE_SIGNING_KEY", str(tmp_path / "secret" / "key.pem"))
    registry = Registry(tmp_path / "registry", embedded=folders["embedded"])
    assert registry.add(folders["a"], now=NOW).state == "signed"
    assert (tmp_path / "secret" / "key.pem").is_file()
    assert not (tmp_path / "registry/keys/signing-key.pem").exists()
    (tmp_path / "secret" / "key.pem").write_text("no key", encoding="utf-8")
    with pytest.raises(UsageError, match=r"the signing key is .*legal: a PEM file of an Ed25519 key"):
        registry.add(folders["b"], now=NOW)


def test_two_promotions_at_once_one_of_which_is_late(
    added: Registry, folders: dict[str, Path], gate: Callable[..., Path]
) -> None:
    paths = {"v1": gate("a", "embedded"), "v2": gate("b", "embedded")}
    outcomes: dict[str, str] = {}
    start = threading.Barrier(2)

    def promote(name: str) -> None:
        registry = Registry(added.folder, embedded=folders["embedded"])
        start.wait()
        try:
            registry.promote(name, now=NOW, gate=paths[name], key=KEY)
            outcomes[name] = "in force"
        except ModelError as error:
            outcomes[name] = str(error)

    threads = [threading.Thread(target=promote, args=(name,)) for name in paths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [name for name, said in outcomes.items() if said == "in force"]
    (late,) = outcomes.keys() - {winner}
    # The gate of the late one judged against a model that is in force no more.
    assert "the gate's current is" in outcomes[late]
    assert seen(added) == (winner, ["add v1", "add v2", "add v3", f"promote {winner}"])
    assert added.faults() == []


FULL = """
import resource, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from triage.errors import OutputError
from triage.registry import Registry
registry, limit, act, what = Registry(Path(sys.argv[1])), int(sys.argv[2]), sys.argv[3], sys.argv[4]
# A write beyond the limit fails as on a full disk: EFBIG instead of ENOSPC.
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    now = datetime.now(UTC)
    registry.add(Path(what), now=now) if act == "add" else registry.promote(what, now=now, force="x")
except OutputError as error:
    print(error)
"""


def _limited(*arguments: object) -> str:
    command = [sys.executable, "-c", FULL, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_no_space_left_leaves_everything_as_it_was(added: Registry, folders: dict[str, Path]) -> None:
    added.promote("v1", now=NOW, force="first")
    before, log = seen(added), (added.folder / "lineage.jsonl").read_bytes()
    models = sorted(path.name for path in (added.folder / "models").iterdir())
    # The log may not grow any more.
    said = _limited(added.folder, len(log) + 20, "promote", "v2")
    assert "cannot write v2 (File too large); the model in force stays as it is" in said
    fresh = small_model(folders["a"].with_name("e"), version="e-1")
    said = _limited(added.folder, 2000, "add", fresh)
    assert "cannot write v4" in said
    assert (added.folder / "lineage.jsonl").read_bytes() == log
    assert seen(added) == before
    assert sorted(path.name for path in (added.folder / "models").iterdir()) == models
    assert added.faults() == []
    assert not [path for path in added.folder.iterdir() if path.name.startswith(".")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes everywhere")
def test_a_folder_that_cannot_be_written(added: Registry) -> None:
    added.folder.chmod(0o500)
    try:
        with pytest.raises(OutputError, match="the model in force stays"):
            added.promote("v1", now=NOW, force="x")
    finally:
        added.folder.chmod(0o700)


def test_prune_keeps_what_is_needed(added: Registry, folders: dict[str, Path]) -> None:
    added.promote("v1", now=NOW, force="first")
    added.promote("v2", now=NOW, force="second")
    added.add(small_model(folders["a"].with_name("f"), version="f-1"), now=NOW)
    assert added.prune(now=NOW, keep=1, dry_run=True) == ["v3"]
    assert added.names() == ["v1", "v2", "v3", "v4"]
    assert added.prune(now=NOW, keep=1) == ["v3"]
    assert added.names() == ["v1", "v2", "v4"]
    assert added.roll_back(now=NOW).name == "v1"
    assert added.records()[-2]["action"] == "prune"
    with pytest.raises(UsageError, match="keep is 0; legal: 1 and above"):
        added.prune(now=NOW, keep=0)


def test_a_log_that_was_changed_shows_it(added: Registry) -> None:
    added.promote("v1", now=NOW, force="because")
    path = added.folder / "lineage.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    changes = {
        "a word": [*lines[:3], lines[3].replace("because", "nothing")],
        "a line out": [*lines[:1], *lines[2:]],
        "the end cut": lines[:3],
    }
    said = {}
    for what, changed in changes.items():
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")
        said[what] = " ".join(added.faults())
    assert "lineage.jsonl:4: altered: the signature" in said["a word"]
    assert "lineage.jsonl:2: a line before this one was changed, added or taken out" in said["a line out"]
    assert "the log says none, in force is v1" in said["the end cut"]


def test_a_record_that_was_cut_while_it_was_written_never_happened(added: Registry) -> None:
    path = added.folder / "lineage.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole + b'{"action":"promote","mod')
    assert len(added.records()) == 3
    added.promote("v1", now=NOW, force="x")
    assert [json.loads(line)["number"] for line in path.read_bytes().splitlines()] == [1, 2, 3, 4]
    assert added.faults() == []


@pytest.mark.parametrize("target", ["models/v9", "../elsewhere/models/v1", "models", "/models/v1"])
def test_a_pointer_that_points_elsewhere(added: Registry, target: str) -> None:
    (added.folder / "current").symlink_to(target)
    with pytest.raises(ModelError, match=rf"current: points at '{target}'; legal: models/ and one of v1, v2, v3"):
        _ = added.current


def test_a_pointer_that_is_a_folder(added: Registry) -> None:
    (added.folder / "current").mkdir()
    with pytest.raises(ModelError, match="current: is no link; legal: as `triage models promote` made it"):
        _ = added.current
