"""The page at ``/``: a complaints desk tries the service on it and works through the review queue."""

from triage.serve.page.router import page_router

__all__ = ["page_router"]
