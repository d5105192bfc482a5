"""Triage of Chinese financial complaints: what it is about, how urgent, who decides it, by when, and why."""

from triage.config import Config
from triage.errors import TriageError
from triage.pipeline import Triage, load
from triage.text import Document
from triage.types import Decision

__all__ = ["Config", "Decision", "Document", "Triage", "TriageError", "__version__", "load"]

__version__ = "0.1.0"
