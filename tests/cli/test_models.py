"""``triage models`` and the gate as a shell sees them: evaluate, promote, decide, roll back."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from small_model import SAYS, small_model

from triage.cli import main
from triage.pipeline import load

ROW = {
    "business": "credit_card", "reason": "pricing", "channel": "unknown", "urgency": "normal", "complexity": "simple",
    "sentiment": 0.0, "demands": [], "flags": [], "voice": "form", "script": "simplified",
}  # fmt: skip
FRAUD = ROW | {"business": "payment", "reason": "fund_safety", "urgency": "critical"}

SMALL_LIMITS = """
version: "small"
protected: [{facet: urgency, label: critical, rows: 5, needed: true}]
figures: {drop: 0.01, outright: 0.5, rows: 1}
classes: {drop: 0.03, outright: 0.9, rows: 20}
slices: {drop: 0.03, outright: 0.9, rows: 30}
calibration: {worse: 0.2, most: 0.5, rows: 10}
size: {times: 1.5}
speed: {times: 50, texts: 4, repeats: 2}
alpha: 0.05
draws: 100
"""


class Done(NamedTuple):
    code: int
    stdout: str
    stderr: str


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """``bad`` does not know fraud any more; ``good`` differs from ``now`` in its version alone."""
    root = tmp_path_factory.mktemp("models")
    deaf = {word: labels for word, labels in SAYS.items() if word != "骗"} | {"骗": {"reason": "fund_safety"}}
    return {
        "now": small_model(root / "now", version="now-1"),
        "good": small_model(root / "good", version="good-1"),
        "bad": small_model(root / "bad", version="bad-1", says=deaf),
    }


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Done]:
    monkeypatch.setenv("TRIAGE_REGISTRY", str(tmp_path / "registry"))
    monkeypatch.delenv("TRIAGE_GATE_KEY", raising=False)

    def run(*arguments: str | Path) -> Done:
        return Done(main([*map(str, arguments)]), *capsys.readouterr())

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"id": f"r{place}", "story": f"s{place}"}
        | (FRAUD | {"text": f"被骗第{place}次"} if place < 8 else ROW | {"text": f"年费第{place}次"})
        for place in range(24)
    ]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    (tmp_path / "limits.yaml").write_text(SMALL_LIMITS, encoding="utf-8")
    return path


@pytest.fixture
def judged(shell: Callable[..., Done], folders: dict[str, Path], data: Path, monkeypatch: pytest.MonkeyPatch,
           tmp_path: Path) -> Callable[[str, str], tuple[Done, Path]]:  # fmt: skip
    """Run the gate on two of the folders; the cases of the package are for models that know more than five words."""
    golden = tmp_path / "golden.jsonl"
    golden.write_text('{"id": "g", "text": "被骗了", "expect": {"urgency": "critical"}}\n', encoding="utf-8")
    monkeypatch.setattr("triage.training.gate.golden.DEFAULT", golden)

    def run(candidate: str, current: str) -> tuple[Done, Path]:
        path = tmp_path / f"{candidate}-{current}.json"
        sides = ("--model", folders[candidate], "--against", folders[current])
        return shell("evaluate", data, *sides, "--gate", path, "--limits", tmp_path / "limits.yaml"), path

    return run


def test_gate_promote_decide_and_roll_back(
    shell: Callable[..., Done], judged: Callable[[str, str], tuple[Done, Path]], folders: dict[str, Path],
    data: Path, tmp_path: Path,
) -> None:  # fmt: skip
    assert shell("models", "add", folders["now"], "--data", data, "--note", "from the start").code == 0
    assert shell("models", "promote", "v1", "--force", "the first").code == 0
    current = tmp_path / "registry" / "current"
    assert load(current).predict("被骗了").model_version == "now-1"

    done, gate = judged("good", "now")
    assert (done.code, done.stderr) == (0, ""), done.stdout
    assert "good-1 against now-1 on 24 complaints: PASSED" in done.stdout
    assert "no key was set: shows damage, does not prove who wrote it" in done.stdout
    assert "ok   protected: urgency critical recall: 1.000 → 1.000 p 1" in done.stdout

    assert shell("models", "promote", "good-1", "--gate", gate).code == 2  # not added yet
    assert shell("models", "add", folders["good"]).stdout.startswith("v2: signed, good-1, ")
    done = shell("models", "promote", "v2", "--gate", gate)
    assert (done.code, done.stdout.split(";")[0]) == (0, "in force: v2, before: v1")
    assert load(current).predict("被骗了").model_version == "good-1"

    listed = shell("models", "list").stdout
    assert "  v1    signed" in listed
    assert "* v2    signed" in listed
    assert "from v1" in listed
    shown = shell("models", "show", "current").stdout
    assert "promote by " in shown
    assert "passed, no key was set" in shown
    assert "model version: now-1 → good-1" in shell("models", "compare", "v1", "v2").stdout
    assert shell("models", "verify").code == 0

    assert shell("models", "rollback", "--reason", "too many calls").stdout == "in force: v1, before: v2\n"
    assert load(current).predict("被骗了").model_version == "now-1"
    log = json.loads(shell("models", "show", "v1", "--json").stdout)["log"]
    assert [record["action"] for record in log] == ["add", "promote", "rollback"]
    assert log[1]["forced"] == "the first"


def test_a_candidate_that_misses_what_is_critical(
    shell: Callable[..., Done], judged: Callable[[str, str], tuple[Done, Path]], folders: dict[str, Path]
) -> None:
    done, gate = judged("bad", "now")
    assert done.code == 4
    assert "FAIL protected: urgency critical recall: 1.000 → 0.000 p 0.00781" in done.stdout
    assert "FAIL golden: g: 1.000 → 0.000; urgency " in done.stdout
    for name in ("now", "bad"):
        shell("models", "add", folders[name])
    shell("models", "promote", "v1", "--force", "the first")
    refused = shell("models", "promote", "v2", "--gate", gate)
    assert (refused.code, refused.stderr.count("\n")) == (1, 1)
    assert "did not pass (protected: urgency critical recall" in refused.stderr
    # The same file does not serve for another model.
    shell("models", "add", folders["good"])
    assert "the gate's candidate is" in shell("models", "promote", "v3", "--gate", gate).stderr
    assert "in force: v1" in shell("models", "list").stdout


def test_what_is_not_as_it_should_be(shell: Callable[..., Done], folders: dict[str, Path], tmp_path: Path) -> None:
    shell("models", "add", folders["now"])
    spec = tmp_path / "registry" / "models" / "v1" / "model.json"
    spec.write_text(spec.read_text(encoding="utf-8").replace("now-1", "now-2"), encoding="utf-8")
    done = shell("models", "verify")
    assert (done.code, "v1: ALTERED: " in done.stdout) == (4, True)
    assert json.loads(shell("models", "verify", "--json").stdout)["sound"] is False
    assert "altered" in shell("models", "list").stdout
    done = shell("models", "promote", "v1", "--force", "I must")
    assert (done.code, "v1 is altered" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("models", "list"), 2, "the registry is '{registry}'; legal: a folder that `triage models add` made"),
        (("models", "add", "/no/such"), 1, "/no/such: no such folder; legal: a folder that `triage train` wrote"),
        (("models", "hide"), 2, "invalid choice: 'hide'"),
        (("evaluate", "{data}", "--golden", "g.jsonl"), 2, "--golden and --limits are for the gate"),
        (("evaluate", "{data}", "--gate", "g", "--rules-only"), 2, "--gate is for two models"),
        (("evaluate", "{data}", "--gate", "g", "--model", "{now}", "--against", "{now}"), 2, "are the same model"),
    ],
)
def test_errors_are_one_line(
    shell: Callable[..., Done], data: Path, folders: dict[str, Path], tmp_path: Path, arguments: tuple[str, ...],
    code: int, said: str,
) -> None:  # fmt: skip
    known = {"data": data, "now": folders["now"], "registry": tmp_path / "registry"}
    done = shell(*(argument.format(**known) for argument in arguments))
    assert (done.code, done.stderr.count("\n")) == (code, 1), done.stderr
    assert said.format(**known) in done.stderr
