"""Old labels under a new taxonomy."""

from __future__ import annotations

from pathlib import Path

import pytest

from triage.errors import ConfigError
from triage.training.history.migrate import Migrator, read_migration

TABLE = """
version: "2"
facets:
  business:
    renamed: {宽带业务: 宽带}
    merged: {资费: [套餐, 流量费]}
    split: {其他: [营销, 服务]}
    dropped: [测试]
"""


@pytest.fixture
def migrator(tmp_path: Path) -> Migrator:
    (tmp_path / "m.yaml").write_text(TABLE, encoding="utf-8")
    return Migrator(read_migration(tmp_path / "m.yaml"))


@pytest.mark.parametrize(
    ("facet", "old", "new"),
    [
        ("business", ("宽带业务",), ("宽带",)),
        ("business", ("宽带",), ("宽带",)),
        ("business", ("套餐", "流量费"), ("资费",)),
        ("business", ("其他",), ()),
        ("business", ("测试", "信号"), ("信号",)),
        ("reason", ("其他",), ("其他",)),
    ],
)
def test_labels_carried(migrator: Migrator, facet: str, old: tuple[str, ...], new: tuple[str, ...]) -> None:
    assert migrator(facet, old) == new


def test_it_says_what_it_could_not_carry(migrator: Migrator) -> None:
    for label in ("其他", "其他", "宽带业务", "测试"):
        migrator("business", (label,))
    assert migrator.notes == [
        "business: 宽带业务 → 宽带: 1 rows",
        "business: 其他 was split into 营销、服务: 2 rows lost this label",
        "business: 测试 is no longer used: 1 rows lost this label",
    ]


def test_a_label_stands_once(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(TABLE.replace("[测试]", "[其他]"), encoding="utf-8")
    with pytest.raises(ConfigError, match="more than once"):
        read_migration(tmp_path / "m.yaml")
