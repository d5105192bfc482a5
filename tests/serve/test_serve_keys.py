from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from triage.errors import ConfigError, UsageError
from triage.serve.keys import Keys, new_key, read_keys, write_keys


def always_later() -> Any:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 10
        return now

    return clock


def test_a_key_opens_what_its_scopes_say_and_is_nowhere_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    whole, key = new_key("desk", ["predict", "feedback"])
    write_keys(file, [key])
    caller = Keys(file).caller(whole)
    assert caller is not None
    assert (caller.id, caller.scopes) == ("desk", {"predict", "feedback"})
    assert whole.split("_", 2)[2] not in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_near_misses_open_nothing(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    whole, key = new_key("desk", ["predict"])
    other, _ = new_key("desk", ["admin"])
    write_keys(file, [key])
    keys = Keys(file)
    wrong: Sequence[str | None] = [
        None, "", whole[:-1], whole + "a", whole.upper(), whole.replace("desk", "task"), other, key.sha256,
        f"trg_desk_{key.sha256}", "trg_desk_", "Bearer " + whole, "\udcff",
    ]  # fmt: skip
    assert [keys.caller(text) for text in wrong] == [None] * len(wrong)
    assert keys.caller(whole) is not None


def test_keys_rotate_without_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    old, first = new_key("one", ["predict"])
    new, second = new_key("two", ["predict"])
    write_keys(file, [first])
    keys = Keys(file, clock=always_later())
    assert keys.caller(new) is None
    write_keys(file, [first, second])
    assert keys.caller(new) is not None
    assert keys.caller(old) is not None
    write_keys(file, [second])
    assert keys.caller(old) is None
    file.write_text("spoilt")
    assert keys.caller(new) is not None
    file.unlink()
    assert keys.caller(new) is None


def test_a_key_ends(tmp_path: Path) -> None:
    whole, key = new_key("desk", ["predict"], days=1)
    assert key.expires is not None
    write_keys(tmp_path / "a", [key])
    assert Keys(tmp_path / "a").caller(whole) is not None
    write_keys(tmp_path / "b", [key.model_copy(update={"expires": key.created})])
    assert Keys(tmp_path / "b").caller(whole) is None


@pytest.mark.parametrize(
    ("ident", "scopes", "days"),
    [("Desk", ["predict"], None), ("", ["predict"], None), ("a_b", ["predict"], None), ("a" * 33, ["predict"], None),
     ("desk", ["root"], None), ("desk", ["predict"], 0)],
)  # fmt: skip
def test_what_is_no_key_is_named(ident: str, scopes: Any, days: int | None) -> None:
    with pytest.raises(UsageError, match="legal: "):
        new_key(ident, scopes, days=days)


@pytest.mark.parametrize("text", ["", "[]", '{"keys": [{"id": "a"}]}', '{"key": []}', "\x00"])
def test_a_file_that_holds_no_keys_stops_the_start(tmp_path: Path, text: str) -> None:
    (tmp_path / "keys.json").write_text(text)
    with pytest.raises(ConfigError, match="triage keys"):
        Keys(tmp_path / "keys.json")
    assert read_keys(tmp_path / "nowhere.json") == ()


def test_keys_that_are_off_let_everybody_in() -> None:
    keys = Keys(None)
    assert keys.off
    caller = keys.caller(None)
    assert caller is not None
    assert caller.scopes == {"predict", "feedback", "admin"}
