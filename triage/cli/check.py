"""``triage check``: what is wrong with a folder of configuration."""

from __future__ import annotations

import argparse
import dataclasses
import json

from triage.config import check as find

__all__ = ["check"]


def check(options: argparse.Namespace) -> int:
    """Print every finding; return 1 when there is one, else 0."""
    findings = find(options.folder)
    if options.json:
        print(json.dumps([dataclasses.asdict(finding) for finding in findings], ensure_ascii=False, indent=2))
    else:
        for finding in findings:
            print(f"{finding.severity}: {finding.file}: {finding.key}: {finding.message}")
        print(f"{options.folder}: {len(findings)} findings")
    return 1 if findings else 0
