"""How far the cues of one graph are from those of another, in units that a reader of faces knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect.models.spec import ModelSpec, OutputSpec

Outputs = Mapping[str, NDArray[Any]]
Array = NDArray[np.float64]

CUES = ("landmarks", "blendshapes", "head_pose", "gaze")
"""What is compared."""
# What a value that is not finite counts as: all wrong.
_LOST_PER_CENT, _LOST_SHAPE, _LOST_DEGREES = 100.0, 1.0, 180.0
_LEAST_BOX = 1e-3


@dataclass(frozen=True)
class CueDeviation:
    """Mean differences over faces; None for cues that the model does not give."""

    landmarks: float | None
    """Per cent of the box: distance of a point from its place in float32, over sqrt(w h) of float32's bounding box."""
    blendshapes: float | None
    """Absolute difference, 0 to 1."""
    angles: float | None
    """Degrees: absolute difference of head pose or gaze, the worse of the two."""

    @property
    def points(self) -> float:
        """The worst of all, in points: 1 % of the box, 0.01 of a blendshape and 1 degree are a point each."""
        shapes = None if self.blendshapes is None else 100 * self.blendshapes
        return max(value for value in (self.landmarks, shapes, self.angles) if value is not None)


class CueMeasure:
    """Compares cue outputs as a spec describes them.

    Args:
        outputs: those of meaning landmarks, blendshapes, head pose and gaze; at least one.
    """

    def __init__(self, outputs: Mapping[str, OutputSpec]) -> None:
        self._outputs = dict(outputs)

    @classmethod
    def of(cls, spec: ModelSpec) -> CueMeasure | None:
        """The measure of a model's cues; None where it gives none."""
        found = {meaning: output for meaning in CUES if (output := spec.output(meaning)) is not None}
        return cls(found) if found else None

    def compare(self, expected: Outputs, got: Outputs) -> CueDeviation:
        """Deviation of `got` from `expected`: outputs by name, rows along the first axis, as many in both."""
        pairs = {
            meaning: (_columns(expected, output), _columns(got, output)) for meaning, output in self._outputs.items()
        }
        angles = [
            _angle_difference(*pairs[meaning], self._outputs[meaning].unit)
            for meaning in ("head_pose", "gaze")
            if meaning in pairs
        ]
        return CueDeviation(
            _point_error(*pairs["landmarks"]) if "landmarks" in pairs else None,
            _mean(np.abs(pairs["blendshapes"][1] - pairs["blendshapes"][0]), _LOST_SHAPE)
            if "blendshapes" in pairs
            else None,
            max(angles, default=None),
        )


def _columns(outputs: Outputs, output: OutputSpec) -> Array:
    values = np.asarray(outputs[output.name], np.float64)
    values = values.reshape(len(values), -1)
    return values[:, slice(*output.slice)] if output.slice else values


def _point_error(expected: Array, got: Array) -> float:
    a, b = (values.reshape(len(values), -1, 2) for values in (expected, got))
    sides = np.maximum(a.max(1) - a.min(1), _LEAST_BOX)
    distance = np.linalg.norm(b - a, axis=2) / np.sqrt(sides.prod(1))[:, None]
    return _mean(100 * distance, _LOST_PER_CENT)


def _angle_difference(expected: Array, got: Array, unit: str) -> float:
    degrees = np.degrees(got - expected) if unit == "radians" else got - expected
    return _mean(np.abs((degrees + 180) % 360 - 180), _LOST_DEGREES)


def _mean(errors: Array, lost: float) -> float:
    return float(np.where(np.isfinite(errors), errors, lost).mean())
