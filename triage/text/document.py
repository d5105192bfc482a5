"""What a complaint becomes, whatever form it came in: one text, and which of it the customer said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

__all__ = ["BLANK", "Document", "blank"]

Span = tuple[int, int]

BLANK = "□"
"""Stands for a character that must not be judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One complaint as one text.

    Attributes:
        text: the text; every span of a decision counts in its characters.
        context: stretches that are no evidence: the agent's turns of a chat, the quoted part of an e-mail.
        channel: the label of the facet ``channel`` when the form names it.
        received: when the message was received, if it says so; with an offset.
        id: the caller's id, if the form carries one.
        notes: what was left out while reading, for the decision's warnings.
    """

    text: str
    context: tuple[Span, ...] = ()
    channel: str | None = None
    received: datetime | None = None
    id: str | None = None
    notes: tuple[str, ...] = ()


def blank(text: str, spans: Iterable[Span]) -> str:
    """Return ``text``, as long as before, with every character of ``spans`` blanked; line ends stay."""
    chars = list(text)
    for start, end in spans:
        for place in range(start, end):
            if chars[place] != "\n":
                chars[place] = BLANK
    return "".join(chars)
