"""The examples of docs/doors.md: the requests, byte for byte, and the answers beside them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[3] / "docs" / "doors.md"
NOW = datetime.fromisoformat("2026-11-24T09:00:05+08:00")
SECRETS = {"TRIAGE_ZAMMAD_SECRET": "zammad-secret", "TRIAGE_ZENDESK_SECRET": "zendesk-secret"}

_EXAMPLE = re.compile(r"```http door=(\w+)\n(.*?)```\n\n```json answer\n(.*?)```", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Example:
    """One request and its answer; ``answer`` leaves out what the page leaves out."""

    path: str
    headers: dict[str, str]
    body: bytes
    answer: dict[str, Any]


def examples(page: str) -> dict[str, Example]:
    """Return the examples of the page, by door."""
    found = {}
    for door, request, answer in _EXAMPLE.findall(page):
        head, _, body = request.partition("\n\n")
        first, *headers = head.splitlines()
        pairs = dict(line.split(": ", 1) for line in headers)
        found[door] = Example(first.split()[1], pairs, body.removesuffix("\n").encode(), json.loads(answer))
    return found
