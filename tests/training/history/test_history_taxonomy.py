"""From labels to heads, and to a folder of configuration that nothing is wrong with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from triage.config import Config, check, load
from triage.errors import InputError
from triage.training.history.configs import Routes, write_configs
from triage.training.history.taxonomy import ident, plan

MANY = {f"第{number}类": 5 for number in range(1_200)}


@pytest.mark.parametrize(
    ("facet", "counts", "said"),
    [
        ("business", {}, "every cell is empty"),
        ("business", {"宽带": 90}, "the one label '宽带'"),
        ("business", {"宽带": 90, "话费": 1}, "the one label '宽带'"),
        ("business", {"宽带": 1, "话费": 1}, "no label with 2 rows"),
        ("business", {"宽 带": 9, "宽带": 5}, "the one label '宽 带'"),
        ("business", MANY, "1200 labels in 6000 rows; legal: at most 1000"),
        ("business", {f"G{number}": 1 for number in range(60)}, "60 labels in 60 rows"),
    ],
)
def test_what_cannot_be_learned(config: Config, facet: str, counts: Mapping[str, int], said: str) -> None:
    with pytest.raises(InputError) as raised:
        plan(facet, counts, config)
    assert said in str(raised.value)


def test_a_taxonomy_of_their_own(config: Config) -> None:
    made = plan("business", {"宽带/断网": 9, "ＫＤ": 4, "kd": 2, "Kd ": 1, "少见": 1}, config)
    assert made.own
    assert made.head.kind == "single"
    assert made.names == {"kuan_dai.duan_wang": "宽带/断网", "kd": "ＫＤ"}
    assert made.merged == {"kd": "ＫＤ", "Kd ": "ＫＤ"}
    assert made.ids == {"宽带/断网": "kuan_dai.duan_wang", "ＫＤ": "kd", "kd": "kd", "Kd ": "kd"}
    assert made.dropped == {"少见": 1}


def test_a_new_label_joins_the_shipped_taxonomy(config: Config) -> None:
    made = plan("business", {"信用卡": 40, "贷款": 30, "数字人民币": 10}, config)
    assert made.own
    assert made.head.labels == (*config.taxonomy.facets["business"].ids, "shu_zi_ren_min_bi")
    assert made.ids["信用卡"] == "credit_card"


def test_the_shipped_labels_by_name_or_id_are_no_taxonomy_of_their_own(config: Config) -> None:
    made = plan("urgency", {"特急": 4, "low": 9, "一般": 9}, config)
    assert not made.own
    assert (made.head.kind, made.head.labels) == ("ordinal", ("low", "normal", "high", "critical"))


@pytest.mark.parametrize(
    ("order", "kind", "labels"),
    [(("火急", "不急"), "ordinal", ("bu_ji", "huo_ji")), ((), "single", ("bu_ji", "huo_ji"))],
)
def test_own_degrees_need_an_order(config: Config, order: tuple[str, ...], kind: str, labels: tuple[str, ...]) -> None:
    head = plan("urgency", {"不急": 9, "火急": 4}, config, order=order).head
    assert (head.kind, head.labels) == (kind, labels)


def test_an_order_that_lacks_a_label(config: Config) -> None:
    with pytest.raises(InputError, match="'一般' is not in `order`; legal: 火急、不急"):
        plan("urgency", {"不急": 9, "火急": 4, "一般": 2}, config, order=("火急", "不急"))


def test_ids_are_unlike() -> None:
    assert ident("话费", {"hua_fei"}) == "hua_fei_2"
    assert ident("5G/4G 网", set()) == "5g.4g_wang"
    assert ident("☎", set()) == "label"


EVERY_FACET = {
    "business": {"宽带": 30, "话费": 20},
    "reason": {"乱收费": 5, "服务差": 7},
    "channel": {"APP": 4, "热线": 5},
    "urgency": {"急": 5, "不急": 9},
    "complexity": {"简单": 4, "难": 3},
    "demands": {"退": 3, "赔": 4},
    "flags": {"老客户": 4, "黑名单": 4},
}


@pytest.mark.parametrize(
    ("facets", "routes"),
    [
        ({"business": EVERY_FACET["business"]}, None),
        (EVERY_FACET, {"kuan_dai": {"网络部": 9}, "hua_fei": {"计费部": 4, "网络部": 1}}),
        ({"business": {"信用卡": 9, "贷款": 9, "数字人民币": 9}}, None),
        ({"flags": EVERY_FACET["flags"]}, None),
    ],
)
def test_nothing_is_wrong_with_the_configuration(
    tmp_path: Path, config: Config, facets: Mapping[str, Mapping[str, int]], routes: Routes | None
) -> None:
    plans = {
        facet: plan(facet, counts, config, order=("急", "不急") if facet == "urgency" else ())
        for facet, counts in facets.items()
    }
    write_configs(tmp_path, plans, config, routes=routes)
    assert check(tmp_path) == []
    made = load(tmp_path)
    for facet, own in plans.items():
        assert set(own.names) <= set(made.taxonomy.facets[facet].ids)
    if routes:
        assert {row.name for row in made.taxonomy.departments} == {"网络部", "计费部"}
        assert [row.lead for row in made.policy.lead] == ["wang_luo_bu", "ji_fei_bu", "wang_luo_bu"]
