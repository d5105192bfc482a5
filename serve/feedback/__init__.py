"""Feedback on decisions: taken, kept without personal data, and given back as training data and as a review queue."""

from triage.serve.feedback.desk import Desk
from triage.serve.feedback.router import feedback_router
from triage.serve.feedback.settings import FeedbackSettings

__all__ = ["Desk", "FeedbackSettings", "feedback_router"]
