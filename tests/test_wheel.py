"""The built wheel works outside the checkout: configs travel inside it, and no general name is claimed."""

from __future__ import annotations

import json
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    (made,) = out.glob("*.whl")
    return made


def test_what_is_inside(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"triage"}
    for name in ("configs/taxonomy.yaml", "configs/rules/business.yaml", "serve/__init__.py", "training/labelled.py",
                 "model/embedded/model.onnx", "model/embedded/manifest.json", "serve/page/static/index.html",
                 "serve/feedback/migrations/env.py", "training/evaluate/report.html.jinja", "py.typed"):  # fmt: skip
        assert f"triage/{name}" in names
    # A corpus is for the checkout.
    assert not [name for name in names if name.startswith(("triage/training/corpus/", "triage/training/devset/"))]


def test_it_works_outside_the_checkout(wheel: Path, tmp_path: Path) -> None:
    env = tmp_path / "env"
    venv.create(env, with_pip=False)
    # The dependencies of this environment, and of ours only the wheel.
    site = next((env / "lib").glob("python3*")) / "site-packages"
    zipfile.ZipFile(wheel).extractall(site / "unpacked")
    (site / "deps.pth").write_text(f"{site / 'unpacked'}\n{ours()}\n", encoding="utf-8")
    code = (
        "import json, triage, triage.serve, triage.training as t; from pathlib import Path;"
        "d = triage.load().predict('信用卡被盗刷三千元');"
        "print(json.dumps([triage.__file__, t.__file__, d.business.label]))"
    )
    run = subprocess.run([env / "bin" / "python", "-c", code], check=True, capture_output=True, text=True, cwd=tmp_path)
    library, training, business = json.loads(run.stdout)
    assert "unpacked" in library
    assert "unpacked" in training
    assert business == "credit_card"


def ours() -> str:
    return next(path for path in sys.path if path.endswith("site-packages"))
