from __future__ import annotations

import json
import logging
import logging.config
import sys
from typing import Any

import pytest

from triage.serve.logs import FIELDS, JsonFormatter, config

NUMBER = "13812345678"


def line(name: str, message: object, *args: object, exc_info: Any = None, **extra: Any) -> dict[str, Any]:
    record = logging.LogRecord(name, logging.WARNING, __file__, 1, message, args, exc_info)
    record.__dict__.update(extra)
    found = JsonFormatter().format(record)
    assert "\n" not in found
    return json.loads(found)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("name", "message", "args", "event"),
    [
        ("triage.serve", "request", (), "request"),
        ("triage.serve", "failed on %s", (NUMBER,), "failed on %s"),
        ("uvicorn.error", "Started server process [%d]", (7,), "Started server process [%d]"),
        ("uvicorn.error", f"Traceback\nValueError: {NUMBER}", (), "traceback"),
        ("sqlalchemy.engine", f"INSERT {NUMBER}", (), None),
        ("triageous", f"failed on {NUMBER}", (), None),
        ("triage.serve", ValueError(NUMBER), (), "traceback"),
    ],
)
def test_of_a_message_the_template_alone_and_of_a_foreign_one_nothing(
    name: str, message: object, args: tuple[object, ...], event: str | None
) -> None:
    found = line(name, message, *args)
    assert found.get("event") == event
    assert (found["level"], found["logger"]) == ("warning", name)
    assert found["time"].endswith("+00:00")
    assert NUMBER not in json.dumps(found)


def test_only_known_fields_of_our_own_records() -> None:
    facts = {"request_id": "r", "caller": "desk", "status": 200, "ms": 1.5, "text": NUMBER, "body": NUMBER}
    found = line("triage.serve", "request", **facts)
    assert {name: found[name] for name in ("request_id", "caller", "status", "ms")} == {
        "request_id": "r",
        "caller": "desk",
        "status": 200,
        "ms": 1.5,
    }
    assert not {"text", "body"} & found.keys()
    assert not set(FIELDS) & line("other", "request", **facts).keys()


def test_of_an_exception_its_type_and_places() -> None:
    try:
        raise KeyError(NUMBER)
    except KeyError:
        found = line("triage.serve", "failed", exc_info=sys.exc_info())
    assert found["exception"] == "KeyError"
    assert "test_logs.py" in found["at"][0]
    assert NUMBER not in json.dumps(found)


def test_the_configuration_is_legal_and_silences_the_access_log() -> None:
    names = ("triage", "uvicorn", "uvicorn.access", "")
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).handlers[:]) for name in names}
    propagates = logging.getLogger("uvicorn.access").propagate
    try:
        logging.config.dictConfig(config("debug"))
        assert logging.getLogger("triage.serve").isEnabledFor(logging.DEBUG)
        assert not logging.getLogger("uvicorn.access").isEnabledFor(logging.ERROR)
        assert isinstance(logging.getLogger().handlers[0].formatter, JsonFormatter)
    finally:
        for name, (level, handlers) in before.items():
            logging.getLogger(name).setLevel(level)
            logging.getLogger(name).handlers[:] = handlers
        logging.getLogger("uvicorn.access").propagate = propagates
