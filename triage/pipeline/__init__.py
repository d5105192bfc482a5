"""The one place where the parts meet: text → redaction → (rules, model) → routing → decision."""

from triage.pipeline.reading import Request
from triage.pipeline.triage import Triage, load

__all__ = ["Request", "Triage", "load"]
