"""A normalised text as token ids in windows, with each token's place in the text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

__all__ = ["Tokens", "Window"]


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a text that the encoder reads at once.

    Attributes:
        ids: token ids, the special ones at both ends included.
        spans: ``(start, end)`` in the text of each token between them: ``len(spans) == len(ids) - 2``.
    """

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]


class Tokens:
    """Cuts texts into tokens, and long ones into windows that overlap.

    Args:
        tokenizer: of the encoder.
        longest: tokens of a window, the special ones included; at least 16.
        overlap: tokens that stand in two neighbouring windows, so that no phrase is only ever seen cut.
    """

    FIRST, PADDING, LAST = 0, 1, 2

    def __init__(self, tokenizer: Tokenizer, *, longest: int = 256, overlap: int = 24) -> None:
        self._tokenizer = tokenizer
        self._inner = longest - 2
        self._step = self._inner - overlap

    def __call__(self, texts: Sequence[str]) -> list[list[Window]]:
        """Return the windows of each text, one at least."""
        return [
            self._windows(encoding.ids, encoding.offsets)
            for encoding in self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        ]

    def _windows(self, ids: list[int], spans: list[tuple[int, int]]) -> list[Window]:
        windows = []
        for start in range(0, max(1, len(ids) - (self._inner - self._step)), self._step):
            stop = start + self._inner
            windows.append(Window((self.FIRST, *ids[start:stop], self.LAST), tuple(spans[start:stop])))
        return windows
