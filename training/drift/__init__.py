"""Whether new complaints are still like those of a reference: what moved, by how much, and the likely cause."""

from triage.training.drift.embed import Embed
from triage.training.drift.finding import Finding
from triage.training.drift.measure import Report, measure
from triage.training.drift.observed import Observed
from triage.training.drift.pages import markdown, write
from triage.training.drift.read import read

__all__ = ["Embed", "Finding", "Observed", "Report", "markdown", "measure", "read", "write"]
