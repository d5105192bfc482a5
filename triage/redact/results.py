"""What redaction returns."""

from __future__ import annotations

from dataclasses import dataclass, field

from triage.errors import UsageError

__all__ = ["RecognizerResult", "Redacted", "RedactedItem"]


@dataclass(frozen=True, slots=True)
class RecognizerResult:
    """One stretch of personal data.

    Attributes:
        entity_type: the ``supported_entity`` of the recognizer.
        start: first character, in Python characters of the text that was passed in.
        end: one past the last.
        score: in [0, 1].
        explanation: which pattern, validator and context made the score; holds nothing of the text itself.
    """

    entity_type: str
    start: int
    end: int
    score: float
    explanation: str


@dataclass(frozen=True, slots=True)
class RedactedItem:
    """What was replaced: ``[start, end)`` of the original became ``placeholder``."""

    entity_type: str
    start: int
    end: int
    placeholder: str


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without personal data.

    Attributes:
        text: the text that may be stored, with a tag such as ``<手机号_1>`` for each value.
        items: what was replaced, in order.
        original: what came in. It is left out of ``repr``, so that no log shows it by accident.
    """

    text: str
    items: tuple[RedactedItem, ...]
    original: str = field(repr=False)

    def mask(self, filler: str = "□") -> str:
        """Return the original with every personal character replaced by ``filler``: positions stay, line ends too.

        Raises:
            UsageError: ``filler`` is not one character.
        """
        if len(filler) != 1:
            raise UsageError(f"the filler is {filler!r}; legal: one character")
        parts: list[str] = []
        place = 0
        for item in self.items:
            hidden = self.original[item.start : item.end]
            parts += (self.original[place : item.start], *("\n" if char == "\n" else filler for char in hidden))
            place = item.end
        return "".join((*parts, self.original[place:]))
