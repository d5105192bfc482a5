"""What the model thinks, as a view: bars, and conformal sets instead of the likeliest three."""

from __future__ import annotations

import pytest

from triage.config import load
from triage.model.heads import Head
from triage.model.opinions import Opinion
from triage.model.spec import Calibration
from triage.pipeline import Request
from triage.pipeline.by_model import by_model
from triage.pipeline.reading import Reader
from triage.route.schema import MeetingSpec

CONFIG = load()
READING = Reader(CONFIG).read(Request(text="卡被盗刷了"))
HEAD = Head("urgency", "ordinal", ("low", "normal", "high", "critical"))
OPINION = Opinion(HEAD, (0.3, 0.4, 0.22, 0.08))
CALIBRATION = Calibration(conformal={"urgency": {"0.9": 0.25, "0.95": 0.05}}, calibrated=True)


@pytest.mark.parametrize(
    ("settings", "label", "others"),
    [
        ({}, "normal", ["low", "high", "critical"]),
        ({"coverage": 0.9}, "normal", ["low"]),
        ({"coverage": 0.95}, "normal", ["low", "high", "critical"]),
        # No set was fitted for it: the likeliest three.
        ({"coverage": 0.8}, "normal", ["low", "high", "critical"]),
        ({"bars": {"urgency": {"critical": 0.08}}}, "critical", ["normal", "low", "high"]),
        ({"bars": {"urgency": {"critical": 0.09}}}, "normal", ["low", "high", "critical"]),
    ],
)
def test_choice(settings: dict[str, object], label: str, others: list[str]) -> None:
    meeting = MeetingSpec.model_validate({"budget": {"call": 1, "text": 1}, **settings})
    view = by_model(
        {"urgency": OPINION}, {}, READING, taxonomy=CONFIG.taxonomy, meeting=meeting, calibration=CALIBRATION
    )
    choice = view.choices["urgency"]
    assert (choice.label, [other.label for other in choice.alternatives]) == (label, others)
    assert choice.confidence == OPINION[label]
