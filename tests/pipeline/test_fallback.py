"""Whatever happens to the model, a complaint is decided, and the decision says how."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import triage.model as model_package
from triage import Triage, load
from triage.errors import InputError, ModelError
from triage.model import EMBEDDED, Model
from triage.model.files import GRAPH, SPEC, write_manifest
from triage.pipeline import Request

TEXT = "我的信用卡昨天在境外被盗刷了三笔，现在还在扣款，请马上冻结！"


@pytest.fixture(scope="module")
def triage() -> Triage:
    return load()


def test_the_model_leads(triage: Triage) -> None:
    decision = triage.predict(TEXT)
    assert decision.source in ("model", "hybrid")
    assert decision.degraded == ()
    assert decision.business.calibrated
    assert decision.business.confidence is not None
    assert decision.department.confidence is not None
    assert any(piece.source == "model" for piece in decision.business.evidence)
    for piece in decision.business.evidence:
        assert TEXT[piece.start : piece.end] == piece.text
    assert decision.model_version == triage.versions[0]


def test_rules_alone_on_request(triage: Triage) -> None:
    (decision,) = triage.decide([Request(text=TEXT)], rules_only=True)
    assert not isinstance(decision, Exception)
    assert (decision.source, decision.degraded, decision.business.calibrated) == ("rules", (), False)
    assert decision.business.confidence is None


def test_too_slow(triage: Triage) -> None:
    (decision,) = triage.decide([Request(text=TEXT)], budget=0.0)
    assert not isinstance(decision, Exception)
    assert (decision.source, [notice.code for notice in decision.degraded]) == ("rules", ["model_slow"])
    assert decision.decision == "review"
    assert decision.model_version.startswith("rules-")


def test_those_in_time_keep_the_models_word(triage: Triage) -> None:
    decisions = triage.decide([Request(text=TEXT)] * 400, budget=0.2)
    sources = [decision.source for decision in decisions if not isinstance(decision, Exception)]
    assert sources[0] in ("model", "hybrid")
    assert sources[-1] == "rules"
    assert all(
        [notice.code for notice in decision.degraded] == (["model_slow"] if decision.source == "rules" else [])
        for decision in decisions
        if not isinstance(decision, Exception)
    )


def test_broken_at_work(triage: Triage) -> None:
    class Broken(Model):
        def judge_within(self, texts: object, *, seconds: float) -> list[object]:
            raise RuntimeError("卡号 6222 0212 3456 7890")

    broken = Broken.__new__(Broken)
    broken.__dict__.update(triage.model.__dict__)
    decision = Triage(triage.config, broken).predict(TEXT)
    assert (decision.source, [notice.code for notice in decision.degraded]) == ("rules", ["model_broken"])
    # What an error says may quote the text: it stays inside.
    assert "6222" not in decision.degraded[0].message


def test_damaged_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(shutil.copytree(EMBEDDED, tmp_path / "model"))
    (folder / GRAPH).write_bytes(b"")
    with pytest.raises(ModelError, match="has 0 bytes"):
        load(folder)
    # The embedded one is no reason to fail: rules answer, and say so.
    monkeypatch.setattr(model_package, "EMBEDDED", folder)
    decision = load().predict(TEXT)
    assert (decision.source, [notice.code for notice in decision.degraded]) == ("rules", ["model_missing"])


def test_an_item_alone_fails(triage: Triage) -> None:
    first, second, third = triage.decide([Request(text=TEXT), Request(text=" "), Request(text=TEXT, channel="moon")])
    assert not isinstance(first, Exception)
    assert isinstance(second, InputError)
    assert isinstance(third, InputError)


def test_a_model_of_another_taxonomy(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(EMBEDDED, tmp_path / "model"))
    text = (folder / SPEC).read_text(encoding="utf-8")
    (folder / SPEC).write_text(text.replace('"web"', '"website"'), encoding="utf-8")
    write_manifest(folder)
    with pytest.raises(
        ModelError, match=r"judges channel with labels website that the taxonomy .* lacks; it was trained"
    ):
        load(folder)


@pytest.mark.parametrize(
    "text", ["😀", "1234567890", "hello, my card was swallowed by the machine", "Здравствуйте", "卡" * 100_000]
)
def test_strange_texts_are_for_a_person(triage: Triage, text: str) -> None:
    decision = triage.predict(text)
    assert decision.decision == "review"
    assert decision.source in ("model", "hybrid")
