"""`AffectCalibration`: makes an affect model's probabilities fit labelled faces of a user's own; one JSON file.

`edgeaffect calibrate` writes it, `options.affect.calibration` names it. Calibrated probabilities are
softmax(log(max(p, FLOOR)) / temperature + bias): temperature scaling (Guo et al. 2017), with a shift per label where
that pays (bias-corrected temperature scaling, Alexandari et al. 2020).
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._checks import show
from .._files import read_bounded, write_atomically
from .._json import LIMIT, load_json
from ..circumplex import EMOTIONS
from ..errors import SpecError
from . import spec_values as values

SCHEMA = "edgeaffect.calibration/1"
FLOOR = 1e-3
"""Smaller probabilities count as this much: a table's 0 says "not shown", not "impossible"."""
TEMPERATURES = (0.05, 20.0)
"""Least and largest temperature."""
_LARGEST_BIAS = 20.0


@dataclass(frozen=True)
class AffectCalibration:
    """Temperature and biases for the probabilities of one model, and what they were fitted on."""

    model: str
    """Name and version of the affect model, such as `expression-from-blendshapes 1.0.0`."""
    temperature: float
    """Above 1 makes probabilities more alike, below 1 less."""
    bias: Mapping[str, float] = field(default_factory=dict)
    """Emotion -> shift of its logit; one that is missing has 0."""
    faces: int = 0
    """Labelled faces it was fitted to."""
    people: int | None = None
    """How many people they are of; None where nobody said who is who."""
    held_out: Mapping[str, float] = field(default_factory=dict)
    """Scores on faces (of other people, where these are known) that a fit had not seen, before and after."""
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        values.choose("schema", self.schema, (SCHEMA,))
        values.text("model", self.model)
        values.number("temperature", self.temperature, *TEMPERATURES)
        for name, given in (("bias", self.bias), ("held_out", self.held_out)):
            if not isinstance(given, Mapping):
                raise SpecError(f"{name} maps names to numbers; got {show(given)}")
        for name, value in self.bias.items():
            values.choose("bias: a key", name, EMOTIONS)
            values.number(f"bias[{name!r}]", value, -_LARGEST_BIAS, _LARGEST_BIAS)
        for name, value in self.held_out.items():
            values.number(f"held_out[{show(name)}]", value, -1e6, 1e6)
        values.whole("faces", self.faces, 0, values.MAX_LENGTH)
        if self.people is not None:
            values.whole("people", self.people, 1, values.MAX_LENGTH)

    def apply(self, probabilities: ArrayLike) -> NDArray[np.float32]:
        """Calibrated probabilities float32 [n, 8] of a model's own [n, 8], both in `EMOTIONS` order."""
        bias = np.array([self.bias.get(name, 0.0) for name in EMOTIONS])
        return softmax(log_of(probabilities) / self.temperature + bias).astype(np.float32)

    def check_model(self, name: str, path: str | os.PathLike[str]) -> None:
        """Raise SpecError unless this was fitted to the model of that name and version."""
        if name != self.model:
            raise SpecError(
                f"{path} was fitted to {self.model}, not to {name}: fit it anew with `edgeaffect calibrate`, or take "
                "that model by affect=, or the set it is of by models="
            )

    @classmethod
    def read(cls, path: str | os.PathLike[str]) -> AffectCalibration:
        """Read a file that `write` made.

        Raises:
            FileNotFoundError: no such file.
            SpecError: it holds something else; the message names the place.
        """
        if not Path(path).is_file():
            raise FileNotFoundError(f"no calibration {os.fspath(path)!r}: make it with `edgeaffect calibrate`")
        try:
            return values.build(cls, "calibration", load_json(read_bounded(path, LIMIT)))
        except ValueError as error:
            raise SpecError(f"{path} is no calibration: {error}") from error

    def write(self, path: str | os.PathLike[str]) -> None:
        """Write as JSON, by an atomic rename."""
        plain: dict[str, Any] = {"schema": self.schema, **asdict(self)}
        write_atomically(path, (json.dumps(plain, indent=2, allow_nan=False) + "\n").encode("utf-8"))


def log_of(probabilities: ArrayLike) -> NDArray[np.float64]:
    """Logarithms of probabilities, none of them below that of `FLOOR`."""
    logs: NDArray[np.float64] = np.log(np.maximum(np.asarray(probabilities, np.float64), FLOOR))
    return logs


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Shares along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(-1, keepdims=True)
    return shares
