"""Text as it arrives: one normal form with a map back, and one text from e-mails, chats and forms."""

from typing import TYPE_CHECKING, Any

from triage.text.chat import read_chat
from triage.text.document import Document
from triage.text.form import read_form
from triage.text.normalise import Normalised, Normaliser

if TYPE_CHECKING:
    from triage.text.mail import read_email

__all__ = ["Document", "Normalised", "Normaliser", "read_chat", "read_email", "read_form"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - whatever the name stands for
    """Load what only e-mails need when the first one is read: parsers of MIME and HTML, detection of charsets."""
    if name == "read_email":
        from triage.text.mail import read_email  # noqa: PLC0415

        return read_email
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
