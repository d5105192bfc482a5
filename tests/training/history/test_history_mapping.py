"""Which column is what: legal and illegal mappings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from triage.errors import ConfigError
from triage.training.history.mapping import of_options, read_mapping


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("facets: {business: b}", "text"),
        ("{text: t, facets: {}}", "facets is empty"),
        ("{text: t, facets: {colour: c}}", "facets.colour: no such facet; legal: business"),
        ("{text: t, facets: {department: d}}", "stands alone"),
        ("{text: t, words: 3, facets: {business: b}}", "no such key; legal: text, id"),
        ("[1, 2]", "legal: a mapping"),
        ("text: [", "legal: YAML"),
    ],
)
def test_an_illegal_mapping_says_what_is_legal(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "mapping.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        read_mapping(file)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_mapping_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    content: dict[str, Any] = {
        "text": "内容",
        "time": "时间",
        "facets": {
            "business": "一级",
            "reason": {"column": ["大类", "小类"]},
            "urgency": {"column": "级", "order": ["急", "缓"]},
        },
    }
    made = of_options("内容", ["business=一级"]).model_validate(content)
    (tmp_path / "m.yaml").write_text(made.to_yaml(), encoding="utf-8")
    assert read_mapping(tmp_path / "m.yaml") == made
    assert made.needed == ("内容", "时间", "一级", "大类", "小类", "级")


@pytest.mark.parametrize("label", ["business", "business=", "colour=c"])
def test_an_option_that_is_no_label(label: str) -> None:
    with pytest.raises(ConfigError, match="legal"):
        of_options("text", [label])
