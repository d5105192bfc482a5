"""What is asked, and the text that may be judged: personal data hidden, context left out, in normal form."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from triage.config import Config
from triage.errors import InputError
from triage.redact import Redacted, Redactor
from triage.text import Document, Normalised, Normaliser
from triage.text.chat import agent_turns
from triage.text.document import blank
from triage.types import Evidence, Notice

__all__ = ["Reader", "Reading", "Request"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One complaint to decide.

    Attributes:
        text: the complaint as it came, or a document that says which parts of it are context.
        id: the caller's id; one is made up where there is none.
        channel: the label of the channel, when the caller knows it.
        received: when it was received, with an offset; now by default.
    """

    text: str | Document
    id: str | None = None
    channel: str | None = None
    received: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """One complaint, read.

    Attributes:
        document: as it came.
        redacted: its text without personal data.
        said: what rules judge: nothing that is context, nor what an agent said.
        whole: what the model judges: an agent's turns are there, for they say what a customer answers.
        received: when it was received.
        channel: the label of the channel, when the caller knows it.
        marks: ``cut``, ``foreign``.
        warnings: what the caller should know.
    """

    document: Document
    redacted: Redacted
    said: Normalised
    whole: Normalised
    received: datetime
    channel: str | None
    marks: frozenset[str] = frozenset()
    warnings: tuple[Notice, ...] = field(default=())

    def evidence(self, normal: Normalised, start: int, end: int, source: str) -> Evidence:
        """Return ``[start, end)`` of a normal form as the characters that the caller sent."""
        start, end = normal.span(start, end)
        return Evidence(start, end, self.document.text[start:end], source)


class Reader:
    """Reads requests.

    Args:
        config: a loaded configuration.
    """

    def __init__(self, config: Config) -> None:
        self._spec = config.text
        self._channels = config.taxonomy.facets["channel"].ids
        self._normalise = Normaliser(config.text)
        self._redactor = Redactor(config.redaction)

    def read(self, request: Request) -> Reading:
        """Return what may be judged of a request.

        Raises:
            InputError: the text is empty or no text, the channel is unknown, or ``received`` has no offset.
        """
        document = request.text if isinstance(request.text, Document) else Document(text=_checked(request.text))
        received = request.received or document.received or datetime.now(UTC)
        if received.tzinfo is None:
            told = f"received is {received.isoformat()}; legal: a time with an offset, 2026-11-24T09:00:00+08:00"
            raise InputError(told, field="received")
        channel = self._channel(request.channel or document.channel)
        redacted = self._redactor.redact(document.text)
        said, whole = self._normal(document, redacted)
        if not said.text.strip():
            raise InputError("the text is empty; legal: a text with at least one readable character", field="text")
        warnings = [Notice("left_out", note) for note in document.notes]
        marks: set[str] = set()
        if len(said.text) > self._spec.longest:
            marks.add("cut")
            told = f"the text has {len(said.text)} characters; the first {self._spec.longest} were judged"
            warnings.append(Notice("text_cut", told))
        if _foreign(said.text) >= self._spec.mostly_foreign:
            marks.add("foreign")
            warnings.append(Notice("not_chinese", "the text is hardly Chinese; Chinese alone is judged well"))
        return Reading(document, redacted, said, whole, received, channel, frozenset(marks), tuple(warnings))

    def _normal(self, document: Document, redacted: Redacted) -> tuple[Normalised, Normalised]:
        """Return what rules judge and what the model judges."""
        hidden = redacted.mask()
        if document.context:
            said = self._normalise(blank(hidden, document.context))
            return said, said
        whole = self._normalise(hidden)
        turns = agent_turns(document.text, self._spec.roles)
        return (self._normalise(blank(hidden, turns)) if turns else whole), whole

    def _channel(self, channel: str | None) -> str | None:
        if channel is not None and channel not in self._channels:
            raise InputError(f"channel is {channel!r}; legal: {', '.join(self._channels)}", field="channel")
        return channel


def _checked(text: object) -> str:
    if not isinstance(text, str):
        raise InputError(f"text is {type(text).__name__}; legal: str, or a Document", field="text")
    return text


def _foreign(text: str) -> float:
    """Return the share of letters that are not Chinese; 0 for a text without letters."""
    letters = [char for char in text if char.isalpha() and char != "□"]
    return sum(not "\u3400" <= char <= "\U0003134f" for char in letters) / len(letters) if letters else 0.0
