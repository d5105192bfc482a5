"""What ``triage check`` finds: dead rules, rows that nothing reaches, labels without a department, idle fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from edited import edited

from triage.config import check
from triage.config.loader import DEFAULT

Data = dict[str, Any]
FIELDS = dict.fromkeys(("hotline", "emergency", "police", "antifraud", "lifeline"), "1")


def channel(*rules: Data, **more: Any) -> Data:
    return {"rules": [{"id": "ok", "label": "branch", "weight": 5, "words": ["网点"]}, *rules], **more}


@pytest.mark.parametrize(
    ("name", "change", "key", "says"),
    [
        (
            "policy.yaml",
            {"lead": [
                {"id": "one", "when": {"business": ["loan"]}, "lead": "retail_lending"},
                {"id": "two", "when": {"business": ["loan"], "reason": ["pricing"]}, "lead": "card_center"},
                {"id": "rest", "lead": "consumer_protection"},
            ]},
            "two",
            "unreachable",
        ),
        (
            "policy.yaml",
            {"lead": [{"id": "rest", "lead": "consumer_protection"}]},
            "lead",
            "'loan' has no row of its own",
        ),
        (
            "policy.yaml",
            {"lead": [{"id": "rest", "lead": "consumer_protection"}]},
            "departments.card_center",
            "no policy row",
        ),
        (
            "rules/channel.yaml",
            channel({"id": "dead", "label": "sms", "weight": 0.5, "words": ["短信"]}),
            "rules.dead",
            "below the threshold",
        ),
        (
            "rules/channel.yaml",
            channel({"id": "dead", "label": "sms", "weight": 5, "words": ["短信"], "exclude": ["短信"]}),
            "rules.dead",
            "stand under `exclude`",
        ),
        (
            "rules/channel.yaml",
            channel({"id": "trad", "label": "sms", "weight": 5, "words": ["簡訊通知"]}),
            "rules.trad",
            "never occurs: normalised text reads",
        ),
        (
            "rules/channel.yaml",
            channel({"id": "twin", "label": "branch", "weight": 5, "words": ["网点"]}),
            "rules.twin",
            "says the same as ok",
        ),
        ("rules/channel.yaml", channel(), "rules", "no rule speaks for the label 'sms'"),
        ("replies.yaml", {"fields": FIELDS | {"unused": "x"}}, "fields.unused", "no reply uses this field"),
    ],
)  # fmt: skip
def test_findings(tmp_path: Path, name: str, change: Data, key: str, says: str) -> None:
    findings = [f for f in check(edited(tmp_path, name, **change)) if f.key == key and says in f.message]
    assert findings, check(tmp_path)
    assert findings[0].severity == "warning"


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "replies.yaml",
            "version: '1'\nfields: {}\nforbidden: [x]\nreplies: [{id: a, text: '您好{who}'}]\n",
            "asks for {who}",
        ),
        ("policy.yaml", "version: '1'\nlead: [{id: a, lead: nowhere}]\n", "no department 'nowhere'"),
        (
            "deadlines.yaml",
            "version: '1'\nrules: [{id: a, days: many, source: x, effective_from: 2020-01-01}]\n",
            "valid integer",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_loaded_is_an_error(tmp_path: Path, name: str, text: str, says: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    (finding,) = check(tmp_path)
    assert finding.severity == "error"
    assert says in finding.message


def test_the_default_folder_is_clean() -> None:
    assert check(DEFAULT) == []


def test_a_group_that_no_rule_uses(tmp_path: Path) -> None:
    groups = yaml.safe_load((DEFAULT / "rules/words.yaml").read_text(encoding="utf-8"))["groups"]
    edited(tmp_path, "rules/words.yaml", groups=groups | {"idle": ["闲置"]})
    assert [(f.key, f.message) for f in check(tmp_path)] == [("groups.idle", "no rule uses this group")]
