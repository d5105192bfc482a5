"""The rules engine: rules are data, and every hit explains itself."""

from triage.rules.engine import RulesEngine
from triage.rules.facets import Judgement, Scored
from triage.rules.hits import Hit

__all__ = ["Hit", "Judgement", "RulesEngine", "Scored"]
