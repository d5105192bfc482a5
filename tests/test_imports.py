"""The arrows between packages, and what importing the library costs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LEAVES = {"triage.errors", "triage.schema", "triage.types"}
MAY_IMPORT: dict[str, set[str]] = {
    "text": set(),
    "redact": set(),
    "rules": set(),
    "route": set(),
    "model": set(),
    "config": {"text", "redact", "rules", "route"},
    "pipeline": {"config", "text", "redact", "rules", "route", "model"},
    "batch": {"pipeline"},
    "registry": {"model", "pipeline"},
    "cli": {"pipeline", "batch", "config", "text", "model", "registry", "serve", "training"},
    "serve": {"pipeline", "config", "text", "batch", "redact", "registry"},
    "training": {"pipeline", "batch", "config", "text", "redact", "rules", "route", "model", "registry"},
}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the arrows"
            yield node.module or ""


def _files(package: str) -> list[Path]:
    folder = ROOT / "triage" / package
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [folder.with_suffix(".py")]


@pytest.mark.parametrize("package", sorted(MAY_IMPORT))
def test_arrows(package: str) -> None:
    for path in _files(package):
        for name in _imports(path):
            if not name.startswith("triage") or name in LEAVES:
                continue
            part = name.split(".")[1]
            assert part == package or part in MAY_IMPORT[package], f"{path.name}: {package} must not import {name}"


def test_every_package_has_its_arrows_written_down() -> None:
    found = {p.stem for p in (ROOT / "triage").iterdir() if p.suffix == ".py" or (p / "__init__.py").exists()}
    assert found - {"__init__", "__main__", "errors", "schema", "types"} == set(MAY_IMPORT)


@pytest.mark.parametrize("folder", ["triage", "tests", "serve", "training", "benchmarks", "examples"])
def test_nobody_imports_the_general_names(folder: str) -> None:
    for path in (ROOT / folder).rglob("*.py"):
        tops = {name.split(".")[0] for name in _imports(path)}
        assert not tops & {"serve", "training", "configs"}, path


@pytest.mark.parametrize(
    "heavy", ["torch", "fastapi", "sqlalchemy", "sklearn", "transformers", "pyarrow", "openpyxl", "matplotlib"]
)
def test_importing_the_library_stays_light(heavy: str) -> None:
    code = f"import sys, triage, triage.cli; triage.load().predict('卡被吞了'); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_packages_beside_the_library_have_one_name_each() -> None:
    code = "import triage.serve, triage.training; print(triage.serve.__name__, triage.training.__name__)"
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd="/")
    assert run.stdout.split() == ["triage.serve", "triage.training"]
