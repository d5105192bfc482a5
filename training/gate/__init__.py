"""Whether a candidate may take the place of the model in force: the same rows, and tests in pairs."""

from triage.training.gate.gate import gate
from triage.training.gate.golden import GoldenCase, read_golden
from triage.training.gate.limits import Limits, read_limits

__all__ = ["GoldenCase", "Limits", "gate", "read_golden", "read_limits"]
