"""The files of deploy/, read; and the command of the image, run as the image runs it."""

from __future__ import annotations

import functools
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import yaml

from triage.serve.feedback import FeedbackSettings
from triage.serve.settings import FILE, Settings

__all__ = ["DEPLOY", "Container", "documents", "final_stage", "image_environment", "unknown_variables"]

ROOT = Path(__file__).parent.parent.parent
DEPLOY = ROOT / "deploy"
_DATA = "/var/lib/triage"
_OTHERS = {FILE, "TRIAGE_CACHE"}


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text(encoding="utf-8")))


def final_stage() -> list[tuple[str, str]]:
    """The instructions of the stage that runs, lines put together, as (INSTRUCTION, rest)."""
    text = re.sub(r"^#.*\n", "", (DEPLOY / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    instructions = [(line.split()[0], line.partition(" ")[2].strip()) for line in lines if line.strip()]
    start = max(at for at, (name, _) in enumerate(instructions) if name == "FROM")
    return instructions[start:]


def image_environment() -> dict[str, str]:
    pairs = " ".join(rest for name, rest in final_stage() if name == "ENV").split()
    return dict(pair.split("=", 1) for pair in pairs)


def unknown_variables(environment: Mapping[str, str]) -> set[str]:
    """The names that begin with TRIAGE_ and that nothing in the service reads."""
    known = {f"TRIAGE_{name.upper()}" for name in Settings.model_fields}
    known |= {f"TRIAGE_FEEDBACK_{name.upper()}" for name in FeedbackSettings.model_fields}
    return {name for name in environment if name.startswith("TRIAGE_")} - known - _OTHERS


@functools.cache
def isolates() -> bool:
    """Whether this user may make namespaces with a read-only root: root on a Linux that lets it."""
    if os.geteuid() or not (shutil.which("unshare") and shutil.which("setpriv")):
        return False
    probe = "mount --make-rprivate / && mount -o remount,bind,ro /"
    return subprocess.run(["unshare", "--mount", "--pid", "--fork", "sh", "-c", probe], check=False).returncode == 0


class Container:
    """ENTRYPOINT and CMD of the image with its ENV, as a process.

    Where the kernel allows: as process 1, user 10001, without any right but to read, on a root that is read-only except
    for the data folder and /tmp. Elsewhere a plain process in a folder of its own.
    """

    uid = 10001

    def __init__(self, folder: Path, **environment: str) -> None:
        self.data, self.tmp = folder / "data", folder / "tmp"
        for place in (self.data, self.tmp):
            place.mkdir(parents=True)
            if isolates():
                os.chown(place, self.uid, self.uid)
        if isolates():
            # The test's own folder may be closed to others.
            for parent in folder.parents:
                if parent != Path("/") and not parent.stat().st_mode & 0o001:
                    parent.chmod(parent.stat().st_mode | 0o001)
        image = {name: value.replace(_DATA, str(self.data)) for name, value in image_environment().items()}
        image["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self.environment = (
            image | {"TMPDIR": str(self.tmp), "HOME": "/nonexistent", "TRIAGE_HOST": "127.0.0.1"} | environment
        )
        words = dict(final_stage())
        self.command = [*json.loads(words["ENTRYPOINT"]), *json.loads(words["CMD"])]
        self.log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, *arguments: str) -> str:
        """Run the entry point once with other arguments, as `docker run` would; return what it prints."""
        words = [self.command[0], *arguments]
        command = self._inside(words) if isolates() else words
        run = subprocess.run(command, check=True, capture_output=True, text=True, env=self.environment, cwd=self.data)
        return run.stdout.strip()

    def start(self) -> None:
        """Start it, and return when it is ready."""
        command = self._inside(self.command) if isolates() else self.command
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(command, env=self.environment, cwd=self.data, stdout=log, stderr=log)
        url = f"http://127.0.0.1:{self.environment['TRIAGE_PORT']}/readyz"
        for _ in range(600):
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
            try:
                if httpx.get(url, timeout=5).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text(encoding="utf-8"))

    def stop(self) -> None:
        """Send it SIGTERM, as every supervisor does."""
        os.kill(self._pid(), signal.SIGTERM)

    def ended(self) -> int:
        """Wait for its end and return the exit code."""
        assert self._process is not None
        return self._process.wait(60)

    def kill(self) -> None:
        """End it at once, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait(10)

    def _pid(self) -> int:
        assert self._process is not None
        if not isolates():
            return self._process.pid
        children = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text(encoding="ascii")
        return int(children.split()[0])

    def _inside(self, command: list[str]) -> list[str]:
        prepare = "mount --make-rprivate /"
        for place in (self.data, self.tmp):
            prepare += f" && mount --bind {place} {place}"
        prepare += f' && mount -o remount,bind,ro / && cd {self.data} && exec "$@"'
        # The right to read anything: the interpreter of the tests may lie in somebody's home.
        rights = "-all,+dac_read_search"
        drop = ["setpriv", "--reuid", str(self.uid), "--regid", str(self.uid), "--clear-groups", "--no-new-privs"]
        drop += [f"--inh-caps={rights}", f"--ambient-caps={rights}", f"--bounding-set={rights}"]
        return ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", prepare, "sh", *drop, *command]
