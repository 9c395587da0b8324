"""What a model says under one meaning: columns of a tensor, refused where they turn out to be no numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelError
from ..models import OutputSpec

# Up to so many numbers Python's own look is faster than NumPy's.
_FEW = 64

# An honest answer here: the logarithm of a probability of zero is minus infinity.
_LOGARITHMS = ("logits", "log_probs")


def columns(outputs: Mapping[str, NDArray[Any]], spec: OutputSpec, path: Path) -> NDArray[Any]:
    """[n, columns] of the output that a spec describes.

    Args:
        outputs: of the session.
        spec: which tensor, and which of its columns.
        path: file of the model, for the message.

    Raises:
        ModelError: NaN or infinity; the message names the file.
    """
    values = np.asarray(outputs[spec.name])
    if values.ndim == 1:
        values = values[:, None]
    if spec.slice is not None:
        values = values[:, slice(*spec.slice)]
    check_finite(values, spec, path)
    return spec.scaled(values)


def check_finite(values: NDArray[Any], spec: OutputSpec, path: Path) -> None:
    """Refuse NaN and infinity; errors as for `columns`."""
    if values.size <= _FEW and math.isfinite(sum(values.ravel().tolist())):  # as soon as one is not, the sum is not
        return
    finite = np.isfinite(values)
    if finite.all():
        return
    is_logarithm = spec.meaning in _LOGARITHMS and bool(finite.any(-1).all())
    if not (is_logarithm and np.isneginf(values[~finite]).all()):
        raise ModelError(
            f"{path} returned values that are not finite in its output {spec.name!r} ({spec.meaning}); check the file "
            f"with: edgeaffect models verify {path}"
        )
