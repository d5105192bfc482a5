"""E-mails: subject and body become the text, what is quoted from earlier mails is context."""

from __future__ import annotations

import email.policy
import re
from datetime import datetime
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

from charset_normalizer import from_bytes

from triage.errors import InputError
from triage.text.document import Document

__all__ = ["plain_text", "read_email"]

_BLOCKS = frozenset(("p", "div", "br", "tr", "li", "h1", "h2", "h3", "table", "blockquote"))
_HIDDEN = frozenset(("style", "script", "head", "title"))
_CHINESE = frozenset(("gb2312", "gbk", "gb18030", "x-gbk", "cp936"))


def read_email(data: bytes, *, quoted: tuple[str, ...] = ()) -> Document:
    """Return the text of an ``.eml`` message (RFC 5322): the subject on the first line, then the body.

    Plain text is preferred to HTML. A charset that is missing, unknown or wrong is detected. Attachments are left out,
    and the notes say how many.

    Args:
        data: the message as bytes.
        quoted: words that begin a quoted earlier mail; lines that begin with ``>`` always are quotations.

    Raises:
        InputError: the message holds no readable text.
    """
    message = BytesParser(_class=EmailMessage, policy=email.policy.default).parsebytes(data)
    part = message.get_body(preferencelist=("plain", "html"))
    body = _decoded(part) if part is not None else ""
    if part is not None and part.get_content_type() == "text/html":
        body = plain_text(body)
    subject = " ".join(str(message.get("Subject", "")).split())
    text = "\n".join(filter(None, (subject, body.replace("\r\n", "\n").strip())))
    if not text.strip():
        raise InputError("the e-mail holds no readable text; legal: a subject or a text part", field="text")
    attached = sum(1 for _ in message.iter_attachments())
    notes = (f"attachments left out: {attached}",) if attached else ()
    return Document(text=text, context=_quoted(text, quoted), received=_received(message), notes=notes)


def _decoded(part: Message) -> str:
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    told = (part.get_content_charset() or "").lower()
    # Mail programs write gb2312 and send characters that only gb18030 has.
    for charset in ("gb18030" if told in _CHINESE else told, "utf-8", "gb18030"):
        try:
            return raw.decode(charset or "utf-8")
        except (LookupError, UnicodeDecodeError):
            continue
    return str(from_bytes(raw).best() or "")


def _received(message: Message) -> datetime | None:
    try:
        received = parsedate_to_datetime(str(message["Date"]))
    except (TypeError, ValueError):
        return None
    return received if received.tzinfo else None


def _quoted(text: str, words: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    spans = [match.span() for match in re.finditer(r"^>.*$", text, re.MULTILINE)]
    starts = [text.find(f"\n{word}") for word in words]
    first = min((start for start in starts if start > 0), default=None)
    return (*spans, (first, len(text))) if first is not None else tuple(spans)


def plain_text(html: str) -> str:
    """Return what a reader of an HTML text sees: a line for each block, nothing of styles and scripts."""
    reader = _Text()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.parts).splitlines()
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._hidden <= 0:
            self.parts.append(data)
