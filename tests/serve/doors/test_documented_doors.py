"""Every example of docs/doors.md, sent byte for byte, gets the answer that stands beside it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from documented import PAGE, examples
from doored import doored

from triage.config import Config
from triage.pipeline import Triage

REVIEW = "待人工复核"
EXAMPLES = examples(PAGE.read_text(encoding="utf-8"))


def test_the_page_has_an_example_of_every_door(config: Config) -> None:
    assert set(EXAMPLES) == set(config.doors.doors)


@pytest.mark.parametrize("door", sorted(EXAMPLES))
def test_example(door: str, triage: Triage, tmp_path: Path) -> None:
    example = EXAMPLES[door]

    async def run() -> None:
        async with doored(triage, tmp_path) as (client, _):
            answer = await client.post(example.path, content=example.body, headers=example.headers)
            assert answer.status_code == 200, answer.text
            told = answer.json()
            shown, got = (found.get("items", [found]) for found in (example.answer, told))
            assert len(shown) == len(got)
            for expected, item in zip(shown, got, strict=True):
                # The page leaves out the whole decision, ids that are made up, and what hangs on a threshold.
                item["tags"] = [tag for tag in item["tags"] if tag != REVIEW]
                assert {name: item[name] for name in expected} == expected

    asyncio.run(run())
