"""What a face is doing: frozen cues with units and sign conventions. Pictures: docs/cues.md.

Angles are degrees in the camera's frame, for somebody who looks at the picture: yaw is positive when a face (or a look)
turns to the image's right, pitch when it turns up, roll when the head tilts clockwise. A face that looks straight along
the camera's axis has (0, 0, 0).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._checks import show
from ._fields import Fields

_UNIT = re.compile(r"AU([1-9][0-9]?)")


@dataclass(frozen=True)
class HeadPose:
    """Direction of a head, degrees."""

    yaw: float
    pitch: float
    roll: float

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return {"yaw": self.yaw, "pitch": self.pitch, "roll": self.roll}


@dataclass(frozen=True)
class Gaze:
    """Direction of a look (head and eyes together), degrees."""

    yaw: float
    pitch: float

    def to_dict(self) -> dict[str, float]:
        """Plain values."""
        return {"yaw": self.yaw, "pitch": self.pitch}


@dataclass(frozen=True, repr=False, eq=False)
class CueStds:
    """Standard deviation of the field of the same name in `Cues`."""

    landmarks68: NDArray[np.float32]
    """[68] pixels of the frame, per axis."""
    blendshapes: Mapping[str, float]
    action_units: Mapping[int, float]
    head_pose: HeadPose
    gaze: Gaze
    eyes_open: float
    mouth_open: float

    def to_dict(self) -> dict[str, Any]:
        """Plain values; action units as `AU12`."""
        return _measured_to_dict(self)

    @classmethod
    def from_fields(cls, fields: Fields) -> CueStds:
        """Inverse of `to_dict`, for standard deviations inside of cues."""
        return cls(**_measured_from(fields, 68))


@dataclass(frozen=True, repr=False, eq=False)
class Cues:
    """Cues of one face."""

    landmarks68: NDArray[np.float32]
    """[68, 2] pixels of the frame, iBUG order, pixel centres at +0.5."""
    blendshapes: Mapping[str, float]
    """Name (`action_units.BLENDSHAPES`) -> 0..1."""
    action_units: Mapping[int, float]
    """FACS number -> 0..1, by the table in `action_units`; nobody coded these faces (`source`)."""
    head_pose: HeadPose
    gaze: Gaze
    looking_at_camera: float
    """Probability that the look meets the camera, within `cues.looking_tolerance` degrees."""
    eyes_open: float
    """0 (closed) to 1."""
    mouth_open: float
    """0 (closed) to 1."""
    std: CueStds | None
    """Standard deviations; None where the model does not say."""
    speaking: float | None = None
    """Probability that the mouth moved as in speech over the last second; None before there is a second to look at."""
    source: str = "derived"
    """Where the action units come from: `derived` from blendshapes."""
    extra: Mapping[str, float] = field(default_factory=dict)
    """Signals over time of a tracked face: `nod`, `shake` (0..1), `blink_rate` (per minute), `eyes_closed_share` (of
    the last minute); with `cues.baseline` also `baseline`, the share of the resting face that is learnt (1: it is
    subtracted); with a voice also `speaker`, the probability that the voice heard is this face's."""

    def __post_init__(self) -> None:
        if self.landmarks68.shape != (68, 2):
            raise ValueError(f"landmarks68 needs shape (68, 2), got {self.landmarks68.shape}")

    def __repr__(self) -> str:
        pose, gaze = self.head_pose, self.gaze
        return (
            f"Cues(head {pose.yaw:+.0f} {pose.pitch:+.0f} {pose.roll:+.0f} deg, gaze {gaze.yaw:+.0f} {gaze.pitch:+.0f} "
            f"deg, looking {self.looking_at_camera:.2f}, eyes {self.eyes_open:.2f}, mouth {self.mouth_open:.2f})"
        )

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Cues:
        """Inverse of `to_dict`; null numbers are NaN.

        Raises:
            ValueError: a field is missing, or of a wrong kind or shape; the message names it.
        """
        return cls.from_fields(Fields(data, "cues"))

    @classmethod
    def from_fields(cls, fields: Fields) -> Cues:
        """`from_dict`, for cues inside of something else."""
        return cls(
            **_measured_from(fields, 68, 2),
            looking_at_camera=fields.share("looking_at_camera"),
            speaking=None if fields.is_null("speaking") else fields.share("speaking"),
            source=fields.text("source"),
            extra=fields.numbers("extra"),
            std=fields.optional("std", CueStds.from_fields),
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain values; action units as `AU12`."""
        return {
            **_measured_to_dict(self),
            "looking_at_camera": self.looking_at_camera,
            "speaking": self.speaking,
            "source": self.source,
            "extra": dict(self.extra),
            "std": None if self.std is None else self.std.to_dict(),
        }


def _measured_to_dict(values: Cues | CueStds) -> dict[str, Any]:
    """The fields that values and standard deviations share, as plain values."""
    return {
        "landmarks68": values.landmarks68.tolist(),
        "blendshapes": dict(values.blendshapes),
        "action_units": {f"AU{number}": value for number, value in values.action_units.items()},
        "head_pose": values.head_pose.to_dict(),
        "gaze": values.gaze.to_dict(),
        "eyes_open": values.eyes_open,
        "mouth_open": values.mouth_open,
    }


def _measured_from(fields: Fields, *shape: int) -> dict[str, Any]:
    """Inverse of `_measured_to_dict`; `shape` is that of the landmarks."""
    head, gaze, units = fields.object("head_pose"), fields.object("gaze"), fields.numbers("action_units")
    if odd := [name for name in units if not _UNIT.fullmatch(name)]:
        raise ValueError(f"action_units must be named AU and a number, such as AU12; got {show(odd[0])}")
    return {
        "landmarks68": fields.array("landmarks68", *shape),
        "blendshapes": fields.numbers("blendshapes"),
        "action_units": {int(name.removeprefix("AU")): value for name, value in units.items()},
        "head_pose": HeadPose(head.number("yaw"), head.number("pitch"), head.number("roll")),
        "gaze": Gaze(gaze.number("yaw"), gaze.number("pitch")),
        "eyes_open": fields.number("eyes_open"),
        "mouth_open": fields.number("mouth_open"),
    }
