"""A model folder, ready to judge texts."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import overload

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from triage.errors import ModelError
from triage.model.files import EMBEDDED, GRAPH, SPEC, TOKENIZER, verify
from triage.model.heads import Layout
from triage.model.opinions import Opinion, Opinions
from triage.model.runtime import onnxruntime
from triage.model.spec import ModelSpec
from triage.model.tokens import Tokens, Window

__all__ = ["Model", "load"]

Floats = NDArray[np.float32]
Outputs = tuple[Floats, Floats, Floats]
Span = tuple[int, int]
_Read = tuple[Floats, Floats, list[Span], list[int]]
"""Attention and values of a text's tokens, where they stand, and how many each window has."""


def load(folder: str | Path | None = None, *, threads: int | None = None) -> Model:
    """Return the model of a folder, its files checked against its manifest.

    Args:
        folder: what ``triage train`` wrote; the embedded model by default.
        threads: texts that are read at the same time, each on one processor; as many as there are by default.

    Raises:
        ModelError: a file is missing, cut or altered, or cannot be run.
    """
    path = EMBEDDED if folder is None else Path(folder)
    files = verify(path)
    spec = ModelSpec.from_json(files[SPEC])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    # Lengths differ from call to call: planned memory would be planned anew each time.
    options.enable_mem_pattern = False
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
    return Model(spec, session, tokenizer, threads=threads or len(os.sched_getaffinity(0)))


class Model:
    """Judges normalised texts. Immutable; one instance serves many threads.

    Args:
        spec: heads and calibration.
        session: the graph ``ids, mask → attention, values, bias``.
        tokenizer: of the encoder.
        threads: texts that are read at the same time.
    """

    def __init__(
        self, spec: ModelSpec, session: onnxruntime.InferenceSession, tokenizer: Tokenizer, *, threads: int = 1
    ) -> None:
        self.spec = spec
        self.version = spec.version
        self._session = session
        self._threads = threads
        # Made when it is first used: a process that forks after loading takes no threads along.
        self._pool: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._tokens = Tokens(tokenizer, longest=spec.window, overlap=spec.overlap)
        layout = Layout(spec.heads)
        _, values, bias = self._run(Window((Tokens.FIRST, Tokens.LAST), ()))
        if values.shape[-1] != layout.outputs:
            raise ModelError(f"the graph has {values.shape[-1]} outputs; legal: {layout.outputs}, as model.json says")
        self._opinions = Opinions(layout, bias, spec.calibration)

    def judge(self, texts: Sequence[str]) -> list[dict[str, Opinion]]:
        """Return the opinions on each text, by facet, in the order of the texts.

        A text's opinions do not depend on what else is in the call.

        Args:
            texts: in normal form.
        """
        return [self._opinions(*read) for read in self._read(texts)]

    def judge_within(self, texts: Sequence[str], *, seconds: float) -> list[dict[str, Opinion] | None]:
        """Return the same, and None for a text that the time does not suffice for.

        Args:
            texts: in normal form.
            seconds: after these no window of a text is begun any more; one that was begun is read to its end.
        """
        read = self._read(texts, until=time.monotonic() + seconds)
        return [None if one is None else self._opinions(*one) for one in read]

    def logits(self, texts: Sequence[str]) -> Floats:
        """Return the logits of each text before calibration, ``[texts, outputs]``."""
        read = self._read(texts)
        return np.stack([self._opinions.logits(attention, values, sizes)[0] for attention, values, _, sizes in read])

    @overload
    def _read(self, texts: Sequence[str]) -> Iterator[_Read]: ...

    @overload
    def _read(self, texts: Sequence[str], *, until: float) -> Iterator[_Read | None]: ...

    def _read(self, texts: Sequence[str], *, until: float = math.inf) -> Iterator[_Read | None]:
        """Yield what the encoder makes of each text; None for one of which a window was not begun in time."""
        windows = self._tokens(texts)
        read = self._map(
            lambda window: self._run(window) if time.monotonic() < until else None,
            [window for own in windows for window in own],
        )
        for own in windows:
            parts = [part for part in islice(read, len(own)) if part is not None]
            if len(parts) < len(own):
                yield None
                continue
            yield (
                np.concatenate([attention for attention, _, _ in parts]),
                np.concatenate([values for _, values, _ in parts]),
                [span for window in own for span in window.spans],
                [len(window.spans) for window in own],
            )

    def _map(self, function: Callable[[Window], Outputs | None], windows: Sequence[Window]) -> Iterator[Outputs | None]:
        """Return what the function makes of each window, in order, on as many threads as there may be."""
        if self._threads == 1 or len(windows) == 1:
            return map(function, windows)
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="encoder")
        return self._pool.map(function, windows)

    def _run(self, window: Window) -> Outputs:
        """Return attention and values of a window's tokens, the special ones left out, and the bias.

        Windows run one by one. Together they would be padded, and share the scales of their 8-bit activations, so that
        what is thought of a complaint would hang on its company; and they would be no faster.
        """
        ids = np.array([window.ids], np.int64)
        attention, values, bias = self._session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        return attention[0, 1:-1], values[0, 1:-1], bias
