"""The registry: a folder of model versions, one of which is in force.

```
REGISTRY/
  current              → models/v2: the model in force; `triage serve --model REGISTRY/current` takes it on a reload
  models/v2/           a model folder, as it was added
  statements/v2.json   what was added: digest, data, code, parent; signed
  gates/<digest>.json  the verdicts that promotions rest on
  lineage.jsonl        what was done, each line chained to the one before, and signed
  keys/                public keys that are trusted; the signing key too, unless TRIAGE_SIGNING_KEY names another
  lock                 held while something changes
```
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from triage.errors import ModelError, UsageError
from triage.model import EMBEDDED
from triage.model.files import MANIFEST, read_manifest
from triage.registry.canonical import canonical, digest_of_files, write_whole
from triage.registry.changing import changing, copy, writing
from triage.registry.code import code_version
from triage.registry.entry import Entry, read_entry
from triage.registry.folder import Described, describe
from triage.registry.keys import Keys
from triage.registry.lineage import Lineage
from triage.registry.verdict import SAYS, Verdict

__all__ = ["Entry", "Promotion", "Registry"]

_NAME = re.compile(r"v[1-9][0-9]{0,8}")
_SHORTEST_DIGEST = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Promotion:
    """What a promotion or a roll-back did.

    Attributes:
        name: the version in force now.
        before: the one before; empty where there was none.
        seal: how the gate's verdict was sealed, in words; empty when there was none.
    """

    name: str
    before: str
    seal: str = ""


class Registry:
    """Versions of a model.

    Args:
        folder: of the registry; made by the first version that is added.
        public_key: trust this public key alone; by default those in the folder.
        embedded: stands for the model in force until one is promoted.
    """

    def __init__(self, folder: Path, *, public_key: Path | None = None, embedded: Path = EMBEDDED) -> None:
        self.folder = folder
        self._embedded = embedded
        self._keys = Keys(folder / "keys", public=public_key)
        self._lineage = Lineage(folder / "lineage.jsonl", self._keys)

    # What there is

    @property
    def current(self) -> str:
        """The name of the version in force; empty where none was promoted.

        Raises:
            ModelError: ``current`` is there and points at no version.
        """
        link = self.folder / "current"
        if not link.is_symlink():
            if link.exists():
                raise ModelError(f"{link}: is no link; legal: as `triage models promote` made it")
            return ""
        target = link.readlink()
        if target != Path("models") / target.name or target.name not in self.names():
            raise ModelError(f"{link}: points at {str(target)!r}; legal: models/ and one of {', '.join(self.names())}")
        return target.name

    def names(self) -> list[str]:
        """Return the names of all versions, the oldest first."""
        found = [path.name for path in (self.folder / "models").glob("v*") if _NAME.fullmatch(path.name)]
        return sorted(found, key=lambda name: int(name[1:]))

    def entries(self) -> list[Entry]:
        """Return all versions, their files checked, the oldest first."""
        return [self._entry(name) for name in self.names()]

    def entry(self, reference: str) -> Entry:
        """Return a version by its name, by ``current``, or by the beginning of its digest or model version.

        Raises:
            UsageError: there is none, or several.
        """
        name = self.current if reference == "current" else reference
        if name in self.names():
            return self._entry(name)
        found = [entry for entry in self.entries() if _answers(entry, reference)]
        if len(found) != 1:
            what = "names several versions" if found else "is no version"
            legal = ", ".join(entry.name for entry in found) or ", ".join(self.names()) or "add one first"
            raise UsageError(f"{reference!r} {what} of {self.folder}; legal: {legal}")
        return found[0]

    def records(self) -> tuple[Any, ...]:
        """Return the log, the oldest record first.

        Raises:
            InputError: a line is no record.
        """
        return self._lineage.records()

    def faults(self) -> list[str]:
        """Return what is wrong with the log, and whether it agrees with what is in force."""
        found = self._lineage.faults()
        logged = self._stack()[-1:]
        if logged != [self.current][: bool(self.current)]:
            said = f"the log says {logged[0] if logged else 'none'}, in force is {self.current or 'none'}"
            found.append(f"current: {said}; promote or roll back again")
        return found

    def in_force(self) -> Described:
        """Return what the model in force is: that of ``current``, or the embedded one where none was promoted.

        Raises:
            ModelError: it is not as it was added.
        """
        return self._entry(self.current).sound() if self.current else describe(self._embedded)

    # What can be done

    def add(
        self, model: Path, *, now: datetime, data: Sequence[Path] = (), parent: str | None = None, note: str = ""
    ) -> Entry:
        """Copy a model folder into the registry, checked and signed, and return the version.

        The same model again is the version that is there already.

        Args:
            model: the folder.
            now: the moment, with an offset.
            data: the files that it was trained on; their digest is kept, not they.
            parent: the version that it was made from; by default the one in force.
            note: for people.

        Raises:
            ModelError: the folder is no sound model.
            UsageError: the parent is no version, or another process holds the registry.
            OutputError: it cannot be written; nothing was changed.
        """
        given = describe(model)
        with changing(self.folder):
            for known in self.names():
                entry = self._entry(known)
                if entry.described is not None and entry.described.digest == given.digest:
                    return entry
            elder = self.entry(parent).name if parent else self.current
            numbers = [int(name[1:]) for name in (*self.names(), *self._ever())]
            name = f"v{max(numbers, default=0) + 1}"
            statement = {
                "format": 1,
                "name": name,
                "digest": given.digest,
                "version": given.spec.version,
                "taxonomy_version": given.spec.taxonomy_version,
                "size": given.size,
                "data": _data(data),
                "code": code_version(),
                "parent": {"name": elder, "digest": self._entry(elder).sound().digest} if elder else None,
                "added": now.isoformat(timespec="seconds"),
                "note": note,
            }
            self._take_in(model, name, statement, now)
            return self._entry(name)

    def promote(
        self,
        reference: str,
        *,
        now: datetime,
        gate: Path | None = None,
        key: bytes | None = None,
        force: str | None = None,
    ) -> Promotion:
        """Put a version in force, in one step.

        Args:
            reference: of the version.
            now: the moment, with an offset.
            gate: the verdict of a gate on exactly this version and the one in force.
            key: of the verdict's seal.
            force: why no passing verdict is needed; stands in the log for good.

        Raises:
            UsageError: there is neither a gate nor a reason to do without, or it is in force already.
            ModelError: the version or the verdict is altered, or the verdict is of other models or did not pass.
            OutputError: it cannot be written; the version in force stays.
        """
        if force is not None and not force.strip():
            raise UsageError("force is empty; legal: the reason, for whoever reads the log")
        if gate is None and force is None:
            raise UsageError("there is no gate; legal: --gate FILE of `triage evaluate --gate`, or --force REASON")
        with changing(self.folder):
            entry = self.entry(reference)
            described = entry.sound()
            before = self.current
            if entry.name == before:
                raise UsageError(f"{entry.name} is in force already; legal: another version")
            if entry.state != "signed" and force is None:
                raise ModelError(f"{entry.name} is unsigned: {entry.fault}; legal: a signed version, or --force REASON")
            grounds: dict[str, Any] | None = None
            if gate is not None:
                grounds = self._judged(gate, key, described, forced=force is not None)
            facts = {"digest": described.digest, "before": before, "gate": grounds, "forced": force}
            self._point(entry.name, "promote", now, **facts)
        return Promotion(name=entry.name, before=before, seal=grounds["seal"] if grounds else "")

    def roll_back(self, *, now: datetime, reason: str = "") -> Promotion:
        """Put the version that was in force before this one in force again; needs no gate: it had one.

        Raises:
            UsageError: there is none.
            ModelError: it is altered.
            OutputError: it cannot be written; the version in force stays.
        """
        with changing(self.folder):
            stack = [name for name in self._stack() if name in self.names()]
            before = self.current
            if before in stack:
                stack = stack[: len(stack) - stack[::-1].index(before) - 1]
            if not stack:
                raise UsageError(
                    f"there is no version before {before or 'the embedded model'}; see: triage models list"
                )
            entry = self._entry(stack[-1])
            digest = entry.sound().digest
            self._point(entry.name, "rollback", now, digest=digest, before=before, reason=reason)
        return Promotion(name=entry.name, before=before)

    def prune(self, *, now: datetime, keep: int, dry_run: bool = False) -> list[str]:
        """Remove old versions, and return their names.

        The newest ``keep`` stay, and so do the version in force and the one that a roll-back would take.

        Args:
            now: the moment, with an offset.
            keep: how many, 1 and above.
            dry_run: only say what would go.

        Raises:
            UsageError: ``keep`` is not legal.
            OutputError: the log cannot be written; nothing was removed.
        """
        if keep < 1:
            raise UsageError(f"keep is {keep}; legal: 1 and above")
        with changing(self.folder):
            needed = {*self.names()[-keep:], self.current, *self._stack()[-2:]}
            gone = [name for name in self.names() if name not in needed]
            if dry_run:
                return gone
            for name in gone:
                with writing(self.folder, name):
                    self._lineage.append("prune", now=now, model=name)
                # Out of sight in one step, then in pieces.
                away = self.folder / "models" / f".gone-{name}"
                (self.folder / "models" / name).rename(away)
                shutil.rmtree(away, ignore_errors=True)
        return gone

    # How it is done

    def _entry(self, name: str) -> Entry:
        statement = self.folder / "statements" / f"{name}.json"
        return read_entry(name, folder=self.folder / "models" / name, statement=statement, keys=self._keys)

    def _take_in(self, model: Path, name: str, statement: dict[str, Any], now: datetime) -> None:
        part = self.folder / "models" / f".part-{name}"
        file = self.folder / "statements" / f"{name}.json"
        with writing(self.folder, name):
            try:
                shutil.rmtree(part, ignore_errors=True)
                part.mkdir(parents=True)
                file.parent.mkdir(exist_ok=True)
                # Only what the manifest names: whatever else lies there was never signed.
                for source in (*read_manifest(model), MANIFEST):
                    copy(model / source, part / source)
                if describe(part).digest != statement["digest"]:
                    raise ModelError(f"{model}: changed while it was copied; legal: a folder that nobody writes into")
                write_whole(file, canonical(statement | self._keys.sign(statement)) + b"\n")
                facts = {key: statement[key] for key in ("digest", "data", "code", "parent", "note")}
                length = self._lineage.append("add", now=now, model=name, **facts)
                try:
                    part.rename(self.folder / "models" / name)
                except OSError:
                    self._lineage.take_back(length)
                    raise
            except (OSError, ModelError):
                file.unlink(missing_ok=True)
                shutil.rmtree(part, ignore_errors=True)
                raise

    def _judged(self, gate: Path, key: bytes | None, candidate: Described, *, forced: bool) -> dict[str, Any]:
        """Return what a promotion rests on; the verdict is kept beside the log."""
        verdict, kind = Verdict.read(gate, key=key)
        verdict.fits(candidate.digest, self.in_force().digest)
        if not verdict.passed and not forced:
            failed = "、".join(f"{check.group}: {check.name}" for check in verdict.failures[:3]) or "no checks at all"
            raise ModelError(f"{gate}: did not pass ({failed}); legal: a gate that passed, or --force REASON")
        digest = digest_of_files([gate])
        with writing(self.folder, str(gate)):
            kept = self.folder / "gates" / f"{digest[:16]}.json"
            kept.parent.mkdir(exist_ok=True)
            write_whole(kept, gate.read_bytes())
        return {"file": kept.name, "sha256": digest, "passed": verdict.passed, "seal": SAYS[kind], "made": verdict.made}

    def _point(self, name: str, action: str, now: datetime, **facts: Any) -> None:  # noqa: ANN401
        """Write the record, and let ``current`` point at a version: both, or neither.

        What can fail for want of space comes first: the new link, then the record. The step that counts is a rename,
        which needs none.
        """
        link = self.folder / f".current-{os.getpid()}"
        with writing(self.folder, name):
            try:
                link.unlink(missing_ok=True)
                link.symlink_to(Path("models") / name)
                length = self._lineage.append(action, now=now, model=name, **facts)
                try:
                    link.replace(self.folder / "current")
                except OSError:
                    self._lineage.take_back(length)
                    raise
            finally:
                link.unlink(missing_ok=True)

    def _stack(self) -> list[str]:
        """Return the versions that were in force, as roll-backs would take them; the last is in force by the log."""
        stack: list[str] = []
        for record in self._lineage.records():
            if record["action"] == "promote":
                stack.append(record["model"])
            elif record["action"] == "rollback" and record["model"] in stack:
                del stack[len(stack) - stack[::-1].index(record["model"]) :]
        return stack

    def _ever(self) -> list[str]:
        """Return every name that was ever given: none is given twice."""
        return [record["model"] for record in self._lineage.records() if record["action"] == "add"]


def _answers(entry: Entry, reference: str) -> bool:
    digest = entry.described.digest if entry.described else ""
    return entry.version == reference or (len(reference) >= _SHORTEST_DIGEST and digest.startswith(reference))


def _data(files: Sequence[Path]) -> dict[str, Any] | None:
    if not files:
        return None
    try:
        return {"files": [path.name for path in files], "sha256": digest_of_files(files)}
    except OSError as error:
        raise UsageError(f"data is {error.filename!r}; legal: files that can be read ({error.strerror})") from None
