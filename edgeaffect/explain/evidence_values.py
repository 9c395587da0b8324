"""The numbers that evidence is made of: what was measured of a face by name, and measures of these."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from ..cues import Cues, CueStds

ENCODER = "encoder:"
"""Begin of the name of a value that is the encoder's own."""
KINDS = ("sum", "beyond", "within")

Values = Mapping[str, float]

_LARGEST_Z = 8.0
_LEAST_SPREAD = 1e-3
# Deviations where a model says none (`Cues.std`): of a blendshape, and of an angle in degrees.
_SHAPE_STD, _ANGLE_STD = 0.1, 5.0


def values_of(cues: Cues, encoder: Mapping[str, float] | None = None) -> dict[str, float]:
    """The numbers that evidence is made of, by name.

    Args:
        cues: measured of the face.
        encoder: cue -> logit of the bundle's own encoder.

    Returns:
        Every blendshape; `gaze_yaw`, `gaze_pitch`, `head_yaw`, `head_pitch`, `head_roll` in degrees;
        `looking_at_camera`, `eyes_open`, `mouth_open`; and `encoder:CUE`.
    """
    return {
        **cues.blendshapes,
        **_angles(cues),
        "looking_at_camera": cues.looking_at_camera,
        "eyes_open": cues.eyes_open,
        "mouth_open": cues.mouth_open,
        **{ENCODER + name: value for name, value in (encoder or {}).items()},
    }


def deviations_of(cues: Cues) -> dict[str, float]:
    """Standard deviations of blendshapes and angles, by name; usual ones where the model does not say."""
    if cues.std is None:
        shapes, angles = dict.fromkeys(cues.blendshapes, _SHAPE_STD), dict.fromkeys(_angles(cues), _ANGLE_STD)
        return {**shapes, **angles}
    return {**cues.std.blendshapes, **_angles(cues.std)}


def _angles(cues: Cues | CueStds) -> dict[str, float]:
    gaze, pose = cues.gaze, cues.head_pose
    return {
        "gaze_yaw": gaze.yaw, "gaze_pitch": gaze.pitch,
        "head_yaw": pose.yaw, "head_pitch": pose.pitch, "head_roll": pose.roll,
    }  # fmt: skip


@dataclass(frozen=True)
class Measure:
    """One number about a face that a cue is told by."""

    weights: Values
    threshold: float
    kind: str = "sum"

    def of(self, values: Values) -> float:
        """The measure."""
        terms = [weight * values[name] for name, weight in self.weights.items()]
        if self.kind == "within":
            return -max(map(abs, terms))
        return abs(sum(terms)) if self.kind == "beyond" else sum(terms)

    def z(self, measure: float, deviations: Values) -> float:
        """How many standard deviations above the threshold, from -8 to 8."""
        spread = sum(abs(weight) * deviations.get(name, _SHAPE_STD) for name, weight in self.weights.items())
        z = (measure - self.threshold) / max(spread, _LEAST_SPREAD)
        return z if math.isnan(z) else min(max(z, -_LARGEST_Z), _LARGEST_Z)
