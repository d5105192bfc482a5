"""The inference service will live here, imported as ``triage.serve``; nothing is built yet."""
