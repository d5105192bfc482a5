"""What callers send, and what they get beside decisions. Decisions are the library's own."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from triage.errors import InputError
from triage.pipeline import Request
from triage.types import Decision

__all__ = [
    "COMPLAINT",
    "BatchIn",
    "BatchOut",
    "ErrorBody",
    "ErrorOut",
    "Failed",
    "PredictIn",
    "ReloadOut",
    "ShadowOut",
    "StatusOut",
]

COMPLAINT = "我是老年人，5万存款在柜台被误导买成保险，已向12378投诉，要求全额退款。"
_MOMENT = "2026-11-24T09:00:00+08:00"


def _moment(value: object) -> object:
    """Let in a time as ISO 8601, of the years in which deadlines can be computed."""
    if not isinstance(value, str):
        raise ValueError("legal: a time with an offset as text, 2026-11-24T09:00:00+08:00")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ValueError("legal: ISO 8601 with an offset, 2026-11-24T09:00:00+08:00")
    if not 1990 <= moment.year <= 2100:
        raise ValueError("legal: a time of the years 1990 to 2100")
    return moment


Moment = Annotated[AwareDatetime, BeforeValidator(_moment)]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PredictIn(_In):
    """One complaint."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"id": "c-1", "text": COMPLAINT, "received": _MOMENT}]})

    text: Annotated[str, StringConstraints(min_length=1)] = Field(description="the complaint as the customer wrote it")
    id: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        default=None, description="the caller's id; one is made up where there is none"
    )
    channel: Annotated[str, StringConstraints(max_length=80)] | None = Field(
        default=None, description="a label of the facet channel, when the caller knows it"
    )
    received: Moment | None = Field(default=None, description="when it came in, ISO 8601 with offset; now by default")

    def request(self) -> Request:
        """Return it as the library takes it.

        Raises:
            InputError: the text or the id holds half of a surrogate pair, which is no character.
        """
        for name in ("text", "id"):
            try:
                (getattr(self, name) or "").encode()
            except UnicodeEncodeError:
                raise InputError(f"{name} holds half a surrogate pair; legal: Unicode text", field=name) from None
        return Request(text=self.text, id=self.id, channel=self.channel, received=self.received)


class BatchIn(_In):
    """Many complaints; each is checked by itself, and an error stays inside its own item."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"items": [{"id": "c-1", "text": COMPLAINT}]}]})

    items: Annotated[list[Any], Field(min_length=1, description="complaints, each as for POST /v1/predict")]


class ErrorBody(BaseModel):
    """What is wrong."""

    code: str = Field(description="a word for programs")
    message: str = Field(description="one line that says what is wrong and what is legal; never a value that was sent")
    field: str | None = Field(default=None, description="the dotted path of the offending field; left out otherwise")
    request_id: str = Field(description="under which the log knows the request")


class ErrorOut(BaseModel):
    """The answer to everything that went wrong."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "error": {
                        "code": "invalid",
                        "message": "Field required",
                        "field": "text",
                        "request_id": "0c0c6c5e3f1f4b9ab1a4a0d6c9f3e2d1",
                    }
                }
            ]
        }
    )

    error: ErrorBody


class Failed(BaseModel):
    """An item of a batch that could not be decided."""

    id: str | None
    error: ErrorBody


class BatchOut(BaseModel):
    """A decision or an error for each item, in the order of the items."""

    items: list[Decision | Failed]


class NoticeOut(BaseModel):
    """A fallback that is in force."""

    code: str
    message: str


class StatusOut(BaseModel):
    """What judges now."""

    ready: bool
    source: str = Field(description="model or rules")
    model_version: str
    taxonomy_version: str
    policy_version: str
    release: str
    generation: int
    degraded: list[NoticeOut]


class VersionsOut(BaseModel):
    """The versions that every answer names."""

    model_version: str
    taxonomy_version: str
    policy_version: str


class ReloadOut(BaseModel):
    """What a reload or a roll-back did."""

    release: str
    generation: int
    before: VersionsOut
    now: VersionsOut
    workers: dict[str, int] = Field(description="the generation that each worker process has in force, by process id")


class DifferencesOut(BaseModel):
    """Where a candidate differs on a facet."""

    differ: int
    pairs: dict[str, int] = Field(description="how often, by `current → candidate`; the most frequent ones")
    examples: list[str] = Field(description="ids of some complaints")


class ShadowOut(BaseModel):
    """What a candidate would have decided."""

    candidate: str
    current: dict[str, int] = Field(description="complaints that each version in force had judged")
    compared: int
    same: int
    dropped: int = Field(description="complaints that the candidate had no time for")
    failed: int = Field(description="complaints that it could not decide")
    facets: dict[str, DifferencesOut]
