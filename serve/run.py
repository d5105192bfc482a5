"""The processes of the service: uvicorn with the service's own protocol, logs and limits."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
import uuid

import uvicorn
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import Multiprocess

from triage.errors import UsageError
from triage.serve import logs
from triage.serve.app import create_app
from triage.serve.engine import BOOT
from triage.serve.keys import read_keys
from triage.serve.protocol import GuardedProtocol
from triage.serve.settings import Settings

__all__ = ["run"]

_SWITCH = 0.0005
"""Seconds after which a thread gives up the interpreter. At the default of 5 ms the event loop would wait that long for
the judging thread after each system call."""

_PATIENCE = 60
"""Seconds after which a worker process that does not answer its parent counts as hung. It cannot answer while it
imports the service, which takes many seconds on a machine short of processors; uvicorn's 5 s would kill it for ever."""


def run(settings: Settings) -> int:
    """Serve until a signal says stop; finish what is in flight; return the exit code.

    Raises:
        UsageError: keys are on and there are none.
    """
    if settings.auth and not read_keys(settings.keys):
        raise UsageError(
            f"keys is {str(settings.keys)!r} and holds no key; make one with "
            f"`triage keys add ID --scopes predict --file {settings.keys}`, or serve this machine alone with --no-auth"
        )
    os.environ[BOOT] = uuid.uuid4().hex
    common = {
        "host": settings.host,
        "port": settings.port,
        "workers": settings.workers,
        "http": GuardedProtocol,
        "loop": "auto",
        "ws": "none",
        "lifespan": "on",
        "log_config": logs.config(settings.log_level),
        "access_log": False,
        "server_header": False,
        "proxy_headers": False,
        "timeout_keep_alive": settings.keep_alive,
        "timeout_graceful_shutdown": settings.grace,
        "timeout_worker_healthcheck": _PATIENCE,
        "ssl_certfile": settings.tls_cert,
        "ssl_keyfile": settings.tls_key,
    }
    if settings.workers == 1:
        sys.setswitchinterval(_SWITCH)
        server = uvicorn.Server(uvicorn.Config(create_app(settings), **common))  # type: ignore[arg-type]
        with contextlib.suppress(KeyboardInterrupt):  # Handed on when all is finished: somebody pressed Ctrl-C.
            server.run()
        return 0 if server.started else 1
    with tempfile.TemporaryDirectory(prefix="triage-metrics-") as shared:
        # Worker processes read the settings from the environment, and share their numbers through a folder.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = shared
        os.environ.update(settings.environment())
        config = uvicorn.Config("triage.serve.run:worker", factory=True, **common)  # type: ignore[arg-type]
        workers = Multiprocess(config, sockets=[config.bind_socket()])
        workers.run()
        # A worker that could not start ends the service by itself, and a supervisor must learn of it.
        return 1 if any(process.exitcode == STARTUP_FAILURE for process in workers.processes) else 0


def worker() -> object:
    """Return the application of one worker process."""
    sys.setswitchinterval(_SWITCH)
    return create_app()
