"""The addresses of the feedback and of the review queue."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Header, Query

from triage.errors import InputError
from triage.serve.errors import ApiError
from triage.serve.feedback.desk import ConflictError, Desk, UnavailableError
from triage.serve.feedback.schema import Correction, FeedbackIn, Forget, Forgotten, Receipt, ReviewItem, ReviewPage

__all__ = ["Caller", "feedback_router"]

_LONGEST = 200
"""Characters of a decision's id that was kept."""
_AGAIN = 5
"""Seconds after which a caller may try again."""


class Caller(Protocol):
    """Who calls; the id of the key will do."""

    @property
    def id(self) -> str:
        """A stable name."""


Require = Callable[[Literal["feedback", "admin"]], Any]
"""Returns the FastAPI dependency that lets in callers with a scope and says who they are."""

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Any text of your own. The same key with the same body gets the same answer and is kept once; "
        "with another body it is refused. Without a key, an equal body counts as the same.",
    ),
]


def feedback_router(desk: Callable[[], Desk], *, require: Require) -> APIRouter:
    """Return the router.

    Args:
        desk: returns what takes the feedback; the app starts and stops it.
        require: makes the dependency for a scope.
    """
    router = APIRouter(prefix="/v1", tags=["feedback"])
    person, admin = require("feedback"), require("admin")

    async def give(given: FeedbackIn, key: str | None, caller: Caller) -> Receipt:
        with _answered():
            return await desk().give(given, key=key, caller=caller.id)

    @router.post("/feedback", status_code=201, summary="Say what was right, and how it ended")
    async def feedback(given: FeedbackIn, key: Key = None, caller: Any = person) -> Receipt:  # noqa: ANN401
        """Keep feedback. When this answers 201, it is in the database or on disk, and survives a crash."""
        return await give(given, key, caller)

    @router.post("/feedback/forget", summary="Delete one person's data")
    async def forget(whose: Forget, caller: Any = admin) -> Forgotten:  # noqa: ANN401
        """Delete all feedback and decisions of the person whose reference came with them as `subject`."""
        with _answered():
            return await desk().forget(whose.subject)

    @router.get("/review", summary="What waits for a person")
    async def reviews(
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        after: Annotated[str | None, Query(max_length=200, description="The `next` of the page before.")] = None,
        department: Annotated[str | None, Query(max_length=80)] = None,
        urgency: Annotated[str | None, Query(max_length=80)] = None,
        caller: Any = person,  # noqa: ANN401
    ) -> ReviewPage:
        """Return decisions of `review` that nobody has looked at, the most urgent first, then the oldest."""
        for name, value in (("after", after), ("department", department), ("urgency", urgency)):
            _no_nul(name, value)
        with _answered():
            return await desk().reviews(limit=limit, after=after, department=department, urgency=urgency)

    @router.get("/review/{decision_id:path}", summary="One decision of the queue")
    async def review(decision_id: str, caller: Any = person) -> ReviewItem:  # noqa: ANN401
        """Return one decision, also when a person has looked at it already."""
        return await known(decision_id)

    @router.post("/review/{decision_id:path}", status_code=201, summary="Take a decision off the queue")
    async def correct(decision_id: str, given: Correction, key: Key = None, caller: Any = person) -> Receipt:  # noqa: ANN401
        """Keep what a person says about a decision of the queue; with labels or `confirmed`, it leaves the queue."""
        try:
            await known(decision_id)
        except ApiError as error:
            # A queue that cannot be asked must not keep a person's work from being kept.
            if error.status != 503:
                raise
        whole = FeedbackIn.model_validate(given.model_dump(exclude_unset=True) | {"decision_id": decision_id})
        return await give(whole, key, caller)

    async def known(decision_id: str) -> ReviewItem:
        item = None
        if len(decision_id) <= _LONGEST:
            _no_nul("decision_id", decision_id)
            with _answered():
                item = await desk().review(decision_id)
        if item is None:
            raise ApiError(404, "no such decision was kept; GET /v1/review lists those that wait")
        return item

    return router


@contextmanager
def _answered() -> Iterator[None]:
    """Turn what the desk raises into answers."""
    try:
        yield
    except InputError as error:
        raise ApiError(422, str(error), field=error.field) from error
    except ConflictError as error:
        raise ApiError(409, str(error), field="Idempotency-Key") from error
    except UnavailableError as error:
        raise ApiError(503, str(error), retry_after=_AGAIN) from error


def _no_nul(name: str, value: str | None) -> None:
    # No database keeps this character in a text, and one of them cannot even be asked for it.
    if value is not None and "\x00" in value:
        raise ApiError(422, f"{name} holds the character U+0000; legal: text without it", field=name)
