"""Versions of a model: signed, gated, promoted in one step, rolled back in one step, and how each came to be."""

from triage.registry.registry import Entry, Registry
from triage.registry.shadow import Shadow
from triage.registry.verdict import Verdict

__all__ = ["Entry", "Registry", "Shadow", "Verdict"]
