"""A model folder, ready to judge texts."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ModelError
from triage.model.files import EMBEDDED, GRAPH, SPEC, TOKENIZER, verify
from triage.model.heads import Layout
from triage.model.opinions import Opinion, Opinions
from triage.model.spec import ModelSpec
from triage.model.tokens import Tokens, Window

__all__ = ["Model", "TooSlow", "load"]

BATCH = 4_096
"""Tokens, padding included, that the encoder reads in one run: more gives no more speed and costs memory."""
PADDING = 1.1
"""A run holds windows at most this much shorter than its longest."""

Floats = NDArray[np.float32]

_NOTHING: Floats = np.empty(0, np.float32)


class TooSlow(Exception):  # noqa: N818 - not an error of the user's: the caller takes the rules' judgement
    """The time that was given is used up."""


def load(folder: str | Path | None = None, *, threads: int | None = None) -> Model:
    """Return the model of a folder, its files checked against its manifest.

    Args:
        folder: what ``triage train`` wrote; the embedded model by default.
        threads: that the encoder may use; all processors by default.

    Raises:
        ModelError: a file is missing, cut or altered, or cannot be run.
    """
    path = EMBEDDED if folder is None else Path(folder)
    files = verify(path)
    spec = ModelSpec.from_json(files[SPEC])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or len(os.sched_getaffinity(0))
    options.log_severity_level = 3
    # Lengths differ from call to call: planned memory would be planned anew each time.
    options.enable_mem_pattern = False
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(
            files[GRAPH],
            options,
            providers=["CPUExecutionProvider"],
            # The fused kernel takes six times as long as the two that it replaces (benchmarks/model_speed.py).
            disabled_optimizers=["SkipLayerNormFusion"],
        )
        tokenizer = Tokenizer.from_buffer(files[TOKENIZER])
    except Exception as error:  # noqa: BLE001 - onnxruntime and tokenizers raise what they like
        raise ModelError(f"{path}: cannot be run: {str(error).splitlines()[0]}; legal: as it was written") from None
    return Model(spec, session, tokenizer)


class Model:
    """Judges normalised texts. Immutable; one instance serves many threads.

    Args:
        spec: heads and calibration.
        session: the graph ``ids, mask → attention, values, bias``.
        tokenizer: of the encoder.
    """

    def __init__(self, spec: ModelSpec, session: onnxruntime.InferenceSession, tokenizer: Tokenizer) -> None:
        self.spec = spec
        self.version = spec.version
        self._session = session
        self._tokens = Tokens(tokenizer, longest=spec.window, overlap=spec.overlap)
        layout = Layout(spec.heads)
        _, values, bias = self._run([Window((Tokens.FIRST, Tokens.LAST), ())])
        if values.shape[-1] != layout.outputs:
            raise ModelError(f"the graph has {values.shape[-1]} outputs; legal: {layout.outputs}, as model.json says")
        self._opinions = Opinions(layout, bias, spec.calibration)

    def judge(self, texts: Sequence[str], *, seconds: float | None = None) -> list[dict[str, Opinion]]:
        """Return the opinions on each text, by facet, in the order of the texts.

        A text's opinions do not depend on what else is in the call, but for rounding.

        Args:
            texts: in normal form.
            seconds: that it may take; as long as it needs by default.

        Raises:
            TooSlow: the time was used up.
        """
        until = time.monotonic() + seconds if seconds is not None else float("inf")
        return [self._opinions(*read) for read in self._read(texts, until=until)]

    def logits(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Return the logits of each text before calibration, ``[texts, outputs]``."""
        read = self._read(texts, until=float("inf"))
        return np.stack([self._opinions.logits(attention, values, sizes)[0] for attention, values, _, sizes in read])

    def _read(
        self, texts: Sequence[str], *, until: float
    ) -> Iterator[tuple[Floats, Floats, list[tuple[int, int]], list[int]]]:
        """Yield the attention and the values of each text's tokens, where they stand, and how many a window has."""
        windows = self._tokens(texts)
        attention: list[list[Floats]] = [[_NOTHING] * len(own) for own in windows]
        values: list[list[Floats]] = [[_NOTHING] * len(own) for own in windows]
        for group in _groups(windows):
            if time.monotonic() >= until:
                raise TooSlow
            got_attention, got_values, _ = self._run([windows[text][number] for text, number in group])
            for row, (text, number) in enumerate(group):
                inner = slice(1, 1 + len(windows[text][number].spans))
                attention[text][number] = got_attention[row, inner]
                values[text][number] = got_values[row, inner]
        if time.monotonic() >= until:
            raise TooSlow
        for text, own in enumerate(windows):
            spans = [span for window in own for span in window.spans]
            sizes = [len(window.spans) for window in own]
            yield np.concatenate(attention[text]), np.concatenate(values[text]), spans, sizes

    def _run(self, windows: Sequence[Window]) -> tuple[Floats, Floats, Floats]:
        longest = max(len(window.ids) for window in windows)
        ids = np.full((len(windows), longest), Tokens.PADDING, np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window.ids)] = window.ids
        mask = (ids != Tokens.PADDING).astype(np.int64)
        attention, values, bias = self._session.run(None, {"ids": ids, "mask": mask})
        return attention, values, bias


def _groups(windows: Sequence[Sequence[Window]]) -> Iterator[list[tuple[int, int]]]:
    """Yield windows of like length together, as (text, number) pairs, the longest first."""
    order = sorted(
        ((text, number) for text, own in enumerate(windows) for number in range(len(own))),
        key=lambda place: -len(windows[place[0]][place[1]].ids),
    )
    group: list[tuple[int, int]] = []
    longest = 0
    for text, number in order:
        size = len(windows[text][number].ids)
        if group and (size * PADDING < longest or longest * (len(group) + 1) > BATCH):
            yield group
            group = []
        if not group:
            longest = size
        group.append((text, number))
    if group:
        yield group
