"""Look up known vulnerabilities of what the image holds: make audit, or python deploy/audit.py [REQUIREMENTS].

Exit codes: 0 none is known; 1 there are some, each on a line; 3 nothing could be looked up, which is no clean bill.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

DEFAULT = Path(__file__).parent / "requirements.txt"
NOT_AUDITED = 3
_SECONDS = "15"


def main(arguments: Sequence[str]) -> int:
    """Audit a file of exact versions and return the exit code."""
    path = Path(arguments[0]) if arguments else DEFAULT
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(path), "--no-deps", "--disable-pip"]
    command += ["--format", "json", "--progress-spinner", "off", "--timeout", _SECONDS]
    run = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        report = json.loads(run.stdout)
    except ValueError:
        said = [line for line in run.stderr.splitlines() if line.strip()]
        print(
            f"audit: NOT AUDITED: the vulnerability service is unreachable, or {path} cannot be read", file=sys.stderr
        )
        print(f"audit: {said[-1][:300] if said else 'pip-audit said nothing'}", file=sys.stderr)
        return NOT_AUDITED
    known = list(vulnerabilities(report))
    for line in known:
        print(line)
    # pip-audit calls a package that the service does not answer for no vulnerability; here it is a gap.
    missed = [entry["name"] for entry in report["dependencies"] if "skip_reason" in entry]
    looked_up = len(report["dependencies"]) - len(missed)
    if not looked_up:
        print("audit: NOT AUDITED: the vulnerability service answers for none of the packages", file=sys.stderr)
    elif missed:
        print(f"audit: NOT AUDITED: {', '.join(missed)}", file=sys.stderr)
    print(f"audit: {looked_up} of {len(report['dependencies'])} packages looked up, {len(known)} known vulnerabilities")
    return 1 if known else NOT_AUDITED if missed else 0


def vulnerabilities(report: dict[str, Any]) -> Iterator[str]:
    """Yield a line for each known vulnerability of pip-audit's JSON report."""
    for entry in report["dependencies"]:
        for found in entry.get("vulns", ()):
            fixed = ", ".join(found["fix_versions"]) or "no release yet"
            yield f"{entry['name']} {entry['version']}: {found['id']}; fixed in {fixed}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
