"""A tokenizer with fewer pieces that tokenises normalised Chinese as the whole one does."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer

from triage.errors import InputError

__all__ = ["SPECIAL", "kept_pieces", "trimmed_tokenizer"]

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
"""The first four pieces, in the order of their ids; ``<mask>`` comes last."""

_NORMALIZER = {
    "type": "Sequence",
    "normalizers": [
        # Hidden personal data is one run of boxes, whatever its length; a line end is a space to the encoder.
        {"type": "Replace", "pattern": {"Regex": "□+"}, "content": "□"},
        {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
    ],
}


def kept_pieces(tokenizer: Tokenizer, texts: Iterable[str], *, most: int) -> list[str]:
    """Return the pieces that are worth keeping, in the order of their ids.

    All single characters of simplified Chinese stay, and as many other pieces as fit, the most frequent first.

    Args:
        tokenizer: the whole tokenizer.
        texts: normalised texts of the kind that the encoder will read.
        most: pieces to keep at most, the special ones included.
    """
    vocabulary = tokenizer.get_vocab()
    counts: Counter[str] = Counter()
    for encoding in tokenizer.encode_batch(list(texts), add_special_tokens=False):
        counts.update(encoding.tokens)
    single = {piece for piece in vocabulary if len(piece) == 1 and (piece.isascii() or _simplified(piece))}
    seen = (piece for piece, count in counts.most_common() if count > 1 and piece in vocabulary)
    frequent = [piece for piece in seen if piece not in single]
    kept = {*SPECIAL, *single, *frequent[: most - len(SPECIAL) - len(single) - 1]}
    return [*sorted(kept, key=vocabulary.__getitem__), "<mask>"]


def _simplified(char: str) -> bool:
    """Tell whether a character is one of the 6,763 of GB 2312."""
    return "\u4e00" <= char <= "\u9fff" and bool(char.encode("gb2312", errors="ignore"))


def trimmed_tokenizer(whole: str, pieces: Sequence[str]) -> tuple[str, list[int]]:
    """Return a tokenizer of ``pieces`` alone, and the old id of each new one.

    Args:
        whole: the ``tokenizer.json`` of a Unigram tokenizer.
        pieces: what to keep, in the order of the new ids.

    Raises:
        InputError: a piece is not in the whole tokenizer, or the special ones do not come first.
    """
    if tuple(pieces[:4]) != SPECIAL or pieces[-1] != "<mask>":
        raise InputError(f"pieces begin with {pieces[:4]}; legal: {list(SPECIAL)} first, '<mask>' last", field="pieces")
    spec: dict[str, Any] = json.loads(whole)
    vocabulary = spec["model"]["vocab"]
    places = {piece: place for place, (piece, _) in enumerate(vocabulary)}
    places["<mask>"] = next(token["id"] for token in spec["added_tokens"] if token["content"] == "<mask>")
    missing = [piece for piece in pieces if piece not in places]
    if missing:
        raise InputError(f"pieces hold {missing[0]!r}, which the tokenizer does not know", field="pieces")
    scores = dict(vocabulary)
    spec["model"]["vocab"] = [[piece, scores.get(piece, 0.0)] for piece in pieces]
    for token in spec["added_tokens"]:
        token["id"] = pieces.index(token["content"])
    spec["normalizer"] = _NORMALIZER
    return json.dumps(spec, ensure_ascii=False), [places[piece] for piece in pieces]
