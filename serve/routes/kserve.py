"""The KServe v2 inference protocol (Open Inference Protocol), so that gateways which speak it fit as they are.

https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Response
from fastapi import Request as HttpRequest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.serve.errors import ApiError, describe, of_validation
from triage.serve.keys import require
from triage.serve.routes.responses import Json
from triage.serve.schemas import COMPLAINT, PredictIn
from triage.serve.state import service
from triage.types import Decision

__all__ = ["NAME", "kserve_router"]

NAME = "triage"
_INPUTS = ("text", "id", "channel", "received")
_FLAT = ("business", "reason", "channel", "urgency", "department")
Name = Annotated[str, Path(description=f"always `{NAME}`", max_length=80)]


class Tensor(BaseModel):
    """Strings, one a complaint."""

    model_config = ConfigDict(extra="ignore")

    name: Literal["text", "id", "channel", "received"]
    shape: Annotated[list[Annotated[int, Field(ge=0)]], Field(min_length=1, max_length=2)]
    datatype: Literal["BYTES"]
    data: list[str]


class Wanted(BaseModel):
    """An output that is asked for."""

    model_config = ConfigDict(extra="ignore")

    name: Annotated[str, Field(max_length=80)]


class InferIn(BaseModel):
    """A request of the protocol: `text`, and beside it `id`, `channel` and `received` of the same shape."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "examples": [{"inputs": [{"name": "text", "shape": [1], "datatype": "BYTES", "data": [COMPLAINT]}]}]
        },
    )

    id: Annotated[str, Field(max_length=200)] | None = None
    inputs: Annotated[list[Tensor], Field(min_length=1, max_length=4)]
    outputs: list[Wanted] | None = None


class InferError(BaseModel):
    """The protocol's own shape of an error."""

    error: str


def kserve_router() -> APIRouter:
    """Return the router."""
    errors: dict[int | str, dict[str, Any]] = {
        status: {"model": InferError, "description": "An error."}
        for status in (400, 401, 403, 404, 405, 408, 413, 415, 421, 422, 429, 500, 503)
    }
    router = APIRouter(prefix="/v2", tags=["KServe v2"], responses=errors)
    may = [require("predict")]

    @router.get("", summary="Which server this is")
    async def server(http: HttpRequest) -> dict[str, Any]:
        return {"name": NAME, "version": http.app.version, "extensions": []}

    @router.get("/health/live", summary="Is the process alive?")
    async def live() -> dict[str, bool]:
        return {"live": True}

    @router.get("/health/ready", summary="May it be sent work?")
    async def ready(http: HttpRequest) -> dict[str, bool]:
        service(http).engine.status()
        return {"ready": True}

    @router.get("/models/{name}", summary="What goes in and what comes out", dependencies=may)
    async def model(http: HttpRequest, name: Name) -> dict[str, Any]:
        _known(name)
        tensor = {"datatype": "BYTES", "shape": [-1]}
        outputs = ["decision", "error", *_FLAT]
        return {
            "name": NAME,
            "versions": [service(http).engine.status()["model_version"]],
            "platform": "triage",
            "inputs": [{"name": name, **tensor} for name in _INPUTS],
            "outputs": [{"name": name, **tensor} for name in outputs],
        }

    @router.get("/models/{name}/ready", summary="May the model be sent work?", dependencies=may)
    async def model_ready(http: HttpRequest, name: Name) -> dict[str, Any]:
        _known(name)
        service(http).engine.status()
        return {"name": NAME, "ready": True}

    @router.post("/models/{name}/infer", summary="Decide complaints", dependencies=may)
    async def infer(http: HttpRequest, name: Name, body: InferIn) -> Response:
        """Return decisions as JSON strings in `decision`, their main labels beside it, and in `error` what failed."""
        _known(name)
        parts = service(http)
        rows = _rows(body)
        if any(len(row.text) > parts.settings.max_text for row in rows):
            raise ApiError(413, f"a text is too long; legal: at most {parts.settings.max_text} characters")
        answers = await parts.decide(http, [row.request() for row in rows], many=True)
        columns: dict[str, list[str]] = {
            "decision": [answer.to_json() if isinstance(answer, Decision) else "" for answer in answers],
            "error": [describe(answer).message if isinstance(answer, Exception) else "" for answer in answers],
        }
        for facet in _FLAT:
            columns[facet] = [
                getattr(answer, facet).label if isinstance(answer, Decision) else "" for answer in answers
            ]
        wanted = {output.name for output in body.outputs} if body.outputs else set(columns)
        return Json(
            {
                "model_name": NAME,
                "model_version": parts.engine.status()["model_version"],
                **({"id": body.id} if body.id is not None else {}),
                "outputs": [
                    {"name": name, "datatype": "BYTES", "shape": [len(rows)], "data": data}
                    for name, data in columns.items()
                    if name in wanted
                ],
            }
        )

    return router


def _known(name: str) -> None:
    if name != NAME:
        raise ApiError(404, f"there is no model of this name; legal: {NAME}")


def _rows(body: InferIn) -> list[PredictIn]:
    columns = {tensor.name: tensor for tensor in body.inputs}
    if "text" not in columns or len(columns) != len(body.inputs):
        raise ApiError(422, f"inputs must hold text, and each of {', '.join(_INPUTS)} at most once", field="inputs")
    count = len(columns["text"].data)
    for tensor in body.inputs:
        size = 1
        for part in tensor.shape:
            size *= part
        if len(tensor.data) != count or size != count or not count:
            raise ApiError(422, "shape and data of all inputs must agree, and hold at least one", field="inputs")
    rows = [
        {name: tensor.data[at] for name, tensor in columns.items() if tensor.data[at] or name == "text"}
        for at in range(count)
    ]
    try:
        return [PredictIn.model_validate(row) for row in rows]
    except ValidationError as error:
        raise of_validation(error.errors(include_url=False, include_input=False)) from None
