"""A pretrained Chinese encoder from two packages of the Python index: read, trimmed, kept as a usual model folder."""

from triage.training.encoder.e5_file import E5File, read_e5
from triage.training.encoder.trim import kept_pieces, trimmed_tokenizer

__all__ = ["E5File", "kept_pieces", "read_e5", "trimmed_tokenizer"]
