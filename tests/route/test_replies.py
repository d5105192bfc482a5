"""The suggested first reply: which row, and what no reply may say."""

from __future__ import annotations

import pytest

from triage.config import Config
from triage.route import reply
from triage.route.schema import RepliesSpec

FIELDS = {"department": "信用卡中心", "due": "2026-12-09", "first_response": "2026-11-25 17:30", "id": "k-1"}


@pytest.mark.parametrize(
    ("facts", "says", "never"),
    [
        ({"flags": {"self_harm"}, "urgency": {"critical"}}, "12356", "受理编号"),
        ({"flags": {"self_harm", "fraud_in_progress"}}, "12356", "96110"),
        ({"flags": {"violence"}}, "110", "12356"),
        ({"flags": {"fraud_in_progress"}}, "96110", "12356"),
        ({"urgency": {"critical"}}, "2026-11-25 17:30", "12356"),
        ({"flags": {"group"}}, "代表", "12356"),
        ({"flags": {"regulator"}}, "书面答复", "12356"),
        ({"reason": {"collection_conduct"}}, "催收", "12356"),
        ({"reason": {"info_security"}}, "验证码", "催收"),
        ({"reason": {"fund_safety"}}, "报案", "催收"),
        ({"urgency": {"low"}, "sentiment": {"positive"}}, "谢谢", "歉"),
        ({"urgency": {"low"}, "sentiment": {"neutral"}}, "感谢您的反馈", "歉"),
        ({"flags": {"vulnerable"}}, "上门", "催收"),
        ({"urgency": {"normal"}}, "深表歉意", "12356"),
    ],
)
def test_the_row_that_fits(config: Config, facts: dict[str, set[str]], says: str, never: str) -> None:
    text = reply(config.replies, facts, FIELDS)
    assert says in text
    assert never not in text
    assert "{" not in text


def test_every_reply_asks_for_nothing_that_nobody_fills(config: Config) -> None:
    for row in config.replies.replies:
        assert row.text.format_map({**config.replies.fields, **FIELDS})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("我们保证退款", "promises '保证'"),
        ("您好，{money}", "asks for {money}"),
        ("您好，{", "brace"),
    ],
)
def test_what_no_reply_may_say(config: Config, text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        RepliesSpec.model_validate(config.replies.model_dump() | {"replies": [{"id": "a", "text": text}]})
