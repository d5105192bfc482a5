"""``doors.yaml``: how other systems hand in complaints, and what they are told."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from triage.schema import Ident, Spec, Text, VersionedSpec

__all__ = ["AnswerSpec", "CallbackSpec", "DoorSpec", "DoorsSpec", "FieldsSpec", "broken"]

Variable = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9_]{0,79}$")]
"""The name of an environment variable; the secret itself never stands in a file of configuration."""

Labels = Annotated[tuple[Ident, ...], Field(min_length=1)]
When = dict[Ident, Labels]

SIGNED = ("zammad", "zendesk")


class TagRow(Spec):
    """Tags for complaints for which, for every facet named, one of the labels holds."""

    when: When = {}
    tags: Annotated[tuple[Text, ...], Field(min_length=1)]


class AnswerSpec(Spec):
    """What a decision means to the other system.

    Attributes:
        priority: the other system's priority, by urgency.
        group: the other system's group, by department; as a name, or as a number in text.
        tags: every row that holds adds its tags.
        unless_review: withhold the group of a decision that a person must see first; it then goes to ``review_group``.
        review_group: the group for those; none leaves the group as it is.
    """

    priority: dict[Ident, Text] = {}
    group: dict[Ident, Text] = {}
    tags: tuple[TagRow, ...] = ()
    unless_review: bool = False
    review_group: Text | None = None


class FieldsSpec(Spec):
    """Where in the payload what stands: JSONPath (RFC 9535), of which the first match counts."""

    text: Text
    subject: Text | None = None
    id: Text | None = None
    channel: Text | None = None
    received: Text | None = None


class CallbackSpec(Spec):
    """Where the answer goes when the other system does not read the reply to its webhook.

    Attributes:
        url: the base of the other system; for ``generic`` the whole address, with ``{id}`` for the ticket.
        token: the variable that holds the token.
        user: for Zendesk, the user of an API token; without one the token is a bearer's.
        note: whether Zammad also gets the suggested reply as an internal note.
    """

    url: Annotated[str, StringConstraints(pattern=r"^https?://[^\s/?#@]+(/[^\s?#]*)?$")]
    token: Variable
    user: Text | None = None
    note: bool = False


class DoorSpec(Spec):
    """One door.

    Attributes:
        kind: whose payloads come: ``zammad``, ``zendesk``, ``generic`` (any JSON), ``mail`` (.eml or .mbox), ``chat``.
        secret: the variable that holds the secret of the signature; without one the caller needs an API key.
        window: seconds by which the signed time may differ from now.
        fields: for ``generic``, where what stands.
        answer: what a decision means to the other system.
        callback: where the answer goes; without one it is the reply to the request.
        channel: the label of the facet ``channel`` of everything that comes here.
    """

    kind: Literal["zammad", "zendesk", "generic", "mail", "chat"]
    secret: Variable | None = None
    window: Annotated[int, Field(ge=1, le=7 * 86_400)] = 300
    fields: FieldsSpec | None = None
    answer: AnswerSpec = AnswerSpec()
    callback: CallbackSpec | None = None
    channel: Ident | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.fields is not None) != (self.kind == "generic"):
            raise ValueError(f"fields of a door of kind {self.kind!r}; legal: for generic, and only there")
        if self.secret is None and self.kind in SIGNED:
            raise ValueError(f"no secret of a door of kind {self.kind!r}; legal: the variable that holds it")
        if self.kind in ("mail", "chat") and (self.secret is not None or self.callback is not None):
            raise ValueError(f"secret or callback of a door of kind {self.kind!r}; legal: neither")
        return self


class DoorsSpec(VersionedSpec):
    """All doors, by the name in their address ``/v1/doors/NAME``."""

    doors: dict[Ident, DoorSpec] = {}


def broken(doors: DoorsSpec, legal: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    """Yield every label of a door that nothing answers to: key, and what is wrong and legal.

    Args:
        doors: the doors.
        legal: the labels of every facet, of ``department`` and of ``decision``.
    """
    for name, door in doors.doors.items():
        named = [
            ("priority", {"urgency": tuple(door.answer.priority)}),
            ("group", {"department": tuple(door.answer.group)}),
        ]
        named += [(f"tags.{place}", dict(row.when)) for place, row in enumerate(door.answer.tags)]
        named += [("channel", {"channel": (door.channel,)})] if door.channel is not None else []
        for key, when in named:
            for facet, labels in when.items():
                where = f"doors.{name}.{key}" if key == "channel" else f"doors.{name}.answer.{key}"
                if facet not in legal:
                    yield where, f"no facet {facet!r}; legal: {', '.join(legal)}"
                    continue
                for label in labels:
                    if label not in legal[facet]:
                        yield where, f"{label!r} is no label of {facet}; legal: {', '.join(legal[facet])}"
