"""Pure functions from labels to department, deadlines, first response, decision and reply."""

from triage.route.calendar import WorkingTime
from triage.route.deadlines import deadlines, local
from triage.route.decide import Judged, Verdict, decide_facet, decide_whole
from triage.route.policy import Routed, route, unreachable
from triage.route.replies import reply

__all__ = [
    "Judged",
    "Routed",
    "Verdict",
    "WorkingTime",
    "deadlines",
    "decide_facet",
    "decide_whole",
    "local",
    "reply",
    "route",
    "unreachable",
]
