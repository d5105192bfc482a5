"""How well complaints are triaged: figures, calibration, coverage, slices and errors, as values and as files."""

from triage.training.evaluate.answer import Answer, answers_of
from triage.training.evaluate.report import Report, evaluate
from triage.training.evaluate.write import markdown, write

__all__ = ["Answer", "Report", "answers_of", "evaluate", "markdown", "write"]
