"""Write the exact versions that the image holds: make lock, or python deploy/lock.py.

Resolves the extra ``serve`` of pyproject.toml afresh, wheels only, with pip's own resolver, for the Python that runs
this. The build installs from the file, the audit looks it up, the bill of materials lists it: one list for all three.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
FILE = ROOT / "deploy" / "requirements.txt"
_HEAD = """\
# What the image holds beside triage itself, written by: make lock
# Python {python}, Linux. Do not edit by hand.
"""


def main() -> int:
    """Resolve, write the file, and return the exit code."""
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    command += ["--only-binary", ":all:", "--disable-pip-version-check", f"{ROOT}[serve]"]
    run = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        return run.returncode
    found = {
        item["metadata"]["name"].lower().replace("_", "-"): item["metadata"]["version"]
        for item in json.loads(run.stdout)["install"]
    }
    found.pop("triage")
    head = _HEAD.format(python=f"{sys.version_info.major}.{sys.version_info.minor}")
    FILE.write_text(head + "".join(f"{name}=={version}\n" for name, version in sorted(found.items())), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(found)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
