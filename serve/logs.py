"""Logs: one JSON object a line, of fields that are known to hold nothing personal.

A message of another library may carry anything, a traceback quotes values: of a foreign record only the template is
kept, of an exception only its type and the places in the code.
"""

from __future__ import annotations

import logging
import traceback
from datetime import UTC, datetime
from typing import Any, Final

import orjson

__all__ = ["FIELDS", "JsonFormatter", "config"]

FIELDS: Final = (
    "request_id", "caller", "route", "method", "status", "ms", "items", "degraded", "source", "act", "outcome", "why",
    "model_version", "taxonomy_version", "policy_version", "pid", "count",
)  # fmt: skip
"""What may stand in a line beside time, level and event."""


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        family = record.name.partition(".")[0]
        ours = family == "triage"
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if ours or family == "uvicorn":
            # A template of several lines is none: uvicorn logs tracebacks as text.
            line["event"] = record.msg if isinstance(record.msg, str) and "\n" not in record.msg else "traceback"
        if ours:
            line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) is not None}
        if record.exc_info and record.exc_info[0] is not None:
            kind, _, trace = record.exc_info
            line["exception"] = kind.__name__
            line["at"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)]
        return orjson.dumps(line).decode()


def config(level: str = "info") -> dict[str, Any]:
    """Return the configuration for :func:`logging.config.dictConfig`, to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "stream": "ext://sys.stderr"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "triage": {"level": level.upper()},
            "uvicorn": {"level": "INFO"},
            # The service writes a line for each request itself, with the route instead of the path.
            "uvicorn.access": {"level": "CRITICAL", "propagate": False, "handlers": []},
        },
    }
