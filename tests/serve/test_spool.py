"""The spool: what it acknowledged is there, whatever happens."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from triage.serve.spool import Spool, SpoolError


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    made = Spool(tmp_path / "spool")
    yield made
    made.seal()


def drained(spool: Spool) -> list[bytes]:
    got: list[bytes] = []
    spool.drain(lambda payloads: got.extend(payloads) or ())  # type: ignore[func-returns-value]
    return got


def torn(segment: Path, tail: bytes) -> None:
    with segment.open("ab") as file:
        file.write(tail)


def test_first_in_first_out_and_then_gone(spool: Spool) -> None:
    for number in range(5):
        spool.append(b"%d" % number)
    assert spool.pending().segments == 1
    assert drained(spool) == [b"0", b"1", b"2", b"3", b"4"]
    assert (spool.pending().segments, list(spool.folder.iterdir())) == (0, [])
    assert drained(spool) == []


def test_a_full_segment_begins_a_new_one(tmp_path: Path) -> None:
    spool = Spool(tmp_path, segment_bytes=64)
    for number in range(9):
        spool.append(b"%d" % number * 40)
    assert spool.pending().segments > 3
    assert [payload[:1] for payload in drained(spool)] == [b"%d" % number for number in range(9)]


def test_what_must_wait_waits_and_a_failure_leaves_all(spool: Spool) -> None:
    spool.append(b"a")
    spool.append(b"b")

    def fails(payloads: object) -> tuple[()]:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        spool.drain(fails)
    assert spool.drain(lambda payloads: [payload for payload in payloads if payload == b"a"]) == 1
    assert drained(spool) == [b"a"]


@pytest.mark.parametrize(
    "tail", [b"0", b"00000000 5 ab", b"d3d99e8b 1 A"], ids=["one byte", "half a payload", "all but the line end"]
)
def test_a_torn_tail_is_dropped_the_rest_kept(tmp_path: Path, tail: bytes) -> None:
    spool = Spool(tmp_path)
    spool.append(b"whole")
    spool.seal()
    torn(next(tmp_path.glob("*.spool")), tail)
    assert drained(Spool(tmp_path)) == [b"whole"]
    assert spool.pending().damaged == 0


def test_a_flipped_bit_costs_its_record_only_and_is_told(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for payload in (b"first", b"second", b"third"):
        spool.append(payload)
    spool.seal()
    segment = next(tmp_path.glob("*.spool"))
    segment.write_bytes(segment.read_bytes().replace(b"second", b"sacond"))
    assert drained(spool) == [b"first", b"third"]
    assert (spool.pending().segments, spool.pending().damaged) == (0, 1)


def test_nobody_takes_a_segment_that_another_writes(tmp_path: Path) -> None:
    writer, other = Spool(tmp_path), Spool(tmp_path)
    writer.append(b"a")
    assert drained(other) == []
    assert list(other.read()) == [b"a"]
    writer.seal()
    assert drained(other) == [b"a"]


def test_a_line_end_would_part_records(spool: Spool) -> None:
    with pytest.raises(ValueError, match="line end"):
        spool.append(b"a\nb")
    assert drained(spool) == []


def test_the_limit(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit_bytes=100)
    spool.append(b"x" * 60)
    with pytest.raises(SpoolError, match="100 bytes"):
        spool.append(b"y" * 60)
    spool.append(b"z")
    assert drained(spool) == [b"x" * 60, b"z"]
    spool.append(b"y" * 60)
    spool.seal()


def test_a_folder_that_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match="cannot be made"):
        Spool(tmp_path / "file" / "spool")


FULL = """
import sys
from pathlib import Path
from triage.serve.spool import Spool, SpoolError
spool = Spool(Path(sys.argv[1]), segment_bytes=1 << 20)
for number in range(1000):
    try:
        spool.append(b"%d " % number + b"x" * 300)
    except SpoolError:
        print("refused", number, flush=True)
        break
    print("kept", number, flush=True)
"""


def test_a_full_disk_refuses_and_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    run = subprocess.run(
        [sys.executable, "-c", FULL, tmp_path], check=True, capture_output=True, text=True, preexec_fn=small_files
    )
    *kept, refused = run.stdout.split("\n")[:-1]
    assert refused == f"refused {len(kept)}"
    assert len(kept) > 30
    got = drained(Spool(tmp_path))
    assert [payload.split()[0] for payload in got] == [b"%d" % number for number in range(len(kept))]


WRITES = """
import sys
from pathlib import Path
from triage.serve.spool import Spool
spool = Spool(Path(sys.argv[1]), segment_bytes=2_000)
number = 0
while True:
    spool.append(b"%d" % number)
    print(number, flush=True)
    number += 1
"""


def test_kill_9_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    for round_ in range(3):
        folder = tmp_path / str(round_)
        with subprocess.Popen([sys.executable, "-c", WRITES, folder], stdout=subprocess.PIPE) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"0\n"
            time.sleep(0.2)
            os.kill(writer.pid, 9)
            acknowledged = 1 + writer.stdout.read().count(b"\n")
        got = [int(payload) for payload in drained(Spool(folder))]
        assert got[:acknowledged] == list(range(acknowledged))
        assert len(got) <= acknowledged + 1
