"""The file of a gate's verdict: which two models, on which rows, every check, and a seal.

With a key (``TRIAGE_GATE_KEY``, or a file that ``TRIAGE_GATE_KEY_FILE`` names) the seal is an HMAC (RFC 2104): only
who holds the key can have written it. Without one it is a chain of plain SHA-256 digests: it shows damage, and proves
nothing about who wrote the file; the seal says so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from triage.errors import ModelError, OutputError, UsageError
from triage.registry.canonical import canonical, write_whole

__all__ = ["KEY", "KEY_FILE", "Check", "Side", "Verdict", "gate_key"]

KEY, KEY_FILE = "TRIAGE_GATE_KEY", "TRIAGE_GATE_KEY_FILE"
FORMAT = 1
SHORTEST_KEY = 16
HMAC, PLAIN = "hmac-sha256", "sha256"
SAYS: Mapping[str, str] = {
    HMAC: "sealed with a key",
    PLAIN: "no key was set: shows damage, does not prove who wrote it",
}


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two models: its digest, the version that decisions name, and its size in bytes."""

    digest: str
    version: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that was compared.

    Attributes:
        group: ``figures``, ``protected``, ``classes``, ``slices``, ``calibration``, ``size``, ``speed`` or ``golden``.
        name: what was compared.
        rows: on how many complaints.
        current: the figure of the model in force; None where it has none.
        candidate: the figure of the candidate.
        low: and ``high``: the 95% interval of candidate minus current, where there is one.
        p: of the paired test, in [0, 1], where there is one.
        passed: whether the candidate may go on.
        why: the rule that decided, in words.
    """

    group: str
    name: str
    rows: int
    current: float | None
    candidate: float | None
    low: float | None = None
    high: float | None = None
    p: float | None = None
    passed: bool
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a gate found.

    Attributes:
        made: when, ISO 8601 with its offset.
        candidate: the model that wants to go into force.
        current: the model in force.
        data: of the labelled complaints: ``sha256`` of their files, ``files``, ``rows``.
        golden: of the must-pass cases, likewise.
        spec: the limits that held.
        checks: everything that was compared.
    """

    made: str
    candidate: Side
    current: Side
    data: Mapping[str, Any]
    golden: Mapping[str, Any]
    spec: Mapping[str, Any]
    checks: tuple[Check, ...] = field(default=())

    @property
    def passed(self) -> bool:
        """Whether there were checks, and the candidate passed each of them."""
        return bool(self.checks) and all(check.passed for check in self.checks)

    @property
    def failures(self) -> tuple[Check, ...]:
        """The checks that the candidate did not pass."""
        return tuple(check for check in self.checks if not check.passed)

    def to_dict(self) -> dict[str, Any]:
        """Return the content as plain dicts and lists, without a seal."""
        plain: dict[str, Any] = json.loads(json.dumps({"format": FORMAT, "passed": self.passed, **asdict(self)}))
        return plain

    def write(self, path: Path, *, key: bytes | None) -> None:
        """Write the file, sealed; it is there whole, or not at all.

        Raises:
            OutputError: it cannot be written.
        """
        content = self.to_dict()
        kind = PLAIN if key is None else HMAC
        sealed = content | {"seal": {"kind": kind, "says": SAYS[kind], "value": _seal(content, key)}}
        try:
            write_whole(path, json.dumps(sealed, ensure_ascii=False, indent=2).encode() + b"\n")
        except OSError as error:
            said = f"{path}: cannot be written ({error.strerror}); legal: a file that may be written"
            raise OutputError(said) from error

    @classmethod
    def read(cls, path: Path, *, key: bytes | None) -> tuple[Self, str]:
        """Read a file back, and return it with the kind of its seal.

        Args:
            path: what :meth:`write` wrote.
            key: of the seal. With a key, a file that was sealed without one is refused.

        Raises:
            ModelError: it is no verdict, was altered, or its seal cannot be checked.
        """
        try:
            content = json.loads(path.read_bytes())
            seal = content.pop("seal")
            kind, value = seal["kind"], seal["value"]
            format_, passed = content.pop("format"), content.pop("passed")
            verdict = cls(
                **content
                | {name: Side(**content[name]) for name in ("candidate", "current")}
                | {"checks": tuple(Check(**check) for check in content["checks"])}
            )
        except OSError as error:
            raise ModelError(f"{path}: cannot be read ({error.strerror}); legal: the file of a gate") from None
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ModelError(f"{path}: no verdict; legal: a file that `triage evaluate --gate` wrote") from None
        if format_ != FORMAT or kind not in SAYS:
            raise ModelError(f"{path}: format {format_!r} sealed by {kind!r}; legal: {FORMAT}, {HMAC} or {PLAIN}")
        if (kind == HMAC) != (key is not None):
            need = f"set {KEY} or {KEY_FILE}" if key is None else "a file that was sealed with the key that is set"
            raise ModelError(f"{path}: {SAYS[kind]}; legal: {need}")
        if not hmac.compare_digest(str(value), _seal(verdict.to_dict(), key)) or passed != verdict.passed:
            raise ModelError(f"{path}: altered, or sealed with another key; legal: as the gate wrote it")
        return verdict, kind

    def fits(self, candidate: str, current: str) -> None:
        """Check that the gate judged exactly these two models, given by their digests.

        Raises:
            ModelError: it judged others.
        """
        for role, side, due in (("candidate", self.candidate, candidate), ("current", self.current, current)):
            if side.digest != due:
                raise ModelError(
                    f"the gate's {role} is {side.digest[:12]}… ({side.version}); legal: {due[:12]}…, the {role} here"
                )


def gate_key(environment: Mapping[str, str] | None = None) -> bytes | None:
    """Return the key that seals verdicts, or None where none is set.

    Args:
        environment: of the process by default.

    Raises:
        UsageError: both variables are set, the file cannot be read, or the key is too short.
    """
    known = os.environ if environment is None else environment
    given, file = known.get(KEY), known.get(KEY_FILE)
    if given and file:
        raise UsageError(f"{KEY} and {KEY_FILE} are both set; legal: one of the two")
    if file:
        try:
            key = Path(file).read_bytes().strip()
        except OSError as error:
            raise UsageError(f"{KEY_FILE} is {file!r}; legal: a file that can be read ({error.strerror})") from None
    elif given:
        key = given.encode()
    else:
        return None
    if len(key) < SHORTEST_KEY:
        raise UsageError(f"the key of the gate has {len(key)} bytes; legal: {SHORTEST_KEY} and above")
    return key


def _seal(content: Mapping[str, Any], key: bytes | None) -> str:
    """Return the last link of the chain over the head and then each check, each link over the one before."""
    head = {name: value for name, value in content.items() if name != "checks"}
    links: Sequence[Any] = [head, *content["checks"]]
    link = b""
    for part in links:
        data = link + canonical(part)
        link = hashlib.sha256(data).digest() if key is None else hmac.digest(key, data, "sha256")
    return link.hex()
