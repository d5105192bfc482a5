"""Measures of variety: alike texts score worse than different ones."""

from __future__ import annotations

import pytest

from triage.training.variety import distinct, self_bleu

ALIKE = ["信用卡年费多收了三百元请退还", "信用卡年费多收了五百元请退还", "信用卡年费多收了八百元请退还"]
DIFFERENT = ["信用卡年费多收了三百元请退还", "取款机吞卡没有人管我等到天黑", "理赔材料补了四回还说缺一张发票"]


def test_distinct() -> None:
    assert distinct(["一二一二"], 2) == pytest.approx(2 / 3)
    assert distinct(ALIKE, 2) < distinct(DIFFERENT, 2) == 1.0


def test_self_bleu() -> None:
    assert self_bleu(["一二三四五六"] * 3) == pytest.approx(1.0)
    assert self_bleu(DIFFERENT) < 0.2 < self_bleu(ALIKE)
