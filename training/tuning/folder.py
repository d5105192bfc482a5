"""The folder of a run: what was asked, what it ran on, how it went, and the model.

config.json  data.json  environment.json  train.log  curves.csv  curves.png  metrics.json  plan.json
data/        token ids and targets, no text
model/       as `triage.load` takes it, put in place whole at the very end
configs/     where labels are the institution's own: the folder for `--configs`
"""

from __future__ import annotations

import csv
import io
import json
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from triage.errors import OutputError, UsageError
from triage.training.tuning.checkpoint import write_whole
from triage.training.tuning.loop import Curve

__all__ = ["RunFolder"]

PACKAGES = ("triage", "torch", "transformers", "tokenizers", "onnx", "onnxruntime", "numpy", "scikit-learn")


class RunFolder:
    """The only owner of the file names of a run.

    Args:
        path: the folder; made where it is missing.

    Raises:
        OutputError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.data, self.model, self.configs = path / "data", path / "model", path / "configs"
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"--out is {str(path)!r}: {error.strerror}; legal: a folder to write into") from None

    def claim(self, config: dict[str, Any]) -> bool:
        """Take the folder for a run of these settings; return whether it holds one already that can go on.

        Raises:
            UsageError: it holds something else, or a run that is finished.
        """
        before = self.read("config.json")
        if before is None:
            other = sorted(entry.name for entry in self.path.iterdir() if not entry.name.startswith("."))
            if other:
                raise UsageError(f"--out is {str(self.path)!r}, which holds {other[0]}; legal: a new or empty folder")
            self.write("config.json", config)
            return False
        if self.model.exists():
            raise UsageError(f"--out is {str(self.path)!r}, which holds a finished run; legal: a new folder")
        unlike = sorted(key for key in {*before, *config} if before.get(key) != config.get(key))
        if unlike:
            key = unlike[0]
            raise UsageError(
                f"{self.path} holds a run with {key} {before.get(key)!r}, not {config.get(key)!r};"
                " legal: the same settings to go on, or a new folder"
            )
        return True

    def read(self, name: str) -> dict[str, Any] | None:
        """Return the content of a JSON file of the run, or None."""
        file = self.path / name
        if not file.is_file():
            return None
        found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
        return found

    def write(self, name: str, data: dict[str, Any]) -> None:
        """Write a JSON file of the run, whole or not at all."""
        write_whole(self.path / name, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())

    def environment(self) -> None:
        """Write what the run ran on."""
        packages = {}
        for name in PACKAGES:
            try:
                packages[name] = version(name)
            except PackageNotFoundError:
                packages[name] = "not installed"
        said = {"python": sys.version.split()[0], "machine": platform.machine(), "system": platform.system()}
        self.write("environment.json", {**said, "packages": packages, "argv": sys.argv[1:]})

    def log(self, line: str) -> None:
        """Add a line to the log."""
        with (self.path / "train.log").open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {line}\n")

    def curves(self, curves: Sequence[Curve], *, picture: bool) -> None:
        """Write the curves as a table, and as a picture if asked."""
        table = io.StringIO()
        writer = csv.writer(table, lineterminator="\n")
        writer.writerow(["epoch", "step", "loss", "validation_loss", "score", "seconds"])
        for curve in curves:
            rounded = [round(value, 4) for value in (curve.loss, curve.validation_loss, curve.score, curve.seconds)]
            writer.writerow([curve.epoch, curve.step, *rounded])
        write_whole(self.path / "curves.csv", table.getvalue().encode())
        if picture and curves:
            write_whole(self.path / "curves.png", _picture(curves))


def _picture(curves: Sequence[Curve]) -> bytes:
    from matplotlib.figure import Figure  # noqa: PLC0415 - slow to import

    epochs = [curve.epoch for curve in curves]
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    left.plot(epochs, [curve.loss for curve in curves], marker="o", label="training")
    left.plot(epochs, [curve.validation_loss for curve in curves], marker="o", label="validation")
    left.set(title="loss", xlabel="epoch")
    left.legend()
    right.plot(epochs, [curve.score for curve in curves], marker="o", color="tab:green")
    right.set(title="score on the validation rows", xlabel="epoch", ylim=(0, 1))
    data = io.BytesIO()
    figure.savefig(data, format="png", dpi=120)
    return data.getvalue()
