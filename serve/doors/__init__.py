"""Doors: other systems hand in complaints in their own shape, and get an answer in their own words."""

from triage.serve.doors.callback import Callbacks
from triage.serve.doors.router import doors_router

__all__ = ["Callbacks", "doors_router"]
