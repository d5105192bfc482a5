"""What a model says of itself: heads, windows, calibration, and what it was made for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Self

from triage.errors import ModelError
from triage.model.heads import Head

__all__ = ["Calibration", "ModelSpec"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """What turns logits into probabilities that can be believed.

    Attributes:
        temperatures: by facet, what its logits are divided by (temperature scaling, Guo et al. 2017); 1 where absent.
        pools: by facet, weight and temperature of the pool of model and rules (:mod:`triage.pipeline.pooling`); where
            absent, the model judges alone.
        thresholds: by multi-label facet, for each label the probability from which it is said.
        conformal: by facet of one label, for each coverage (``"0.9"``) the probability that a label needs to be in the
            set that holds the right one so often (split conformal prediction, Sadinle, Lei and Wasserman 2019).
        spread: by score facet, the standard deviation of a score's error.
        calibrated: the numbers were fitted on rows that the model had not learnt from.
    """

    temperatures: Mapping[str, float] = field(default_factory=dict)
    pools: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    thresholds: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    conformal: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    spread: Mapping[str, float] = field(default_factory=dict)
    calibrated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelSpec:
    """The content of ``model.json``.

    Attributes:
        version: of the model, as every decision names it.
        heads: in the order of the outputs.
        taxonomy_version: of the taxonomy that it was trained for.
        window: tokens that the encoder reads at once.
        overlap: tokens that stand in two neighbouring windows.
        calibration: see there.
        about: how it was made, for people: data, settings, figures.
    """

    version: str
    heads: tuple[Head, ...]
    taxonomy_version: str
    window: int = 256
    overlap: int = 24
    calibration: Calibration = field(default_factory=Calibration)
    about: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return the text of ``model.json``."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n"

    def with_calibration(self, calibration: Calibration) -> Self:
        """Return the same, calibrated."""
        return replace(self, calibration=calibration)

    @classmethod
    def from_json(cls, text: bytes) -> Self:
        """Read back what :meth:`to_json` wrote.

        Raises:
            ModelError: a key is missing or of another type.
        """
        try:
            data = json.loads(text)
            calibration = data.pop("calibration")
            pools, thresholds = (
                {facet: tuple(row) for facet, row in calibration.pop(name).items()} for name in ("pools", "thresholds")
            )
            heads = tuple(Head.from_dict(head) for head in data.pop("heads"))
            return cls(**data, heads=heads, calibration=Calibration(**calibration, pools=pools, thresholds=thresholds))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ModelError(f"model.json cannot be read: {error!r}; legal: as `triage train` wrote it") from None
