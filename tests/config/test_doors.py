"""``doors.yaml``: what is legal, and what is refused with file, key, value and what is legal."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from edited import edited

from triage.config import load
from triage.errors import ConfigError

ZAMMAD: dict[str, Any] = {"kind": "zammad", "secret": "SECRET"}


def of(folder: Path, **door: Any) -> Path:
    return edited(folder, "doors.yaml", doors={"one": door})


@pytest.mark.parametrize(
    ("door", "says"),
    [
        ({"kind": "jira"}, ("doors.one.kind is 'jira'", "'zammad', 'zendesk'")),
        ({"kind": "zammad"}, ("no secret of a door of kind 'zammad'", "the variable that holds it")),
        (ZAMMAD | {"secret": "s3cret value"}, ("doors.one.secret", "pattern")),
        (ZAMMAD | {"fields": {"text": "$.a"}}, ("fields of a door of kind 'zammad'",)),
        ({"kind": "generic"}, ("fields of a door of kind 'generic'", "for generic")),
        ({"kind": "mail", "secret": "SECRET"}, ("legal: neither",)),
        (ZAMMAD | {"window": 0}, ("doors.one.window is 0", "greater than or equal to 1")),
        (ZAMMAD | {"answer": {"priority": {"urgent": "3 high"}}}, ("'urgent' is no label of urgency", "critical")),
        (ZAMMAD | {"answer": {"group": {"moon": "a"}}}, ("'moon' is no label of department", "risk_fraud")),
        (ZAMMAD | {"answer": {"tags": [{"when": {"flags": ["x"]}, "tags": ["a"]}]}}, ("'x' is no label of flags",)),
        (ZAMMAD | {"answer": {"tags": [{"when": {"mood": ["x"]}, "tags": ["a"]}]}}, ("no facet 'mood'",)),
        (ZAMMAD | {"channel": "moon"}, ("'moon' is no label of channel",)),
        (ZAMMAD | {"callback": {"url": "ftp://x", "token": "T"}}, ("callback.url", "pattern")),
        (ZAMMAD | {"callback": {"url": "https://user:pw@host", "token": "T"}}, ("callback.url", "pattern")),
    ],
)
def test_refused(tmp_path: Path, door: dict[str, Any], says: tuple[str, ...]) -> None:
    with pytest.raises(ConfigError) as caught:
        load(of(tmp_path, **door))
    message = str(caught.value)
    assert "doors.yaml" in message
    assert "\n" not in message
    for part in says:
        assert part in message


@pytest.mark.parametrize(
    "door",
    [
        ZAMMAD | {"answer": {"tags": [{"tags": ["always"]}], "unless_review": True, "review_group": "复核"}},
        ZAMMAD
        | {"answer": {"tags": [{"when": {"decision": ["review"], "department": ["card_center"]}, "tags": ["a"]}]}},
        ZAMMAD | {"callback": {"url": "http://zammad.local:3000/sub", "token": "T"}},
        {"kind": "generic", "fields": {"text": "$.a"}, "callback": {"url": "https://host/in/{id}", "token": "T"}},
    ],
)
def test_near_misses_are_legal(tmp_path: Path, door: dict[str, Any]) -> None:
    assert load(of(tmp_path, **door)).doors.doors["one"].kind == door["kind"]
