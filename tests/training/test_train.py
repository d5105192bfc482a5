"""From a foreign history to a model that decides, and every way in which it can go wrong."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import telecom

from triage.cli import main
from triage.config import check
from triage.pipeline import load

LABEL = ["--text-column", "投诉内容", "--label", "business=一级分类"]


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return telecom.write_encoder(tmp_path_factory.mktemp("encoder"))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return telecom.write_csv(tmp_path_factory.mktemp("history") / "telecom.csv", telecom.rows())


@pytest.fixture(scope="module")
def probed(tmp_path_factory: pytest.TempPathFactory, encoder: Path, history: Path) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "mapping.yaml").write_text(
        "{text: 投诉内容, time: 受理时间, facets: {business: 一级分类, department: 责任部门}}", encoding="utf-8"
    )
    mapping = ["--mapping", str(folder / "mapping.yaml")]
    assert main(["train", str(history), *mapping, "--encoder", str(encoder), "--out", str(folder / "out")]) == 0
    return folder / "out"


def test_a_foreign_history_becomes_a_model_that_decides(probed: Path) -> None:
    assert check(probed / "configs") == []
    triage = load(probed / "model", configs=probed / "configs")
    for text, name, department in (
        ("宽带断网三天了，请尽快处理", "宽带", "网络部"),
        ("话费扣多了对不上账单，希望给个说法", "话费", "计费部"),
        ("手机信号只有一格，很不方便", "信号", "网络部"),
    ):
        decision = triage.predict(text)
        assert decision.business.name == name
        assert decision.business.calibrated
        assert decision.business.confidence is not None
        assert triage.config.taxonomy.department(decision.department.label).name == department
    metrics = json.loads((probed / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["test"]["business"]["macro_f1"] >= 0.6
    assert metrics["test"]["business"]["rows"] == 12


def test_the_folder_tells_how_it_was_made_and_holds_no_personal_data(probed: Path) -> None:
    names = {file.name for file in probed.iterdir()}
    wanted = {
        "config.json",
        "data.json",
        "environment.json",
        "train.log",
        "curves.csv",
        "metrics.json",
        "model",
        "configs",
    }
    assert wanted <= names
    assert not [name for name in names if name.startswith(".") or name.endswith(".pt")]
    data = json.loads((probed / "data.json").read_text(encoding="utf-8"))
    assert (data["rows"], data["by_time"], data["personal"]) == (60, True, {"PHONE_NUMBER": 60})
    assert "method: a linear probe" in (probed / "train.log").read_text(encoding="utf-8")
    for file in probed.rglob("*"):
        assert not file.is_file() or b"1380013" not in file.read_bytes(), file


def test_the_next_training_keeps_the_heads_that_its_history_lacks(tmp_path: Path, probed: Path) -> None:
    rows = [
        row | {"原因": "慢" if "慢" in row["投诉内容"] or "断" in row["投诉内容"] else "贵"}
        for row in telecom.rows(60, seed=8)
    ]
    data = str(telecom.write_csv(tmp_path / "a.csv", rows))
    code = main(
        ["train", data, "--text-column", "投诉内容", "--label", "reason=原因", "--encoder", str(probed / "model"),
         "--configs", str(probed / "configs"), "--out", str(tmp_path / "out")]
    )  # fmt: skip
    assert code == 0
    heads = {
        head["facet"]: head for head in json.loads((tmp_path / "out/model/model.json").read_text("utf-8"))["heads"]
    }
    assert list(heads) == ["reason", "business"]
    before = load(probed / "model", configs=probed / "configs").model
    text = "宽带断网三天了"
    triage = load(tmp_path / "out/model", configs=tmp_path / "out/configs")
    assert before is not None
    assert triage.model is not None
    old, new = before.judge([text])[0]["business"], triage.model.judge([text])[0]["business"]
    assert new.probabilities == pytest.approx(old.probabilities, abs=0.05)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda row: row | {"一级分类": "宽带"}, "the one label '宽带'"),
        (lambda row: row | {"一级分类": row["工单号"]}, "60 labels in 60 rows"),
        (lambda row: row | {"一级分类": ""}, "every cell is empty"),
        (lambda row: row | {"投诉内容": " "}, "60 of 60 rows cannot be used, mostly: the text is empty"),
        (lambda row: row | {"投诉内容": "同一条投诉"}, "1 rows with texts of their own"),
        (lambda row: {key: value for key, value in row.items() if key != "一级分类"}, "no column '一级分类'"),
    ],
)
def test_a_history_that_cannot_work_leaves_everything_as_it_was(
    tmp_path: Path,
    encoder: Path,
    capsys: pytest.CaptureFixture[str],
    change: Callable[[dict[str, Any]], dict[str, Any]],
    said: str,
) -> None:
    data = str(telecom.write_csv(tmp_path / "a.csv", [change(row) for row in telecom.rows()]))
    out = tmp_path / "out"
    assert main(["train", data, *LABEL, "--encoder", str(encoder), "--out", str(out)]) == 1
    error = capsys.readouterr().err.splitlines()[-1]
    assert error.startswith("triage: ")
    assert said in error
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--out", "OUT"], "nothing says which column is what"),
        (LABEL, "no --out"),
        ([*LABEL, "--out", "OUT", "--mapping", "m.yaml"], "legal: one of the two ways"),
        ([*LABEL, "--out", "OUT", "--minutes", "0"], "--minutes is 0; legal: above 0"),
        ([*LABEL, "--out", "DONE"], "holds a finished run; legal: a new folder"),
        ([*LABEL, "--out", "OTHER"], "which holds notes.txt; legal: a new or empty folder"),
    ],
)
def test_wrong_usage(
    tmp_path: Path, encoder: Path, history: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], said: str
) -> None:
    (tmp_path / "OTHER").mkdir()
    (tmp_path / "OTHER/notes.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "DONE/model").mkdir(parents=True)
    (tmp_path / "DONE/config.json").write_text("{}", encoding="utf-8")
    told = [str(tmp_path / word) if word in {"OUT", "DONE", "OTHER"} else word for word in arguments]
    assert main(["train", str(history), "--encoder", str(encoder), *told]) == 2
    assert said in capsys.readouterr().err
    assert (tmp_path / "OTHER/notes.txt").read_text(encoding="utf-8") == "mine"


def _tune(history: Path, encoder: Path, out: Path, *more: str) -> list[str]:
    settings = ["--method", "tune", "--epochs", "3", "--checkpoint-seconds", "0", *more]
    return ["train", str(history), *LABEL, "--encoder", str(encoder), "--out", str(out), *settings]


def _curves(out: Path) -> list[list[float]]:
    with (out / "curves.csv").open(encoding="utf-8", newline="") as file:
        return [
            [float(row[name]) for name in ("epoch", "step", "loss", "validation_loss", "score")]
            for row in csv.DictReader(file)
        ]


@pytest.fixture(scope="module")
def longer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Enough rows for several batches."""
    return telecom.write_csv(tmp_path_factory.mktemp("longer") / "telecom.csv", telecom.rows(200))


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory, encoder: Path, longer: Path) -> Path:
    out = tmp_path_factory.mktemp("tuned") / "out"
    assert main(_tune(longer, encoder, out, "--accumulate", "2")) == 0
    return out


def test_fine_tuning_draws_its_curves(tuned: Path) -> None:
    curves = _curves(tuned)
    assert curves[0][1] > 1
    assert [curve[0] for curve in curves] == [1, 2, 3]
    assert (tuned / "curves.png").read_bytes().startswith(b"\x89PNG")
    load(tuned / "model", configs=tuned / "configs")


def test_a_killed_run_goes_on_to_the_same_end(tmp_path: Path, encoder: Path, longer: Path, tuned: Path) -> None:
    command = _tune(longer, encoder, tmp_path / "out", "--accumulate", "2")
    run = subprocess.Popen([sys.executable, "-m", "triage", *command], stderr=subprocess.PIPE, text=True)
    assert run.stderr is not None
    with run.stderr:
        assert any(line.startswith("epoch 1:") for line in run.stderr)
        run.kill()
    run.wait()
    assert (tmp_path / "out/checkpoint.pt").exists()
    assert not (tmp_path / "out/model").exists()
    assert main(command) == 0
    for again, once in zip(_curves(tmp_path / "out"), _curves(tuned), strict=True):
        assert again == pytest.approx(once, abs=2e-3)


def test_two_processes_learn_what_one_learns(tmp_path: Path, encoder: Path, longer: Path, tuned: Path) -> None:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2", "-m", "triage"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "GLOO_SOCKET_IFNAME": "lo"}
    run = subprocess.run(
        [*torchrun, *_tune(longer, encoder, tmp_path / "out")],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-2000:]
    for shared, alone in zip(_curves(tmp_path / "out"), _curves(tuned), strict=True):
        assert shared == pytest.approx(alone, abs=5e-3)
    load(tmp_path / "out/model", configs=tmp_path / "out/configs")
