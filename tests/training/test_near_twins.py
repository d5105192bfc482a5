"""Near-twins: what is nearly the same is found, what only shares a subject is not."""

from __future__ import annotations

import pytest

from triage.training.near_twins import near_twins, shingles

TEXT = "我在城南支行存了三万块定期，到期去取，柜员说系统升级让我下周再来，这都第三回了"


@pytest.mark.parametrize(
    ("other", "twin"),
    [
        (TEXT, True),
        (TEXT.replace("三万", "五万"), True),
        (TEXT.replace("，", "， ").replace("柜员", "\n柜员"), True),
        (TEXT[:20] + "结果变成了保险，谁来管管", False),
        ("取款机把我的卡吞了，等了一下午没有人来开机器", False),
        ("嗯", False),
    ],
)
def test_twins(other: str, twin: bool) -> None:
    found = [(one, two) for one, two, _ in near_twins(["另外一件完全不同的事情写在这里", TEXT, other], least=0.5)]
    assert found == ([(1, 2)] if twin else [])


def test_shingles() -> None:
    assert shingles("一二三四五六") == {"一二三四五", "二三四五六"}
    assert shingles("一 二\n三") == {"一二三"}
