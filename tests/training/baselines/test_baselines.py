"""Every baseline learns what is plain, answers in one form, and refuses what would make its figures worthless."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from triage.config import Config
from triage.errors import InputError, UsageError
from triage.training.baselines import Baseline, answers, default_baselines
from triage.training.baselines.category_alone import CategoryAlone
from triage.training.baselines.fasttext import FastText, line_of
from triage.training.baselines.linear_probe import LinearProbe
from triage.training.baselines.linear_svm import LinearSVM
from triage.training.baselines.majority import Majority
from triage.training.baselines.rules import Rules
from triage.training.baselines.snownlp import Snow
from triage.training.evaluate.answer import MULTIPLE, SINGLE, Answer
from triage.training.labelled import Labelled

BASE: dict[str, Any] = {"channel": "unknown", "complexity": "simple", "voice": "form", "script": "simplified"}
CARD = BASE | {
    "business": "credit_card", "reason": "pricing", "urgency": "normal", "sentiment": -0.4,
    "demands": ("refund",), "flags": (),
}  # fmt: skip
CHASE = BASE | {
    "business": "debt_collection", "reason": "collection_conduct", "urgency": "high", "sentiment": -0.8,
    "demands": ("stop_contact",), "flags": ("violence",),
}  # fmt: skip
WHO, WHERE = ("我", "我妈", "同事", "邻居", "老婆"), ("昨天", "上周", "今早", "前天")


def rows_of(labels: dict[str, Any], text: str, places: Sequence[str] = WHERE) -> list[Labelled]:
    return [
        Labelled.model_validate(labels | {"id": f"{who}{when}", "story": "s", "text": f"{when}{who}{text}"})
        for who, when in itertools.product(WHO, places)
    ]


TRAIN = rows_of(CARD, "的信用卡年费多收了钱要求退费") + rows_of(CHASE, "被催收电话威胁要上门打人")
TEST = [
    Labelled.model_validate(CARD | {"id": "t1", "story": "t", "text": "朋友的信用卡年费多收了，退费"}),
    Labelled.model_validate(CHASE | {"id": "t2", "story": "t", "text": "催收电话威胁朋友说要上门打人"}),
]
TEXTS = [row.text for row in TEST]


def embed(texts: list[str]) -> npt.NDArray[np.float32]:
    """How often some characters occur: an encoder that knows little, but enough."""
    return np.array([[text.count(char) for char in "卡费催打"] for text in texts], dtype=np.float32)


@pytest.mark.parametrize("baseline", [LinearSVM(), FastText(), LinearProbe(embed), Rules()], ids=lambda one: one.name)
def test_what_is_plain_is_learnt(baseline: Baseline, config: Config) -> None:
    card, chase = baseline.fit(TRAIN, config).predict(TEXTS)
    assert (card.single["business"], chase.single["business"]) == ("credit_card", "debt_collection")
    assert (card.single["department"], chase.single["department"]) == ("card_center", "asset_recovery")
    assert "violence" in chase.multiple["flags"]
    assert "violence" not in card.multiple["flags"]
    assert chase.sentiment is not None
    assert card.sentiment is not None
    assert chase.sentiment < card.sentiment < 0


@pytest.mark.parametrize("make", [Majority, LinearSVM, FastText, lambda: LinearProbe(embed)])
@pytest.mark.parametrize("rows", [TRAIN, TRAIN[:1]], ids=["many", "one"])
def test_every_facet_is_answered_even_after_one_row(make: Any, rows: list[Labelled], config: Config) -> None:
    for answer in make().fit(rows, config).predict(TEXTS):
        assert (set(answer.single), set(answer.multiple)) == (set(SINGLE), set(MULTIPLE))
        assert answer.sentiment is not None
        assert -1 <= answer.sentiment <= 1
        assert all(0 <= value <= 1 for value in answer.confidence.values())


def test_majority_counts(config: Config) -> None:
    (answer,) = Majority().fit([*TRAIN, *TEST[:1]], config).predict(["随便"])
    assert answer.single["business"] == "credit_card"
    assert answer.confidence["business"] == pytest.approx(21 / 41)
    assert answer.sentiment == pytest.approx((21 * -0.4 + 20 * -0.8) / 41)
    assert answer.multiple["demands"] == {"refund"}


def test_training_twice_gives_the_same_answers(config: Config) -> None:
    first, again = (FastText().fit(TRAIN, config).predict(TEXTS) for _ in range(2))
    assert first == again


def test_a_text_cannot_pass_as_a_label() -> None:
    assert "__label__" not in line_of("我说 __label__loan 贷款\n第二行")
    assert "\n" not in line_of("我说\n第二行")


def category(business: str, reason: str) -> Answer:
    return Answer(single={"business": business, "reason": reason})


@pytest.mark.parametrize(
    ("said", "urgency"),
    [
        (category("credit_card", "pricing"), "normal"),
        (category("debt_collection", "collection_conduct"), "high"),
        # A pair that was never seen falls back on its business, and then on all rows.
        (category("debt_collection", "pricing"), "high"),
        (category("forex", "pricing"), "normal"),
    ],
)
def test_category_alone(said: Answer, urgency: str, config: Config) -> None:
    rows = [*TRAIN, *rows_of(CARD, "的信用卡又多收年费", ("去年",))]
    (answer,) = CategoryAlone().fit(rows, config).predict_from([said])
    assert answer.single["urgency"] == urgency
    assert set(answer.single) == {"urgency", "department"}


def test_side_by_side(config: Config) -> None:
    found = answers(TRAIN, TEST, config, baselines=[Majority(), LinearSVM(), Snow()])
    names = ["majority", "TF-IDF + SVM", "snownlp", "right category alone", "category of TF-IDF + SVM alone"]
    assert list(found) == names
    assert [answer.single["urgency"] for answer in found["right category alone"]] == ["normal", "high"]
    assert found["snownlp"][0].single == {}
    wrong = [category("debt_collection", "collection_conduct")] * 2
    found = answers(TRAIN, TEST, config, baselines=[], said=wrong)
    assert [answer.single["urgency"] for answer in found["category of the model alone"]] == ["high", "high"]


def test_the_probe_joins_where_there_is_an_encoder() -> None:
    plain, probed = ([one.name for one in default_baselines(given)] for given in (None, embed))
    assert set(probed) - set(plain) == {"frozen encoder + linear probe"}


@pytest.mark.parametrize(
    ("train", "test", "said"),
    [
        ([], TEST, "train has no labelled complaints"),
        (TRAIN, [], "test has no labelled complaints"),
        (TRAIN, [TEST[0], TRAIN[3]], "test shares 1 texts with train (我前天)"),
    ],
)
def test_faults(train: list[Labelled], test: list[Labelled], said: str, config: Config) -> None:
    with pytest.raises(InputError, match=re.escape(said)):
        answers(train, test, config, baselines=[])


def test_an_encoder_of_the_wrong_shape(config: Config) -> None:
    probe = LinearProbe(lambda texts: np.zeros(len(texts), dtype=np.float32))
    with pytest.raises(UsageError, match=r"shape \(40,\); legal: \(40, dimensions\)"):
        probe.fit(TRAIN, config)


def test_rules_before_fit() -> None:
    with pytest.raises(UsageError, match="legal: fit first"):
        Rules().predict(["卡"])
