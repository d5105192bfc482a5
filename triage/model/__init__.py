"""The embedded model: a small encoder with a head for each facet, run by onnxruntime and tokenizers alone."""

from triage.model.files import EMBEDDED
from triage.model.model import Model, load
from triage.model.opinions import Opinion, Shares

__all__ = ["EMBEDDED", "Model", "Opinion", "Shares", "load"]
