"""Training data out of feedback, read back by what reads training data."""

from __future__ import annotations

import asyncio
import io
from pathlib import Path
from typing import Any

import pytest
from served import desk_of, settings

from triage.cli import main
from triage.config import Config
from triage.errors import OutputError
from triage.pipeline import Triage
from triage.serve.feedback.export import export
from triage.serve.feedback.schema import FeedbackIn
from triage.serve.feedback.store import Store
from triage.training.labelled import read_labelled

WHOLE = {"business": "loan", "reason": "pricing", "channel": "unknown", "urgency": "normal", "complexity": "simple",
         "sentiment": -0.3}  # fmt: skip


def fill(config: Config, triage: Triage, folder: Path) -> None:
    decision = triage.predict("我叫王小明，信用卡被盗刷三千元，手机13812345678", id="kept")

    async def run() -> None:
        async with desk_of(config, settings(folder, keep="all")) as desk:
            desk.record(decision)
            rows: list[dict[str, Any]] = [
                {"decision_id": "kept", "labels": {"business": "debit_card"}, "confirmed": True},
                {"decision_id": "kept", "labels": {"urgency": "high", "demands": ["refund"]}},
                {"decision_id": "sent", "text": "貸款利率太高", "labels": WHOLE, "confirmed": True},
                {"decision_id": "doubtful", "text": "贷款利率太高", "labels": WHOLE},
                {"decision_id": "no text", "labels": WHOLE, "confirmed": True},
                {"decision_id": "half", "text": "贷款利率太高", "labels": {"business": "loan"}, "confirmed": True},
                {"decision_id": "mere note", "note": "好"},
            ]
            for row in rows:
                await desk.give(FeedbackIn.model_validate(row), key=None)

    asyncio.run(run())


def test_what_people_said_last_holds_over_what_was_decided(config: Config, triage: Triage, tmp_path: Path) -> None:
    fill(config, triage, tmp_path)
    store = Store(settings(tmp_path).url)
    done = export(store, tmp_path / "out.jsonl", config=config)
    assert (done.rows, done.left_out) == (2, {"not confirmed": 1, "no text": 1, "a facet has no label": 1})
    kept, sent = read_labelled([tmp_path / "out.jsonl"], config)
    assert (kept.id, kept.business, kept.reason) == ("kept", "debit_card", "fund_safety")
    assert (kept.urgency, kept.demands) == ("high", ("refund",))
    assert "13812345678" not in kept.text
    assert "王小明" not in kept.text
    assert (sent.script, kept.script, sent.sentiment) == ("traditional", "simplified", -0.3)
    assert export(store, tmp_path / "all.jsonl", config=config, confirmed_only=False).rows == 3
    with pytest.raises(OutputError, match="cannot be written"):
        export(store, tmp_path / "no" / "out.jsonl", config=config)
    store.close()


def test_the_command(
    config: Config, triage: Triage, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(config, triage, tmp_path)
    monkeypatch.setenv("TRIAGE_FEEDBACK_FOLDER", str(tmp_path))
    monkeypatch.setenv("TRIAGE_FEEDBACK_KEY", "0123456789abcdef")
    assert main(["feedback", "migrate"]) == 0
    assert main(["feedback", "export", str(tmp_path / "out.jsonl"), "--voice", "email"]) == 0
    assert main(["feedback", "purge"]) == 0
    monkeypatch.setattr("sys.stdin", io.StringIO("nobody\n"))
    assert main(["feedback", "forget"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "the tables are of revision 0001",
        f"{tmp_path / 'out.jsonl'}: 2 rows; left out, a facet has no label: 1; left out, no text: 1; "
        "left out, not confirmed: 1",
        "0 rows older than 730 days deleted",
        "0 pieces of feedback and 0 decisions deleted",
    ]
    assert [row.voice for row in read_labelled([tmp_path / "out.jsonl"], config)] == ["email", "email"]


@pytest.mark.parametrize(
    ("arguments", "key", "says"),
    [
        (["migrate", "--database", "mysql://host"], None, "'mysql'; legal: sqlite:///FILE"),
        (["migrate", "--database", "postgresql://u:geheim@127.0.0.1:1/x"], None, "does not answer"),
        (["forget"], "short", "TRIAGE_FEEDBACK_KEY: Value should have at least 16 items"),
    ],
)
def test_errors_are_one_line_and_show_no_secret(
    arguments: list[str], key: str | None, says: str, tmp_path: Path,
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("TRIAGE_FEEDBACK_FOLDER", str(tmp_path))
    if key:
        monkeypatch.setenv("TRIAGE_FEEDBACK_KEY", key)
    assert main(["feedback", *arguments]) in (1, 2)
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
    assert "geheim" not in told
    assert "short" not in told
