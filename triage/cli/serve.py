"""``triage serve`` and ``triage keys``: the service, and who may call it."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from triage.config import load as load_config
from triage.errors import UsageError
from triage.serve.keys import new_key, read_keys, write_keys
from triage.serve.settings import FILE, read_settings

__all__ = ["keys", "serve"]


def serve(options: argparse.Namespace) -> int:
    """Serve until a signal says stop; with ``--check`` print what is in force instead."""
    if options.settings is not None:
        if not options.settings.is_file():
            raise UsageError(f"--settings is {str(options.settings)!r}; legal: a TOML file")
        os.environ[FILE] = str(options.settings)
    settings = read_settings(
        host=options.host,
        port=options.port,
        auth=False if options.no_auth else None,
        model=options.model,
        configs=options.configs,
        workers=options.workers,
        rules_only=True if options.rules_only else None,
        keys=options.keys,
        state=options.state,
    )
    # What a user can do wrong is said in one line here, before any process starts.
    config = load_config(settings.configs)
    if options.check:
        in_force = {
            **settings.public(),
            "taxonomy_version": config.taxonomy_version,
            "policy_version": config.policy_version,
            "keys_found": len(read_keys(settings.keys)) if settings.auth else 0,
        }
        print(json.dumps(in_force, ensure_ascii=False, indent=2))
        return 0
    from triage.serve.run import run  # noqa: PLC0415 - the web framework is slow to import

    return run(settings)


def keys(options: argparse.Namespace) -> int:
    """Make, list or take away API keys. A key is printed once, when it is made."""
    file: Path = options.file or read_settings().keys
    known = read_keys(file)
    if options.act == "list":
        for key in known:
            until = f"until {key.expires:%Y-%m-%d}" if key.expires else "without end"
            print(f"{key.id}: {', '.join(key.scopes)}; made {key.created:%Y-%m-%d}, {until}")
        return 0
    if options.id is None:
        raise UsageError(f"triage keys {options.act} needs an ID; legal: 1 to 32 of a-z and 0-9")
    there = any(key.id == options.id for key in known)
    if options.act == "remove":
        if not there:
            raise UsageError(f"there is no key {options.id!r} in {file}; see: triage keys list")
        write_keys(file, [key for key in known if key.id != options.id])
        return 0
    if there:
        raise UsageError(
            f"there is a key {options.id!r} in {file} already; legal: another id, and to rotate, remove it"
        )
    secret, key = new_key(options.id, options.scopes.split(","), days=options.days)
    write_keys(file, [*known, key])
    print(secret)
    return 0
