"""The processes of a training: one, or several that torchrun started and that share each step's batches (gloo)."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import torch
from torch import distributed, nn

__all__ = ["World"]


@dataclass(frozen=True, slots=True)
class World:
    """Who takes part: ``rank`` from 0, of ``size`` processes. The first writes files and decides."""

    rank: int = 0
    size: int = 1

    @classmethod
    def of_environment(cls) -> Self:
        """Return the world that torchrun describes, joined; of one process without it."""
        size = int(os.environ.get("WORLD_SIZE", "1"))
        if size == 1:
            return cls()
        if not distributed.is_initialized():
            distributed.init_process_group("gloo")
        return cls(distributed.get_rank(), size)

    @property
    def leads(self) -> bool:
        """Whether this process writes files and decides."""
        return self.rank == 0

    def wait(self) -> None:
        """Return when all processes have come here."""
        if self.size > 1:
            distributed.barrier()

    def agreed(self, value: float) -> float:
        """Return the first process's value in all of them."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64)
        distributed.broadcast(told, 0)
        return float(told[0])

    def total(self, value: float) -> float:
        """Return the sum of all processes' values in each of them."""
        if self.size == 1:
            return value
        told = torch.tensor([value], dtype=torch.float64)
        distributed.all_reduce(told)
        return float(told[0])

    def summed(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all processes in each of them."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
            distributed.all_reduce(parameter.grad)

    def __enter__(self) -> Self:
        """Enter: nothing to do."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the group, so that no process waits for another for ever."""
        if self.size > 1 and distributed.is_initialized():
            distributed.destroy_process_group()
