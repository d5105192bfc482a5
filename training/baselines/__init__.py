"""What a model has to beat: one simple way to triage a complaint in each file."""

from triage.training.baselines.compare import answers, default_baselines
from triage.training.baselines.protocol import Baseline

__all__ = ["Baseline", "answers", "default_baselines"]
