"""The inference service, imported as ``triage.serve``: ``create_app(Settings())`` is an ASGI application."""

from triage.serve.app import create_app
from triage.serve.settings import Settings

__all__ = ["Settings", "create_app"]
