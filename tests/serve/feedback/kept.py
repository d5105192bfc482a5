"""Records for the tests of the store."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.serve.feedback.records import DecisionRecord, FeedbackRecord

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def said(key: str, *, minutes: float = 0, **change: Any) -> FeedbackRecord:
    """Return feedback of a key, some minutes after noon."""
    made: dict[str, Any] = {
        "id": str(uuid.uuid5(uuid.NAMESPACE_OID, key)), "key": key, "digest": "d", "decision_id": "t-1",
        "received": NOON + timedelta(minutes=minutes), "confirmed": True, "taxonomy_version": "1",
    }  # fmt: skip
    return FeedbackRecord(**made | change)


def decided(id: str, *, minutes: float = 0, **change: Any) -> DecisionRecord:  # noqa: A002
    """Return a decision that waits for a person."""
    made: dict[str, Any] = {
        "id": id, "received": NOON + timedelta(minutes=minutes), "verdict": "review", "urgency": "normal", "rank": 2,
        "department": "card_center", "text": "年费多收", "decision": {"id": id}, "taxonomy_version": "1",
    }  # fmt: skip
    return DecisionRecord(**made | change)
