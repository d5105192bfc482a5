"""The suggested first reply: a reviewed text with its fields filled in, never free words."""

from __future__ import annotations

from collections.abc import Mapping

from triage.route.conditions import Facts, holds
from triage.route.schema import RepliesSpec

__all__ = ["reply"]


def reply(spec: RepliesSpec, facts: Facts, fields: Mapping[str, str]) -> str:
    """Return the first reply that fits.

    Args:
        spec: the replies.
        facts: the labels that hold.
        fields: the values of the computed fields.

    Raises:
        KeyError: a computed field is missing.
    """
    row = next(row for row in spec.replies if holds(row.when, facts))
    return row.text.format_map({**spec.fields, **fields}).strip()
