"""Text as it arrives: one normal form with a map back, and one text from e-mails, chats and forms."""

from triage.text.chat import read_chat
from triage.text.document import Document
from triage.text.form import read_form
from triage.text.mail import read_email
from triage.text.normalise import Normalised, Normaliser

__all__ = ["Document", "Normalised", "Normaliser", "read_chat", "read_email", "read_form"]
