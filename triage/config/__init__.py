"""Reads and checks a folder of configuration; every error names file, key, value and what is legal."""

from triage.config.check import Finding, check
from triage.config.loader import Config, load

__all__ = ["Config", "Finding", "check", "load"]
