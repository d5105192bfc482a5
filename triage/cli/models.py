"""``triage models``: the registry of model versions, from the command line.

Exit codes beside those of every command: 4 when ``verify`` finds something that is not as it should be.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.errors import UsageError

if TYPE_CHECKING:
    from triage.registry import Entry, Registry

__all__ = ["VARIABLE", "add", "models"]

EXTRA = "registry"
VARIABLE = "TRIAGE_REGISTRY"
FOLDER = "triage-models"
NOT_AS_IT_SHOULD_BE = 4


def add(command: argparse.ArgumentParser) -> None:
    """Describe the command and its actions; see :func:`models`."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="all versions, and which is in force")
    actions.add_parser("show", help="one version: what it is, where it comes from, what was done with it")
    actions.add_parser("compare", help="what differs between two versions")
    actions.add_parser("promote", help="put a version in force; needs a gate that passed")
    actions.add_parser("rollback", help="put the version before in force again")
    actions.add_parser("verify", help="check files, signatures and the log")
    actions.add_parser("prune", help="remove old versions")
    actions.add_parser("add", help="take a model folder in, and sign it")
    act = actions.choices
    act["show"].add_argument("model", metavar="MODEL", help="v1, current, or the beginning of a digest")
    act["compare"].add_argument("model", metavar="MODEL")
    act["compare"].add_argument("other", metavar="OTHER")
    act["promote"].add_argument("model", metavar="MODEL")
    act["promote"].add_argument("--gate", type=Path, metavar="FILE", help="what `triage evaluate --gate` wrote")
    act["promote"].add_argument(
        "--force", metavar="REASON", help="without a gate that passed; the log keeps the reason"
    )
    act["rollback"].add_argument("--reason", default="", metavar="WORDS", help="for the log")
    act["verify"].add_argument("models", metavar="MODEL", nargs="*", help="default: all of them, and the log")
    act["prune"].add_argument("--keep", type=int, default=3, metavar="N", help="the newest that stay; default: 3")
    act["prune"].add_argument("--dry-run", action="store_true", help="only say what would go")
    act["add"].add_argument("folder", metavar="DIR", type=Path, help="a folder that `triage train` wrote")
    act["add"].add_argument("--data", type=Path, nargs="+", default=[], metavar="FILE", help="what it was trained on")
    act["add"].add_argument("--parent", metavar="MODEL", help="what it was made from; default: the one in force")
    act["add"].add_argument("--note", default="", metavar="WORDS", help="for people")
    for name, action in act.items():
        action.add_argument("--registry", type=Path, metavar="DIR", help=f"default: {VARIABLE}, or {FOLDER}")
        action.add_argument("--public-key", type=Path, metavar="FILE", help="trust this key alone")
        if name in {"list", "show", "compare", "verify"}:
            action.add_argument("--json", action="store_true", help="print JSON")
        action.add_argument("--debug", action="store_true", help=argparse.SUPPRESS)


def models(options: argparse.Namespace) -> int:
    """Do what ``options.action`` says, and return the exit code.

    Raises:
        UsageError: the package of the extra is not installed, or an argument is not legal.
        ModelError: a model, or the verdict of a gate, is not what it should be.
        OutputError: the registry cannot be written; the model in force stays.
    """
    try:
        import cryptography  # noqa: F401, PLC0415 - an extra
    except ModuleNotFoundError as error:
        told = f"models needs the package {error.name!r}; install it with: pip install 'triage[{EXTRA}]'"
        raise UsageError(told) from error
    from triage.registry import Registry  # noqa: PLC0415

    folder = options.registry or Path(os.environ.get(VARIABLE) or FOLDER)
    if options.action != "add" and not folder.is_dir():
        raise UsageError(f"the registry is {str(folder)!r}; legal: a folder that `triage models add` made")
    return _ACTIONS[options.action](Registry(folder, public_key=options.public_key), options)


def _list(registry: Registry, options: argparse.Namespace) -> int:
    entries, current = registry.entries(), registry.current
    if options.json:
        _print([_plain(entry) | {"current": entry.name == current} for entry in entries])
        return 0
    for entry in entries:
        mark = "*" if entry.name == current else " "
        digest = entry.described.digest[:12] if entry.described else "–"
        parent = (entry.statement.get("parent") or {}).get("name", "–")
        added = str(entry.statement.get("added", "–"))[:16]
        print(f"{mark} {entry.name:<5} {entry.state:<9} {digest:<13} {entry.version:<22} {added:<17} from {parent}")
    print(f"{len(entries)} versions; in force: {current or 'none, the embedded model is'}")
    return 0


def _show(registry: Registry, options: argparse.Namespace) -> int:
    entry = registry.entry(options.model)
    done = [record for record in registry.records() if record.get("model") == entry.name]
    if options.json:
        _print(_plain(entry) | {"current": entry.name == registry.current, "log": done})
        return 0
    for name, value in _plain(entry).items():
        print(f"{name}: {json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else value}")
    for record in done:
        print(f"{record['at']} {record['action']} by {record['by']}{_grounds(record)}")
    return 0


def _grounds(record: Mapping[str, Any]) -> str:
    gate, forced, reason = record.get("gate"), record.get("forced"), record.get("reason")
    said = f"; gate {gate['file']}, {'passed' if gate['passed'] else 'FAILED'}, {gate['seal']}" if gate else ""
    said += f"; FORCED: {forced}" if forced else ""
    return said + (f"; {reason}" if reason else "")


def _compare(registry: Registry, options: argparse.Namespace) -> int:
    from triage.registry.compare import compare  # noqa: PLC0415

    one, other = registry.entry(options.model), registry.entry(options.other)
    found = compare(one, other)
    if options.json:
        _print({name: [left, right] for name, left, right in found})
        return 0
    for name, left, right in found:
        print(f"{name}: {left} → {right}")
    print(f"{one.name} and {other.name} differ in {len(found)} things")
    return 0


def _promote(registry: Registry, options: argparse.Namespace) -> int:
    from triage.registry.verdict import gate_key  # noqa: PLC0415

    done = registry.promote(
        options.model, now=datetime.now(UTC), gate=options.gate, key=gate_key(), force=options.force
    )
    seal = f"; the gate's verdict is {done.seal}" if done.seal else ""
    forced = "; FORCED, the log has the reason" if options.force else ""
    print(f"in force: {done.name}, before: {done.before or 'the embedded model'}{seal}{forced}")
    return 0


def _rollback(registry: Registry, options: argparse.Namespace) -> int:
    done = registry.roll_back(now=datetime.now(UTC), reason=options.reason)
    print(f"in force: {done.name}, before: {done.before}")
    return 0


def _verify(registry: Registry, options: argparse.Namespace) -> int:
    entries = [registry.entry(name) for name in options.models] if options.models else registry.entries()
    faults = [] if options.models else registry.faults()
    sound = not faults and all(entry.state == "signed" for entry in entries)
    if options.json:
        _print({"sound": sound, "models": {entry.name: _state(entry) for entry in entries}, "log": faults})
    else:
        for entry in entries:
            print(f"{entry.name}: {_state(entry)}")
        for fault in faults:
            print(fault)
        print("all is as it should be" if sound else "NOT as it should be")
    return 0 if sound else NOT_AS_IT_SHOULD_BE


def _prune(registry: Registry, options: argparse.Namespace) -> int:
    gone = registry.prune(now=datetime.now(UTC), keep=options.keep, dry_run=options.dry_run)
    verb = "would go" if options.dry_run else "removed"
    print(f"{verb}: {', '.join(gone) or 'none'}")
    return 0


def _add(registry: Registry, options: argparse.Namespace) -> int:
    entry = registry.add(
        options.folder, now=datetime.now(UTC), data=options.data, parent=options.parent, note=options.note
    )
    print(f"{entry.name}: {_state(entry)}, {entry.version}, {entry.sound().digest[:12]}; {entry.folder}")
    return 0


def _state(entry: Entry) -> str:
    return f"{entry.state.upper()}: {entry.fault}" if entry.fault else entry.state


def _plain(entry: Entry) -> dict[str, Any]:
    now = entry.described
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "state": _state(entry),
        "model_version": entry.version,
        "digest": now.digest if now else None,
        "size": now.size if now else None,
        "statement": dict(entry.statement),
    }


def _print(value: object) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))


_ACTIONS: Mapping[str, Callable[[Registry, argparse.Namespace], int]] = {
    "list": _list,
    "show": _show,
    "compare": _compare,
    "promote": _promote,
    "rollback": _rollback,
    "verify": _verify,
    "prune": _prune,
    "add": _add,
}
