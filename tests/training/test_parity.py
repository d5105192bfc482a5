"""The shipped model in 8 bits judges as the same weights do in PyTorch."""

from __future__ import annotations

from itertools import islice

import numpy as np

from triage.config import load as load_config
from triage.model import EMBEDDED, load
from triage.model.files import TOKENIZER
from triage.training.compare_models import measured, whole_logits
from triage.training.corpus_rows import read_corpus
from triage.training.learn.rows import Encoded
from triage.training.learn.thaw import thaw


def test_the_shipped_model_is_what_was_trained() -> None:
    network, model = thaw(EMBEDDED), load()
    rows = list(islice(read_corpus(splits=("validation",)), 120))
    encoded = Encoded(load_config(), EMBEDDED / TOKENIZER, network.layout.heads)
    examples = encoded.labelled(rows)
    run, whole = model.logits(encoded.texts(row.text for row in rows)), whole_logits(network, examples)
    # A logit varies by about 2 from text to text.
    assert np.abs(run - whole).mean() < 0.3
    for facet, least in (("business", 0.92), ("reason", 0.85), ("channel", 0.85)):
        own = network.layout[facet]
        assert (run[:, own].argmax(1) == whole[:, own].argmax(1)).mean() >= least
    accuracies = [float(measured(network, logits, examples)["business"].split(" / ")[0]) for logits in (run, whole)]
    assert abs(accuracies[0] - accuracies[1]) < 0.03
