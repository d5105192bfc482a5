"""The network, and that the library computes what it computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from tiny import HEADS, VOCABULARY, network

from triage.model.opinions import Opinions
from triage.model.spec import Calibration
from triage.training.learn.examples import Example, collate
from triage.training.learn.export import to_onnx
from triage.training.learn.fit import fit
from triage.training.learn.quantised import rounded
from triage.training.learn.recipe import Recipe


def windows(*sizes: int) -> tuple[tuple[int, ...], ...]:
    return tuple((0, *(4 + (7 * place + size) % (VOCABULARY - 4) for place in range(size)), 2) for size in sizes)


def test_company_and_padding_do_not_matter() -> None:
    made = network()
    examples = [Example(windows(5)), Example(windows(30, 12)), Example(windows(1))]
    with torch.no_grad():
        together = made(collate(examples, HEADS))
        alone = torch.cat([made(collate([example], HEADS)) for example in examples])
    assert torch.allclose(together, alone, atol=1e-5)


def test_special_tokens_and_empty_texts_count_nothing() -> None:
    made = network()
    with torch.no_grad():
        assert torch.allclose(made(collate([Example(((0, 2),))], HEADS))[0], made.bias, atol=1e-6)


@pytest.mark.parametrize("sizes", [(7,), (30, 12), (1,), ()])
def test_the_library_computes_the_same(tmp_path: Path, sizes: tuple[int, ...]) -> None:
    made = network()
    example = Example(windows(*sizes) or ((0, 2),))
    to_onnx(made, tmp_path / "graph.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "graph.onnx", providers=["CPUExecutionProvider"])
    attention, values, bias = [], [], None
    for window in example.windows:
        ids = np.array([window])
        got_attention, got_values, bias = session.run(None, {"ids": ids, "mask": np.ones_like(ids)})
        attention.append(got_attention[0, 1:-1])
        values.append(got_values[0, 1:-1])
    opinions = Opinions(made.layout, bias, Calibration())
    logits, terms = opinions.logits(np.concatenate(attention), np.concatenate(values))
    with torch.no_grad():
        expected = made(collate([example], HEADS))[0].numpy()
    # Word embeddings are rounded to 8 bits in the graph; all else is whole.
    assert np.abs(logits - expected).max() < 0.05
    assert np.allclose(terms.sum(0) + bias, logits, atol=1e-5)


def test_it_learns_and_two_runs_are_alike() -> None:
    examples = [
        Example(windows(4 + number % 3), {"business": number % 3, "sentiment": 0.5 - (number % 3 == 0)})
        for number in range(30)
    ]
    recipe = Recipe(epochs=30, tokens=64, rate=1e-3, head_rate=1e-2, decay_by_layer=1.0, seed=4)
    losses: list[float] = []
    first = fit(network(), lambda _: examples, recipe, watch=lambda _, __, loss: losses.append(loss))
    second = fit(network(), lambda _: examples, recipe)
    assert losses[-1] < 0.7 * losses[0]
    with torch.no_grad():
        logits = first(collate(examples, HEADS))[:, first.layout["business"]]
    assert (logits.argmax(1) == torch.tensor([example.targets["business"] for example in examples])).all()
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )


@pytest.mark.parametrize("change", [{"r_drop": 0.5}, {"adversarial": 0.5}, {"average": 0.9}, {"minutes": 0.001}])
def test_variants_run_and_stay_finite(change: dict[str, float]) -> None:
    examples = [
        Example(windows(5), {"business": number % 3, "flags": (0,), "urgency": number % 4}) for number in range(8)
    ]
    made = fit(network(), lambda _: examples, Recipe(epochs=2, tokens=32, **change))
    assert all(torch.isfinite(parameter).all() for parameter in made.parameters())


def test_rounding_moves_activations_by_half_a_step_at_most_and_ends() -> None:
    made = network()
    batch = collate([Example(windows(12))], HEADS)
    with torch.no_grad():
        plain = made(batch)
        with rounded(made):
            moved = made(batch)
        assert not torch.equal(plain, moved)
        assert (plain - moved).abs().max() < 0.1
        assert torch.equal(made(batch), plain)
