"""A real PostgreSQL of its own: a fresh folder, a free port, started and stopped as often as a test likes."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import text

from triage.serve.feedback.store import Store

__all__ = ["Postgres", "emptied", "installed"]


def installed() -> Path:
    """Return the folder of the newest installed programs; a machine that tests for others must have one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: float(path.parts[-3]))
    on_path = shutil.which("postgres")
    if found or on_path:
        return found[-1].parent if found else Path(str(on_path)).parent
    if os.environ.get("CI"):
        pytest.fail("there is no PostgreSQL; install the package postgresql")
    pytest.skip("there is no PostgreSQL; install the package postgresql")


class Postgres:
    """A server in a folder; as its own user where the tests run as root, whom PostgreSQL refuses."""

    def __init__(self) -> None:
        self._bin = installed()
        self.folder = Path(tempfile.mkdtemp(prefix="triage-pg-"))
        self._user: dict[str, object] = {}
        if os.geteuid() == 0:
            user = next(u for u in pwd.getpwall() if u.pw_name in ("postgres", "nobody") and u.pw_uid)
            self._user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self.folder, user.pw_uid, user.pw_gid)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"postgresql://triage:@127.0.0.1:{self.port}/postgres"
        self._server: subprocess.Popen[bytes] | None = None
        data = self.folder / "data"
        command = [
            self._bin / "initdb",
            "-D",
            data,
            "-U",
            "triage",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C",
            "--no-sync",
        ]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._user)  # type: ignore[call-overload]

    def start(self) -> None:
        """Start it, and return when it answers."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder,
                   "fsync": "off", "shared_buffers": "8MB", "max_connections": 30}  # fmt: skip
        command = [self._bin / "postgres", "-D", self.folder / "data"]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(command, stdout=log, stderr=log, cwd="/", **self._user)  # type: ignore[call-overload]
        ready = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        for _ in range(600):
            if subprocess.run(ready, check=False).returncode == 0:
                return
            assert self._server.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Stop it at once, as a machine that goes down."""
        if self._server is not None:
            self._server.send_signal(3)
            self._server.wait(30)
            self._server = None

    def remove(self) -> None:
        """Stop it, and leave nothing."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def emptied(url: str) -> None:
    """Drop every table of a database."""
    store = Store(url)
    with store.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    store.close()
