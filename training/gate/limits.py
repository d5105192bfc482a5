"""What a candidate may be worse by: read from a file, checked against the taxonomy."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import Field, ValidationError

from triage.config import Config
from triage.errors import ConfigError
from triage.schema import Ident, Spec, VersionedSpec
from triage.training.corpus_rows import labels_of
from triage.training.evaluate.answer import MULTIPLE, SINGLE

__all__ = ["DEFAULT", "Drop", "Limits", "Protected", "read_limits"]

DEFAULT = Path(__file__).parent / "limits.yaml"
"""The limits that travel with the package."""

Points = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]
Times = Annotated[float, Field(ge=1)]


class Protected(Spec):
    """A class that may not get worse: by more than ``drop`` points, be it by chance or not."""

    facet: Ident
    label: Ident
    measure: Literal["recall", "precision"] = "recall"
    drop: Points = 0.0
    rows: Count = 1
    needed: bool = False


class Drop(Spec):
    """A drop above ``drop`` fails when it is beyond chance, one above ``outright`` always; from ``rows`` rows on."""

    drop: Points
    outright: Points
    rows: Count


class CalibrationLimit(Spec):
    """Expected calibration error may grow by ``worse``, and not at all above ``most``."""

    worse: Points
    most: Points
    rows: Count


class SizeLimit(Spec):
    """How many times the bytes."""

    times: Times


class SpeedLimit(Spec):
    """How many times the time, measured on ``texts`` texts, the best of ``repeats`` runs."""

    times: Times
    texts: Count
    repeats: Count


class Limits(VersionedSpec):
    """The content of a file of limits."""

    protected: tuple[Protected, ...]
    figures: Drop
    classes: Drop
    slices: Drop
    calibration: CalibrationLimit
    size: SizeLimit
    speed: SpeedLimit
    alpha: Annotated[float, Field(gt=0, lt=1)]
    draws: Annotated[int, Field(ge=100, le=100_000)]


def read_limits(path: Path | None, config: Config) -> Limits:
    """Return the limits of a file, or those that travel with the package.

    Raises:
        ConfigError: the file cannot be read, or a key of it is not legal.
    """
    file = path or DEFAULT
    try:
        limits = Limits.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigError(str(file), "", f"cannot be read ({error.strerror}); legal: a YAML file of limits") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(file), "", f"not YAML ({' '.join(str(error).split())})") from None
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise ConfigError(str(file), key, f"legal: {first['msg']}", value=first["input"]) from None
    for place, one in enumerate(limits.protected):
        facets = tuple(facet for facet in (*SINGLE, *MULTIPLE) if facet != "co")
        if one.facet not in facets:
            raise ConfigError(str(file), f"protected.{place}.facet", f"legal: {', '.join(facets)}", value=one.facet)
        legal = labels_of(config, one.facet)
        if one.label not in legal:
            raise ConfigError(str(file), f"protected.{place}.label", f"legal: {', '.join(legal)}", value=one.label)
    return limits
