"""Releases: copies of model and configuration, kept side by side, and the small file that says which is in force.

A release is a copy, named by the digest of its content: a folder that is altered or deleted under a running service
changes nothing, all workers load the very same files, and a roll-back finds what it goes back to.

```
STATE/state.json            which release is in force, and which was before
STATE/lock                  held while a release is made and verified
STATE/releases/<digest>/    model/ and configs/, as far as they were given
STATE/workers/<pid>.json    what each worker process has in force
```
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from triage.errors import UsageError

__all__ = ["Busy", "Release", "Releases", "State"]

_DIGITS = 16


class Busy(Exception):  # noqa: N818 - a state of affairs
    """Another process is making a release."""


@dataclass(frozen=True, slots=True)
class Release:
    """A model and a configuration; None stands for the embedded model and the default configuration."""

    id: str
    model: Path | None
    configs: Path | None


@dataclass(frozen=True, slots=True)
class State:
    """Which release is in force. ``generation`` grows by one with every change; ``boot`` names the service's start."""

    generation: int = 0
    current: str = ""
    previous: str = ""
    boot: str = ""


class Releases:
    """The folder of releases, shared by all worker processes of one service.

    Args:
        folder: made when it is not there.
        keep: releases to keep, 1 and above; those in force and before it are always kept.
    """

    def __init__(self, folder: Path, *, keep: int = 3) -> None:
        self._folder, self._keep = folder, keep
        try:
            for name in ("releases", "workers"):
                (folder / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"state is {str(folder)!r}; legal: a folder that can be written ({error})") from None

    @contextlib.contextmanager
    def lock(self, *, wait: bool = False) -> Iterator[None]:
        """Hold the one right to change which release is in force.

        Raises:
            Busy: another holds it, and ``wait`` is False.
        """
        with (self._folder / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield

    def stage(self, model: Path | None, configs: Path | None) -> Release:
        """Copy model and configuration into a release.

        Raises:
            UsageError: a folder is not there, or cannot be read.
        """
        part = Path(tempfile.mkdtemp(prefix=".part-", dir=self._folder / "releases"))
        try:
            for name, source in (("model", model), ("configs", configs)):
                if source is None:
                    continue
                if not source.is_dir():
                    raise UsageError(f"{name} is {str(source)!r}; legal: a folder")
                try:
                    shutil.copytree(source, part / name)
                except (OSError, shutil.Error):
                    raise UsageError(f"{name} is {str(source)!r}; legal: a folder that can be read") from None
            name = _digest(part)
            place = self._folder / "releases" / name
            if place.exists() and _digest(place) != name:
                shutil.rmtree(place)  # Somebody altered the copy.
            if not place.exists():
                part.rename(place)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return self.release(name)

    def release(self, name: str) -> Release:
        """Return a release that was staged.

        Raises:
            UsageError: it is not there, or not as it was staged.
        """
        place = self._folder / "releases" / name
        if not name or not place.is_dir() or _digest(place) != name:
            raise UsageError(f"release {name!r} is missing or altered; legal: one that a reload has made")
        model, configs = place / "model", place / "configs"
        return Release(name, model if model.is_dir() else None, configs if configs.is_dir() else None)

    def copies(self, name: str) -> list[Path]:
        """Return the place of every release's ``model`` or ``configs``, also of one that is being made."""
        return [place / name for place in (self._folder / "releases").iterdir()]

    def state(self) -> State:
        """Return which release is in force; generation 0 when none is."""
        try:
            return State(**json.loads((self._folder / "state.json").read_bytes()))
        except FileNotFoundError:
            return State()
        except (OSError, ValueError, TypeError):
            raise UsageError(
                f"{self._folder / 'state.json'} cannot be read; legal: delete it to start afresh"
            ) from None

    def switch(self, current: str, *, boot: str | None = None) -> State:
        """Put a release in force, in one step; call it while holding the lock."""
        old = self.state()
        previous = old.current if old.current != current else old.previous
        state = State(old.generation + 1, current, previous, old.boot if boot is None else boot)
        _write(self._folder / "state.json", asdict(state))
        self._prune(state)
        return state

    def tell(self, generation: int, versions: tuple[str, str, str]) -> None:
        """Write down what this process has in force."""
        _write(self._folder / "workers" / f"{os.getpid()}.json", {"generation": generation, "versions": versions})

    def workers(self) -> dict[int, int]:
        """Return the generation that each living worker process has in force."""
        found = {}
        for path in (self._folder / "workers").glob("*.json"):
            pid = int(path.stem)
            try:
                os.kill(pid, 0)
                found[pid] = int(json.loads(path.read_bytes())["generation"])
            except ProcessLookupError:
                path.unlink(missing_ok=True)
            except (OSError, ValueError):
                continue
        return found

    def leave(self) -> None:
        """Take this process out of the list of workers."""
        (self._folder / "workers" / f"{os.getpid()}.json").unlink(missing_ok=True)

    def _prune(self, state: State) -> None:
        places = sorted((self._folder / "releases").iterdir(), key=lambda place: place.stat().st_mtime, reverse=True)
        for place in places[self._keep :]:
            if place.name not in {state.current, state.previous}:
                shutil.rmtree(place, ignore_errors=True)


def _digest(folder: Path) -> str:
    """Return a digest of every file's path and content."""
    whole = hashlib.sha256()
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            whole.update(f"{path.relative_to(folder).as_posix()}\0".encode())
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()[:_DIGITS]


def _write(path: Path, data: object) -> None:
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    with part.open("w", encoding="utf-8") as out:
        json.dump(data, out)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)
