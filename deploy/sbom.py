"""Write the bill of materials of a release, CycloneDX JSON: make sbom, or python deploy/sbom.py OUT.

Installs triage and the exact versions of deploy/requirements.txt into an environment of its own, as the image does, and
describes that: names, versions, licences, and what needs what. The environment of a developer holds far more.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent
USAGE = 2


def main(arguments: Sequence[str]) -> int:
    """Write the bill of materials and return the exit code."""
    if len(arguments) != 1:
        print("sbom: legal: python deploy/sbom.py OUT", file=sys.stderr)
        return USAGE
    out = Path(arguments[0])
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="triage-sbom-") as folder:
        venv.create(folder, with_pip=False, symlinks=True)
        python = Path(folder) / "bin" / "python"
        install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps"]
        install += ["--no-compile", "--disable-pip-version-check"]
        subprocess.run([*install, "--only-binary", ":all:", "-r", str(ROOT / "deploy/requirements.txt")], check=True)
        subprocess.run([*install, str(ROOT)], check=True)
        describe = [sys.executable, "-m", "cyclonedx_py", "environment", str(python)]
        describe += ["--pyproject", str(ROOT / "pyproject.toml"), "--mc-type", "application", "--gather-license-texts"]
        describe += ["--output-format", "JSON", "--output-reproducible", "--output-file", str(out)]
        subprocess.run(describe, check=True)
    print(f"{out}: {out.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
