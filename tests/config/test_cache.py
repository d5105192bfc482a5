"""The cache of the checked default configuration: the same decisions, and no entry that cannot be trusted."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from triage.config import loader
from triage.config.cache import Cache
from triage.config.loader import DEFAULT, FILES
from triage.rules.literals import needed
from triage.rules.schema import FacetRules

DIGESTS = {name: hashlib.sha256((DEFAULT / name).read_bytes()).digest() for name in FILES}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="session")
def models() -> dict[str, BaseModel]:
    """Return the default files read from YAML, whatever the cache holds."""
    return {name: loader._read(DEFAULT / name, schema)[0] for name, schema in FILES.items()}


def entry(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_is_kept_comes_back_the_same(folder: Path, models: dict[str, BaseModel]) -> None:
    assert Cache(FILES, DIGESTS).read() is None
    Cache(FILES, DIGESTS).write(models)
    read = Cache(FILES, DIGESTS).read()
    assert read == models
    assert all(read[name].model_fields_set == model.model_fields_set for name, model in models.items())


def test_the_entry_is_json_that_only_this_user_can_write(folder: Path, models: dict[str, BaseModel]) -> None:
    Cache(FILES, DIGESTS).write(models)
    digest, *files = entry(folder).read_bytes().split(b"\n")
    assert hashlib.sha256(b"\n".join(files)).hexdigest() == digest.decode()
    assert len([json.loads(file) for file in files]) == len(FILES) + 1
    assert folder.stat().st_mode & 0o077 == 0
    assert entry(folder).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_that_changed_has_another_entry(folder: Path, models: dict[str, BaseModel], name: str) -> None:
    Cache(FILES, DIGESTS).write(models)
    assert Cache(FILES, DIGESTS | {name: bytes(32)}).read() is None


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def altered(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace("投诉".encode(), "表扬".encode()))


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def with_another_body(path: Path) -> None:
    body = b"{}\n{}"
    path.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def with_illegal_files(path: Path) -> None:
    body = b"\n".join([b"{}"] * (len(FILES) + 1))
    path.write_bytes(hashlib.sha256(body).hexdigest().encode() + b"\n" + body)


def writable_by_others(path: Path) -> None:
    path.chmod(0o666)


def in_a_folder_writable_by_others(path: Path) -> None:
    path.parent.chmod(0o777)


def gone(path: Path) -> None:
    path.unlink()


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "spoil",
    [cut, altered, emptied, with_another_body, with_illegal_files, writable_by_others, in_a_folder_writable_by_others,
     gone, a_folder],
)  # fmt: skip
def test_what_cannot_be_trusted_is_not_read(
    folder: Path, models: dict[str, BaseModel], spoil: Callable[[Path], None]
) -> None:
    Cache(FILES, DIGESTS).write(models)
    assert Cache(FILES, DIGESTS).read() is not None
    spoil(entry(folder))
    assert Cache(FILES, DIGESTS).read() is None


def test_an_entry_that_was_cut_is_written_anew(folder: Path, models: dict[str, BaseModel]) -> None:
    Cache(FILES, DIGESTS).write(models)
    cut(entry(folder))
    Cache(FILES, DIGESTS).write(models)
    assert Cache(FILES, DIGESTS).read() == models


def test_few_entries_stay(folder: Path, models: dict[str, BaseModel]) -> None:
    for number in range(6):
        Cache(FILES, DIGESTS | {"policy.yaml": bytes([number]) * 32}).write(models)
    assert len(list(folder.iterdir())) == 4
    assert Cache(FILES, DIGESTS | {"policy.yaml": bytes([5]) * 32}).read() == models


def test_what_json_cannot_carry_is_not_kept(folder: Path, models: dict[str, BaseModel]) -> None:
    # A model made past its schema: reading it back strips the blanks.
    blank = models["policy.yaml"].model_copy(update={"version": " 1 "})
    Cache(FILES, DIGESTS).write(models | {"policy.yaml": blank})
    assert Cache(FILES, DIGESTS).read() is None


@pytest.mark.parametrize("told", ["", "a/file/stands/in/the/way"])
def test_without_a_folder_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, models: dict[str, BaseModel], told: str
) -> None:
    (tmp_path / "a").write_text("")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRIAGE_CACHE", told)
    Cache(FILES, DIGESTS).write(models)
    assert Cache(FILES, DIGESTS).read() is None
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_needed_strings_come_back(folder: Path, models: dict[str, BaseModel]) -> None:
    facets = [model for model in models.values() if isinstance(model, FacetRules)]
    patterns = {pattern for rules in facets for rule in rules.rules for pattern in rule.patterns}
    Cache(FILES, DIGESTS).write(models)
    fresh = subprocess.run(
        [sys.executable, "-c", "import sys\nfrom triage.rules.literals import needed\n"
         "print([[sorted(s) for s in needed(p)] for p in sys.stdin.read().split('\\n')])"],
        input="\n".join(sorted(patterns)), capture_output=True, text=True, check=True,
        env=os.environ | {"PYTHONUTF8": "1"},
    ).stdout  # fmt: skip
    Cache(FILES, DIGESTS).read()
    assert fresh.strip() == str([[sorted(strings) for strings in needed(pattern)] for pattern in sorted(patterns)])


CODE = """
import json, sys, triage
from triage.rules.matcher import compiled
loaded = triage.load()
decisions = [loaded.predict(text, id="a") for text in json.load(sys.stdin)]
print(json.dumps([[d.to_dict() | {"first_response_due": 0, "deadlines": 0, "suggested_reply": 0} for d in decisions],
                  compiled.cache_info().currsize]))
"""


def test_a_cold_process_decides_the_same_with_few_expressions(folder: Path) -> None:
    lines = (Path(__file__).parents[2] / "examples/complaints.jsonl").read_text(encoding="utf-8").splitlines()
    texts = json.dumps([json.loads(line)["text"] for line in lines[:12]])

    def run() -> tuple[list[object], int]:
        process = subprocess.run([sys.executable, "-c", CODE], input=texts, capture_output=True, text=True, check=True)
        decisions, expressions = json.loads(process.stdout)
        return decisions, expressions

    (first, all_of_them), (second, some) = run(), run()
    assert first == second
    assert some < all_of_them / 4
