"""``triage train``: from an institution's labelled history to a model folder, in one run that a kill cannot spoil.

Few rows train a probe on the frozen encoder, many rows fine-tune it; the choice is said and can be overridden. What is
in force elsewhere is never touched: the model is written beside, and put into the run's folder whole at the very end.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray

from triage.config import Config
from triage.config import load as load_config
from triage.errors import InputError, OutputError, UsageError
from triage.model.files import GRAPH
from triage.model.heads import Layout
from triage.model.opinions import Opinions
from triage.model.spec import Calibration, ModelSpec
from triage.model.tokens import Tokens
from triage.pipeline import load as load_triage
from triage.training.history.configs import write_configs
from triage.training.history.mapping import ColumnMap
from triage.training.learn.calibrate import calibrate
from triage.training.learn.examples import Example, collate
from triage.training.learn.export import export
from triage.training.learn.recipe import Recipe
from triage.training.tuning.data import Rows
from triage.training.tuning.folder import RunFolder
from triage.training.tuning.loop import Curve, Settings, Teacher, tune
from triage.training.tuning.prepared import Prepared, prepare
from triage.training.tuning.probe import probe
from triage.training.tuning.scores import figures
from triage.training.tuning.start import Start, grafted, start
from triage.training.tuning.world import World

__all__ = ["Method", "Order", "Outcome", "train"]

Method = Literal["auto", "probe", "tune"]

FROM_ROWS = 1_000
"""From so many rows to learn from on, moving the encoder pays."""
PROBE_SHARES, TUNE_SHARES = (0.8, 0.0, 0.0, 0.2), (0.7, 0.1, 0.1, 0.1)
EPOCHS = 8
LEAST_EPOCHS_ROWS = 40_000
"""From so many rows on, fewer epochs do."""
RESERVE = 0.2
"""Share of what is left of the minutes that goes to calibration and export."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked of a training.

    Attributes:
        data: files, datasets folders or the URL of a database.
        columns: which column is what.
        out: the run's folder.
        encoder: a model folder or a Hugging Face encoder; the embedded model by default.
        configs: a folder of configuration over the default one, as the start of the new taxonomy.
        method: how; ``auto`` decides by the number of rows.
        minutes: for the whole run, earlier starts of it included.
        epochs: of fine-tuning, at most; by the number of rows by default.
        accumulate: batches of a step.
        seed: of everything drawn by chance.
        checkpoint: seconds between checkpoints.
    """

    data: tuple[str, ...]
    columns: ColumnMap
    out: Path
    encoder: Path | None = None
    configs: Path | None = None
    method: Method = "auto"
    minutes: float | None = None
    epochs: int | None = None
    accumulate: int | None = None
    seed: int = 1
    checkpoint: float = 60.0

    def settings(self) -> dict[str, Any]:
        """Return what a run that goes on must share with the one that began."""
        said = {name: getattr(self, name) for name in ("method", "minutes", "epochs", "accumulate", "seed")}
        places = {name: None if (path := getattr(self, name)) is None else str(path) for name in ("encoder", "configs")}
        return {**said, **places, "data": list(self.data), "columns": self.columns.model_dump(mode="json")}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run made: the model's folder, the folder of configuration that goes with it (if any), and its figures."""

    model: Path
    configs: Path | None
    metrics: Mapping[str, Any]


def train(order: Order, *, say: Say, told: Callable[[int, int, float, float], None] | None = None) -> Outcome | None:
    """Train, and return what was made; None in the processes of a torchrun that only help.

    Raises:
        UsageError: the settings make no sense, or the folder holds another run.
        InputError: the history cannot be read, or nothing can be learned from it.
        ModelError: the start cannot be used.
        OutputError: something cannot be written.
    """
    began = time.monotonic()
    with World.of_environment() as world:
        folder = RunFolder(order.out)
        _check(order, world)
        torch.manual_seed(order.seed)
        config = load_config(order.configs)
        base = start(order.encoder)
        if world.leads:
            goes_on = folder.claim(order.settings())
            folder.environment()
            _say(folder, say, f"{'goes on with' if goes_on else 'starts from'} {base.name}, seed {order.seed}")
            _prepare(order, config, base, folder, say)
        world.wait()
        ready = Prepared.load(folder.data)
        run = _Run(order=order, config=config, base=base, folder=folder, ready=ready, world=world, say=say, began=began)
        return run(told)


def _check(order: Order, world: World) -> None:
    if order.minutes is not None and order.minutes <= 0:
        raise UsageError(f"--minutes is {order.minutes:g}; legal: above 0")
    if order.accumulate is not None and order.accumulate % world.size:
        raise UsageError(f"--accumulate is {order.accumulate} in {world.size} processes; legal: a multiple of that")


def _say(folder: RunFolder, say: Say, line: str) -> None:
    folder.log(line)
    say(line)


def _prepare(order: Order, config: Config, base: Start, folder: RunFolder, say: Say) -> None:
    def shares(rows: int) -> Sequence[float]:
        small = order.method == "probe" or (order.method == "auto" and rows < FROM_ROWS)
        return PROBE_SHARES if small else TUNE_SHARES

    def progress(rows: int) -> None:
        if rows % 5_000 < 256:
            say(f"{rows:,} rows read")

    fresh = not folder.data.is_dir()
    try:
        ready = prepare(
            order.data, order.columns, config,
            tokenizer=base.tokenizer, folder=folder.data, shares=shares, seed=order.seed, progress=progress,
        )  # fmt: skip
    except InputError:
        # Nothing has begun: the folder is free for another try.
        (folder.path / "config.json").unlink(missing_ok=True)
        for name in ("environment.json", "train.log"):
            (folder.path / name).unlink(missing_ok=True)
        raise
    folder.write("data.json", ready.data)
    if fresh:
        hidden = sum(ready.data["personal"].values())
        by = "time" if ready.data["by_time"] else "story"
        counted = ", ".join(f"{rows:,} {part}" for part, rows in ready.data["parts"].items())
        _say(folder, say, f"{ready.data['rows']:,} rows, {hidden:,} personal data hidden; split by {by}: {counted}")
        for note in ready.notes:
            _say(folder, say, f"note: {note}")


class _Run:
    """One run, from a prepared history to the model."""

    def __init__(
        self,
        *,
        order: Order,
        config: Config,
        base: Start,
        folder: RunFolder,
        ready: Prepared,
        world: World,
        say: Say,
        began: float,
    ) -> None:
        self._order, self._config, self._base, self._folder = order, config, base, folder
        self._ready, self._world, self._tell, self._began = ready, world, say, began
        shipped = base.spec.heads if base.spec else ()
        # Facets that the history lacks keep the heads of the start, as far as the taxonomy still has their labels.
        learned = {head.facet for head in ready.heads}
        self._kept = [head for head in shipped if head.facet not in learned]
        self._network = grafted(base.network, [*ready.heads, *self._kept])
        self._data = Rows(ready.texts, ready.targets)

    def _say(self, line: str) -> None:
        if self._world.leads:
            _say(self._folder, self._tell, line)

    def __call__(self, told: Callable[[int, int, float, float], None] | None) -> Outcome | None:
        rows = len(self._ready.split.rows("train"))
        tuned = len(self._ready.split.rows("validation")) > 0
        why = (
            "as asked" if self._order.method != "auto" else f"{rows:,} rows to learn from, the border is {FROM_ROWS:,}"
        )
        what = "full fine-tuning" if tuned else "a linear probe on the frozen encoder"
        self._say(f"method: {what} ({why}); heads: {self._heads()}")
        curves: list[Curve] = []
        if tuned:
            curves, calibration = self._tune(told), None
        else:
            calibration = self._probe()
        return self._finish(curves, calibration) if self._world.leads else None

    def _heads(self) -> str:
        learned = ", ".join(f"{head.facet} ({len(head.labels) or 'score'})" for head in self._ready.heads)
        kept = ", ".join(head.facet for head in self._kept)
        return learned + (f"; kept from the start: {kept}" if kept else "")

    def _probe(self) -> Calibration | None:
        if not self._world.leads:
            return None
        rows = self._ready.split.rows("train")
        stories = self._ready.split.stories
        found = probe(self._network, self._data, rows, stories, seed=self._order.seed, told=self._say)
        return self._calibrated(found.logits, self._data.examples(rows))

    def _tune(self, told: Callable[[int, int, float, float], None] | None) -> list[Curve]:
        order = self._order
        parts = {name: self._ready.split.rows(name) for name in ("train", "validation")}
        teacher = self._teacher(parts["train"]) if self._kept else None
        minutes = None
        if order.minutes is not None:
            used = (time.monotonic() - self._began) / 60
            minutes = max((order.minutes - used) * (1 - RESERVE), 0.01)
        many = len(parts["train"]) >= LEAST_EPOCHS_ROWS
        recipe = Recipe(
            epochs=order.epochs or (3 if many else EPOCHS), rate=1e-4, smoothing=0.05, seed=order.seed, minutes=minutes
        )
        accumulate = order.accumulate or self._world.size
        device = "cuda" if torch.cuda.is_available() and self._world.size == 1 else "cpu"

        def seen(curve: Curve) -> None:
            if self._world.leads:
                self._say(
                    f"epoch {curve.epoch}: loss {curve.loss:.3f}, validation {curve.validation_loss:.3f},"
                    f" score {curve.score:.3f}, {curve.seconds:.0f} s"
                )

        return tune(
            self._network,
            self._data,
            parts,
            recipe,
            settings=Settings(accumulate=accumulate, checkpoint=order.checkpoint, device=device),
            folder=self._folder.path,
            teacher=teacher,
            world=self._world,
            told=told if self._world.leads else None,
            seen=seen,
        )

    def _teacher(self, rows: NDArray[np.int64]) -> Teacher:
        """Return what the start says of each row, by the columns of the network; written once, then read."""
        file = self._folder.path / "teacher.npy"
        if self._world.leads and not file.is_file():
            beside = file.with_name(".teacher.new.npy")
            shape = (len(self._ready.texts), self._network.layout.outputs)
            said = np.lib.format.open_memmap(beside, "w+", np.float32, shape)
            self._network.eval()
            order = rows[np.argsort(self._ready.texts.sizes[rows], kind="stable")]
            for first in range(0, len(order), 32):
                own = order[first : first + 32]
                with torch.no_grad():
                    said[own] = self._network(collate(self._data.examples(own), [])).numpy()
            said.flush()
            beside.replace(file)
        self._world.wait()
        found: Teacher = np.load(file, mmap_mode="r")
        return found

    def _calibrated(self, logits: NDArray[np.float32], examples: list[Example]) -> Calibration:
        """Return the calibration of the learned heads, and for the kept heads that of the start."""
        heads = self._ready.heads
        layout = self._network.layout
        own = np.concatenate([logits[:, layout[head.facet]] for head in heads], 1)
        made = calibrate(own, examples, Layout(heads))
        old = self._base.spec.calibration if self._base.spec else Calibration()
        kept = {head.facet for head in self._kept}
        merged: dict[str, Any] = {
            item.name: {facet: value for facet, value in getattr(old, item.name).items() if facet in kept}
            | dict(getattr(made, item.name))
            for item in fields(Calibration)
            if isinstance(getattr(made, item.name), Mapping)
        }
        return replace(made, **merged)

    def _finish(self, curves: list[Curve], calibration: Calibration | None) -> Outcome:
        folder, ready = self._folder, self._ready
        beside = folder.path / ".model.new"
        shutil.rmtree(beside, ignore_errors=True)
        own = {facet: plan for facet, plan in ready.plans.items() if plan.own}
        configs = self._configs(own)
        config = load_config(configs) if configs else self._config
        spec = self._spec(config)
        try:
            export(self._network, spec, tokenizer=self._base.tokenizer, out=beside)
            if calibration is None:
                rows = ready.split.rows("validation", "calibration")
                examples = self._data.examples(rows)
                calibration = self._calibrated(_judged(beside, self._network.layout, examples), examples)
            spec = spec.with_calibration(calibration)
            export(self._network, spec, tokenizer=self._base.tokenizer, out=beside)
        except OSError as error:
            raise OutputError(f"{beside}: cannot be written ({error.strerror}); legal: a disk with room") from None
        metrics = self._metrics(beside, calibration)
        load_triage(beside, configs=configs or self._order.configs)
        folder.curves(curves, picture=bool(curves))
        folder.write("metrics.json", metrics)
        beside.replace(folder.model)
        for name in ("checkpoint.pt", "best.pt", "teacher.npy"):
            (folder.path / name).unlink(missing_ok=True)
        for facet, row in metrics["test"].items():
            self._say(f"test, {facet}: " + ", ".join(f"{name} {value:.3g}" for name, value in row.items()))
        for line in metrics["departments"]:
            self._say(f"departments: {line}")
        use = f"--model {folder.model}" + (f" --configs {configs}" if configs else "")
        self._say(f"done in {time.monotonic() - self._began:.0f} s; use it: triage predict {use} TEXT")
        return Outcome(folder.model, configs, metrics)

    def _configs(self, own: Mapping[str, Any]) -> Path | None:
        """Write the folder of configuration, where labels or departments are the institution's own."""
        if not own and not self._ready.routes:
            return None
        beside = self._folder.path / ".configs.new"
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir()
        plans = dict(own) | ({"business": self._ready.plans["business"]} if self._ready.routes else {})
        write_configs(beside, plans, self._config, routes=self._ready.routes or None)
        shutil.rmtree(self._folder.configs, ignore_errors=True)
        beside.replace(self._folder.configs)
        return self._folder.configs

    def _spec(self, config: Config) -> ModelSpec:
        digest = self._ready.data["sha256"]
        old = self._base.spec
        return ModelSpec(
            version=f"{datetime.now(UTC):%Y.%m.%d}+{digest[:8]}",
            heads=self._network.layout.heads,
            taxonomy_version=config.taxonomy_version,
            window=old.window if old else 256,
            overlap=old.overlap if old else 24,
            about={
                "start": self._base.name,
                "data": digest,
                "rows": self._ready.data["parts"],
                "settings": {key: value for key, value in self._order.settings().items() if key != "data"},
            },
        )

    def _metrics(self, model: Path, calibration: Calibration) -> dict[str, Any]:
        layout = self._network.layout
        examples = self._data.examples(self._ready.split.rows("test"))
        logits = _judged(model, layout, examples)
        test = {
            head.facet: figures(head, logits[:, layout[head.facet]], examples, calibration)
            for head in self._ready.heads
        }
        return {
            "test": {facet: {k: round(v, 4) for k, v in row.items()} for facet, row in test.items()},
            "calibration": asdict(calibration),
            "departments": self._departments(),
            "model_bytes": (model / GRAPH).stat().st_size,
            "seconds": round(time.monotonic() - self._began, 1),
        }

    def _departments(self) -> list[str]:
        """Compare the history's departments with one department for each business, as a policy has."""
        routes = self._ready.routes
        if not routes:
            return []
        rows = sum(sum(own.values()) for own in routes.values())
        led = sum(max(own.values()) for own in routes.values())
        lines = [f"business alone explains {led / rows:.0%} of {rows} rows; the policy in configs/ routes by it"]
        for label, own in sorted(routes.items(), key=lambda pair: max(pair[1].values()) / sum(pair[1].values())):
            share = max(own.values()) / sum(own.values())
            if share < 0.8:
                most = "、".join(f"{name} {count}" for name, count in sorted(own.items(), key=lambda p: -p[1])[:3])
                lines.append(f"{label} went to several: {most}")
        return lines


def _judged(model: Path, layout: Layout, examples: Sequence[Example]) -> NDArray[np.float32]:
    """Return the logits of examples by the graph as it will run, ``[examples, outputs]``.

    The model itself takes texts, of which a run keeps none.
    """
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model / GRAPH, options, providers=["CPUExecutionProvider"])
    found = np.zeros((len(examples), layout.outputs), np.float32)
    for row, example in enumerate(examples):
        attention, values = [], []
        for window in example.windows:
            ids = np.array([window], np.int64)
            got_attention, got_values, bias = session.run(
                None, {"ids": ids, "mask": (ids != Tokens.PADDING).astype(np.int64)}
            )
            attention.append(got_attention[0, 1:-1])
            values.append(got_values[0, 1:-1])
        opinions = Opinions(layout, bias, Calibration())
        found[row] = opinions.logits(np.concatenate(attention), np.concatenate(values))[0]
    return found
