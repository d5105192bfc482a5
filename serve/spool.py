"""Records that wait on disk until whoever they are for is there again.

A segment is a file of lines ``crc32 length payload``. A record is acknowledged when its line is synced to disk; a
line that a crash cut short was never acknowledged, and reading stops there. The process that writes a segment holds a
lock on it, which the kernel drops when the process ends, however it ends: any process may then deliver what is left.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from triage.errors import OutputError

__all__ = ["Pending", "Spool", "SpoolError"]

log = logging.getLogger(__name__)

Handler = Callable[[Sequence[bytes]], Sequence[bytes]]
"""Takes payloads, returns those that must wait longer; an exception leaves all of them where they are."""


class SpoolError(OutputError):
    """A record cannot be made durable: the disk is full or fails. What was acknowledged before is still there."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What waits in a spool: ``segments`` files of ``size`` bytes, the oldest since ``since`` (Unix seconds, or None).

    ``damaged`` counts segments that hold a line whose checksum is wrong; they were put aside, their other records
    delivered.
    """

    segments: int
    size: int
    since: float | None
    damaged: int


class Spool:
    """A folder of segments, safe for several threads and several processes.

    Args:
        folder: where the segments lie; made when it is not there.
        segment_bytes: a segment of this size is closed and a new one begun.
        limit_bytes: above this, in all segments together, nothing more is taken.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = 1 << 20, limit_bytes: int = 1 << 30) -> None:
        self.folder = folder
        self._segment_bytes, self._limit_bytes = segment_bytes, limit_bytes
        self._writing = threading.Lock()
        self._active: tuple[int, int] | None = None
        """The descriptor of the segment that is written, and how many of its bytes are synced."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SpoolError(
                f"{folder}: cannot be made ({error.strerror}); legal: a folder that may be written"
            ) from error

    def append(self, payload: bytes) -> None:
        """Write one record; when this returns, the record is on disk.

        Raises:
            SpoolError: the disk is full, the limit is reached, or the disk fails. The record is not acknowledged.
            ValueError: the payload holds a line end, which parts the records.
        """
        if b"\n" in payload:
            raise ValueError("a payload holds a line end; legal: one line of bytes")
        line = b"%08x %d %s\n" % (zlib.crc32(payload), len(payload), payload)
        with self._writing:
            if self.pending().size + len(line) > self._limit_bytes:
                raise SpoolError(
                    f"{self.folder}: full; legal: {self._limit_bytes} bytes at most until they are delivered"
                )
            try:
                descriptor, synced = self._active or self._begin()
                self._active = (descriptor, synced)
                self._write(descriptor, line, synced)
            except OSError as error:
                raise SpoolError(f"{self.folder}: cannot be written ({error.strerror})") from error
            self._active = (descriptor, synced + len(line))
            if synced + len(line) >= self._segment_bytes:
                self._seal()

    def seal(self) -> None:
        """Close the segment that is written, so that it can be delivered."""
        with self._writing:
            self._seal()

    def drain(self, handle: Handler, *, most: int | None = None) -> int:
        """Hand waiting records to ``handle``, oldest segment first, and return how many it took.

        A segment is removed only after its records were taken; a crash in between delivers them once more, so
        ``handle`` must bear to see a record twice.

        Args:
            handle: takes the records of one segment.
            most: how many segments at most; all by default.

        Raises:
            SpoolError: records that must wait longer cannot be written anew. Nothing is lost.
        """
        taken = handled = 0
        self.seal()
        for path in self._segments():
            if handled == most:
                break
            with _locked(path) as descriptor:
                if descriptor is None:
                    continue
                handled += 1
                payloads, whole = _records(path)
                waiting = handle(payloads) if payloads else ()
                for payload in waiting:
                    self.append(payload)
                taken += len(payloads) - len(waiting)
                if whole:
                    path.unlink()
                else:
                    log.error("spool segment %s holds damaged records; put aside", path.name)
                    path.rename(path.with_suffix(".damaged"))
                self._sync_folder()
        return taken

    def read(self) -> Iterator[bytes]:
        """Yield every intact record that waits, also those of a segment that is being written."""
        for path in self._segments():
            # Delivered and removed since the folder was listed.
            with suppress(FileNotFoundError):
                yield from _records(path)[0]

    def pending(self) -> Pending:
        """Return what waits, over all processes."""
        sizes: list[tuple[int, float]] = []
        for path in self._segments():
            with suppress(FileNotFoundError):
                found = path.stat()
                if found.st_size:
                    sizes.append((found.st_size, int(path.name.split("-")[0]) / 1e9))
        damaged = sum(1 for _ in self.folder.glob("*.damaged"))
        since = min((moment for _, moment in sizes), default=None)
        return Pending(len(sizes), sum(size for size, _ in sizes), since, damaged)

    def _segments(self) -> list[Path]:
        return sorted(self.folder.glob("*.spool"))

    def _begin(self) -> tuple[int, int]:
        """Make a new segment. It gets its name only when it is locked, so that nobody delivers it at birth."""
        name = f"{time.time_ns():020d}-{os.getpid()}-{secrets.token_hex(4)}"
        path = self.folder / f"{name}.new"
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.rename(path.with_suffix(".spool"))
            self._sync_folder()
        except OSError:
            os.close(descriptor)
            raise
        return descriptor, 0

    def _write(self, descriptor: int, line: bytes, synced: int) -> None:
        try:
            written = 0
            while written < len(line):
                written += os.write(descriptor, line[written:])
            os.fsync(descriptor)
        except OSError:
            # Take back the half line; where even that fails, the segment ends here and reading stops at the half line.
            try:
                os.ftruncate(descriptor, synced)
            except OSError:
                self._seal()
            raise

    def _seal(self) -> None:
        if self._active is not None:
            os.close(self._active[0])
            self._active = None

    def _sync_folder(self) -> None:
        descriptor = os.open(self.folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _locked(path: Path) -> Iterator[int | None]:
    """Hold the lock on a segment; None when somebody else writes, delivers or has removed it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        yield None
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            ours = os.stat(path).st_ino == os.fstat(descriptor).st_ino  # noqa: PTH116 - beside its twin
        except (BlockingIOError, FileNotFoundError):
            ours = False
        yield descriptor if ours else None
    finally:
        os.close(descriptor)


def _records(path: Path) -> tuple[list[bytes], bool]:
    """Return the intact payloads of a segment, and whether every line of it was intact.

    What follows the last line end is a write that a crash cut short: nobody was told that it is safe.
    """
    *lines, _ = path.read_bytes().split(b"\n")
    payloads = []
    for line in lines:
        crc, _, rest = line.partition(b" ")
        length, _, payload = rest.partition(b" ")
        if crc == b"%08x" % zlib.crc32(payload) and length == b"%d" % len(payload):
            payloads.append(payload)
    return payloads, len(payloads) == len(lines)
