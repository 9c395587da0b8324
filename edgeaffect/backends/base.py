"""The protocol that every inference runtime meets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..models.spec import ModelSpec


@dataclass(frozen=True)
class TensorInfo:
    """One input or output of a model."""

    name: str
    shape: tuple[int | None, ...]
    """None where the length is free."""
    dtype: np.dtype[Any]


class Session(Protocol):
    """A loaded model, ready to run. Belongs to one thread."""

    spec: ModelSpec
    inputs: Mapping[str, TensorInfo]
    outputs: Mapping[str, TensorInfo]

    def run(
        self, feeds: Mapping[str, NDArray[Any]], outputs: Sequence[str] | None = None
    ) -> dict[str, NDArray[Any]]:
        """Run once and wait.

        Args:
            feeds: input name -> C-contiguous array of the input's dtype and shape.
            outputs: names wanted; None is all of them.
        """

    def describe(self) -> dict[str, Any]:
        """What really runs: file, runtime, version, device, provider, threads."""

    def close(self) -> None:
        """Free the model; further calls are an error."""
