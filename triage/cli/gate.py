"""``triage evaluate DATA --model CANDIDATE --against CURRENT --gate FILE``: may the candidate go into force?"""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path

from triage.errors import InputError, UsageError
from triage.model import EMBEDDED
from triage.pipeline import load
from triage.registry.canonical import digest_of_files
from triage.registry.folder import describe
from triage.registry.verdict import SAYS, Check, Side, Verdict, gate_key

__all__ = ["run_gate"]

FAILED = 4


def run_gate(options: argparse.Namespace) -> int:
    """Print every check, write the verdict, and return 0 when the candidate passed, else 4.

    ``--model`` is the candidate and ``--against`` the model in force; for either, the embedded one by default.

    Raises:
        UsageError: the two are the same, rules shall judge, or the key of the seal is not legal.
        ModelError: a folder is no sound model.
        InputError: a file cannot be read.
        ConfigError: the limits are not legal.
        OutputError: the verdict cannot be written.
    """
    from triage.training.evaluate import answers_of  # noqa: PLC0415 - an extra
    from triage.training.gate import gate, read_golden, read_limits  # noqa: PLC0415
    from triage.training.gate.gate import golden_checks, size_check, speed_check  # noqa: PLC0415
    from triage.training.gate.golden import DEFAULT  # noqa: PLC0415
    from triage.training.gate.speed import timed  # noqa: PLC0415
    from triage.training.labelled import read_labelled  # noqa: PLC0415

    if options.rules_only:
        raise UsageError("--gate is for two models; legal: without --rules-only")
    key = gate_key()
    folders = (options.against or EMBEDDED, options.model or EMBEDDED)
    current, candidate = (describe(folder) for folder in folders)
    if current.digest == candidate.digest:
        raise UsageError(f"--model and --against are the same model, {current.digest[:12]}…; legal: two different ones")
    before, after = (load(folder, configs=options.configs) for folder in folders)
    config = after.config
    limits = read_limits(options.limits, config)
    rows = list(read_labelled(options.data, config))
    if not rows:
        raise InputError("there are no labelled complaints; legal: at least one row", field="data")
    golden_files = [DEFAULT, *([options.golden] if options.golden else [])]
    golden = read_golden(golden_files, config)

    texts, names = [row.text for row in rows], [row.id for row in rows]
    must, called = [case.text for case in golden], [case.id for case in golden]
    told, says = (answers_of(triage, texts, names=names) for triage in (before, after))
    must_told, must_says = (answers_of(triage, must, names=called) for triage in (before, after))
    times = timed(before, after, texts[: limits.speed.texts], repeats=limits.speed.repeats)
    verdict = Verdict(
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        candidate=Side(candidate.digest, candidate.spec.version, candidate.size),
        current=Side(current.digest, current.spec.version, current.size),
        data={"files": _names(options.data), "rows": len(rows), "sha256": digest_of_files(options.data)},
        golden={"files": _names(golden_files), "rows": len(golden), "sha256": digest_of_files(golden_files)},
        spec=limits.model_dump(mode="json"),
        checks=(
            *gate(rows, told, says, config, limits),
            *golden_checks(golden, must_told, must_says, config),
            size_check(current.size, candidate.size, limits),
            speed_check(times[0], times[1], limits),
        ),
    )
    verdict.write(options.gate, key=key)
    _print(verdict, options, sealed=SAYS["sha256" if key is None else "hmac-sha256"])
    return 0 if verdict.passed else FAILED


def _print(verdict: Verdict, options: argparse.Namespace, *, sealed: str) -> None:
    if options.json:
        print(json.dumps(verdict.to_dict(), ensure_ascii=False, indent=2))
        return
    for check in verdict.checks:
        print(_line(check))
    said = "PASSED" if verdict.passed else f"FAILED: {len(verdict.failures)} of {len(verdict.checks)} checks"
    print(f"{verdict.candidate.version} against {verdict.current.version} on {verdict.data['rows']} complaints: {said}")
    print(f"{options.gate}: {sealed}")


def _line(check: Check) -> str:
    figures = f"{_number(check.current)} → {_number(check.candidate)}"
    interval = "" if check.low is None else f" [{check.low:+.3f}, {check.high:+.3f}]"
    p = "" if check.p is None else f" p {check.p:.3g}"
    return f"{'ok  ' if check.passed else 'FAIL'} {check.group}: {check.name}: {figures}{interval}{p}; {check.why}"


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f}" if value > 1000 else f"{value:.3f}"


def _names(files: list[Path]) -> list[str]:
    return [file.name for file in files]
