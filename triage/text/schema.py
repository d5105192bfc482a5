"""The schema of ``text.yaml``."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from triage.schema import Spec, Text, VersionedSpec

__all__ = ["RolesSpec", "SpeechSpec", "TextSpec"]


class RolesSpec(Spec):
    """Who speaks in a chat transcript: the words that stand before the colon of a turn."""

    customer: Annotated[tuple[Text, ...], Field(min_length=1)]
    agent: Annotated[tuple[Text, ...], Field(min_length=1)]


class SpeechSpec(Spec):
    """Terms that speech recognition writes down wrongly.

    Attributes:
        terms: what is meant; anything that sounds like one is rewritten.
        keep: words that sound like a term, or reach into one, and mean what they say.
    """

    terms: tuple[Annotated[str, Field(min_length=2, max_length=8)], ...] = ()
    keep: tuple[Text, ...] = ()


class TextSpec(VersionedSpec):
    """How text is normalised and read.

    Attributes:
        replacements: tables of literal rewrites, by the name of the table: what people write, and what is meant. Keys
            are matched after folding of width, case and script; the longest key wins.
        speech: terms that are also found by their sound.
        separators: marks that people put between single characters to slip past a filter (银/保/监).
        mark_run: how many equal marks in a row are kept.
        character_run: how many equal other characters in a row are kept; digits are never touched.
        roles: who speaks in a chat.
        quoted_mail: words that begin the quoted part of an e-mail; what follows is context.
        longest: characters beyond this are not judged; the decision says so.
        mostly_foreign: share of letters that are not Chinese from which on a text counts as foreign.
    """

    replacements: dict[Text, dict[Text, str]] = {}
    speech: SpeechSpec = SpeechSpec()
    separators: str = ""
    mark_run: Annotated[int, Field(ge=1, le=10)] = 1
    character_run: Annotated[int, Field(ge=2, le=10)] = 2
    roles: RolesSpec
    quoted_mail: tuple[Text, ...] = ()
    longest: Annotated[int, Field(ge=100)] = 20_000
    mostly_foreign: Annotated[float, Field(gt=0, le=1)] = 0.8
