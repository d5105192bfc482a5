"""Training that knows it will run in 8 bits: activations are rounded as the exported graph rounds them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from triage.training.learn.network import Network

__all__ = ["rounded"]


@contextmanager
def rounded(network: Network) -> Iterator[None]:
    """Round what goes into the feed-forward matrices, where 8 bits cost most; gradients pass as if nothing happened.

    One scale for the whole tensor and 256 steps, as ``DynamicQuantizeLinear`` of ONNX does; straight-through gradients
    (Bengio et al. 2013; Jacob et al., CVPR 2018).
    """
    handles = [
        module.register_forward_pre_hook(_round)
        for name, module in network.encoder.named_modules()
        if name.endswith(("intermediate.dense", "output.dense")) and "attention" not in name
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _round(module: nn.Module, inputs: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
    (values,) = inputs
    with torch.no_grad():
        low, high = values.amin().clamp_max(0), values.amax().clamp_min(0)
        step = (high - low).clamp_min(1e-8) / 255
        error = (values / step).round() * step - values
    return (values + error,)
