"""What every configuration file has in common: a frozen, closed schema with a version."""

from __future__ import annotations

from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

__all__ = ["CHECKED", "Ident", "Spec", "Text", "VersionedSpec"]

Ident = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$", max_length=80)]
"""An id: ASCII letters, digits, ``_``, ``-`` and ``.``."""

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
"""A text for people: not empty."""

CHECKED: Any = MappingProxyType({"checked": True})
"""The context of a validation whose input passed it before: what is dear to check is not checked again."""


class Spec(BaseModel):
    """A part of a configuration file: unknown keys are refused, values never change after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_max_length=20_000, coerce_numbers_to_str=True)


class VersionedSpec(Spec):
    """A whole configuration file. ``version`` is the user's own string and shows in every decision."""

    version: Text
