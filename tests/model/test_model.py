"""The embedded model as a whole."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from triage.model import Model, load

TEXTS = [
    "信用卡昨天在境外被盗刷三笔，现在还在扣款，请马上冻结",
    "房贷提前还款申请交了两个月，一直说排队",
    "保险公司拒赔，说我没有如实告知",
    "谢谢柜员小姑娘，办得又快又好",
    "催收给我单位同事打电话，说我欠钱不还",
]


@pytest.fixture(scope="module")
def model() -> Model:
    return load()


def test_the_same_text_gives_the_same_opinion(model: Model) -> None:
    once, twice = model.judge(TEXTS), model.judge(TEXTS)
    assert once == twice


def test_company_does_not_matter(model: Model) -> None:
    alone = [model.judge([text])[0] for text in TEXTS]
    assert model.judge([*TEXTS, "好" * 3_000])[:5] == alone
    assert load(threads=1).judge(TEXTS) == load(threads=3).judge(TEXTS) == alone


def test_order_is_kept(model: Model) -> None:
    found = [opinions["business"].ranked[0][0] for opinions in model.judge(TEXTS)]
    assert found == ["credit_card", "loan", "insurance_claim", found[3], "debt_collection"]
    backwards = [opinions["business"].ranked[0][0] for opinions in model.judge(TEXTS[::-1])]
    assert backwards == found[::-1]


def test_the_end_of_a_long_text_is_read(model: Model) -> None:
    plain = "今天天气不错，我在公园里散步，看见很多人。" * 60
    calm, urgent = model.judge([plain, plain + "骗子正在让我转账，钱马上就要转出去了，快拦住！" * 3])
    assert urgent["urgency"]["critical"] > calm["urgency"]["critical"] + 0.1


@pytest.mark.parametrize(
    "text", ["", " ", "😀🎉", "12345678901234567890", "hello, where is my money", "Привет", "卡" * 100_000]
)
def test_any_text_gets_an_opinion(model: Model, text: str) -> None:
    (opinions,) = model.judge([text])
    for opinion in opinions.values():
        assert all(0 <= probability <= 1 for probability in opinion.probabilities)
        assert -1 <= opinion.score <= 1


def test_nothing_is_asked(model: Model) -> None:
    assert model.judge([]) == []


def test_time_is_kept(model: Model) -> None:
    assert model.judge_within(TEXTS, seconds=0.0) == [None] * len(TEXTS)
    assert model.judge_within(TEXTS, seconds=600) == model.judge(TEXTS)


def test_what_was_read_in_time_is_kept(model: Model) -> None:
    some = load(threads=1).judge_within(TEXTS * 200, seconds=0.3)
    read = [opinions is not None for opinions in some]
    assert 0 < sum(read) < len(read)
    assert read == sorted(read, reverse=True)
    assert some[0] == model.judge(TEXTS[:1])[0]


def test_threads_share_a_model(model: Model) -> None:
    expected = [model.judge([text])[0] for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(lambda text: model.judge([text])[0], TEXTS * 8)) == expected * 8


def test_running_needs_no_torch() -> None:
    code = (
        "import triage, sys; triage.load().predict('卡被吞了');"
        "print([name for name in ('torch', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_nothing_is_left_at_home(tmp_path: Path) -> None:
    code = "import triage; print(triage.load().predict('卡被吞了').source)"
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ORT_", "XDG_", "TRIAGE_"))}
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, env=env | {"HOME": str(tmp_path)}
    )
    assert done.stdout.strip() in ("model", "hybrid")
    # The checked configuration is kept, and nothing else.
    assert {path.relative_to(tmp_path).parts[:2] for path in tmp_path.rglob("*") if path.is_file()} <= {
        (".cache", "triage")
    }
