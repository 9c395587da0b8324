"""`CueSmoother`: steadies cues over time, per face, and adds the signals that need time; constants in seconds or Hz."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..action_units import BLENDSHAPES, action_units
from ..cues import Cues, Gaze, HeadPose
from ..options import CuesOptions, SmoothOptions
from .baseline import RestingFace
from .cue_signals import CueSignals
from .cues import eyes_open
from .head_pose import turned_pose

Array = NDArray[np.float64]

_SHAPES = len(BLENDSHAPES)
# Packed: blendshapes, head pose, gaze, looking, then the 68 points relative to the face.
_ANGLES = slice(_SHAPES, _SHAPES + 5)
_LOOKING = _SHAPES + 5
_POINTS = slice(_SHAPES + 6, _SHAPES + 6 + 136)
# Degrees that count as much as a whole blendshape when the speed of a face is measured.
_DEGREES = 30.0


@dataclass
class _Person:
    """What is remembered of one face."""

    values: Array
    speed: float
    time: float


class CueSmoother:
    """One-Euro or exponential smoothing of cues, as `SmoothOptions` say, and the signals of `CueSignals`.

    Points are smoothed relative to the face, so that they do not lag behind a head that moves. One factor serves all
    numbers of a face.

    Args:
        options: how to smooth.
        cues: opt-in baseline.
        roll: of the camera, degrees clockwise: who nods on its side does so too.
    """

    def __init__(self, options: SmoothOptions | None = None, cues: CuesOptions | None = None, *, roll: int = 0) -> None:
        self._roll = roll
        self.options, cues = options or SmoothOptions(), cues or CuesOptions()
        self._rest = RestingFace(cues.baseline_seconds) if cues.baseline else None
        self._people: dict[int, _Person] = {}
        self._signals = CueSignals()

    def update(self, track_id: int, value: Cues, timestamp: float) -> Cues:
        """The steadied counterpart of one new reading, with `speaking` and the other signals."""
        middle, scale = _place(value.landmarks68)
        new = _pack(value, middle, scale)
        person = self._people.get(track_id)
        if person is None:
            person = self._people[track_id] = _Person(new, 0.0, timestamp)
        else:
            self._advance(person, new, timestamp)
        pose = turned_pose(value.head_pose, self._roll)
        signals = self._signals.update(
            track_id, timestamp, mouth_open=value.mouth_open, eyes_open=value.eyes_open,
            yaw=pose.yaw, pitch=pose.pitch,
        )  # fmt: skip
        extra: dict[str, float] = {"nod": signals.nod, "shake": signals.shake}
        if signals.blink_rate is not None and signals.eyes_closed_share is not None:
            extra |= {"blink_rate": signals.blink_rate, "eyes_closed_share": signals.eyes_closed_share}
        shapes = person.values[:_SHAPES]
        if self._rest is not None:
            shapes, extra["baseline"] = self._rest.update(track_id, shapes, timestamp)
        return dataclasses.replace(
            self._unpack(person.values, shapes, value, middle, scale), speaking=signals.speaking, extra=extra
        )

    def keep(self, track_ids: Iterable[int]) -> None:
        """Forget every face that is not among these."""
        ids = set(track_ids)
        self._people = {key: value for key, value in self._people.items() if key in ids}
        self._signals.keep(ids)
        if self._rest is not None:
            self._rest.keep(ids)

    def reset(self) -> None:
        """Forget every face, baselines included."""
        self.keep(())

    def _advance(self, person: _Person, new: Array, timestamp: float) -> None:
        dt = timestamp - person.time
        if not dt > 0:
            raise ValueError(f"timestamps of a face must increase: got {timestamp} after {person.time}")
        person.values += self._weight(person, new, dt) * (new - person.values)
        person.time = timestamp

    def _weight(self, person: _Person, new: Array, dt: float) -> float:
        """Share of the new value; see `Smoother` for the formulas."""
        options = self.options
        if options.method == "none":
            return 1.0
        if options.method == "exponential":
            return 1 - math.exp(-dt / options.time_constant) if options.time_constant else 1.0
        change = new[: _ANGLES.stop] - person.values[: _ANGLES.stop]
        change[_ANGLES] /= _DEGREES
        rate = float(np.abs(change).max()) / dt
        person.speed += (1 - math.exp(-2 * math.pi * options.d_cutoff * dt)) * (rate - person.speed)
        cutoff = options.min_cutoff + options.beta * person.speed
        return 1 - math.exp(-2 * math.pi * cutoff * dt)

    def _unpack(self, values: Array, relative: Array, like: Cues, middle: Array, scale: float) -> Cues:
        shapes = dict(zip(BLENDSHAPES, relative.tolist(), strict=True))
        yaw, pitch, roll, gaze_yaw, gaze_pitch = values[_ANGLES].tolist()
        return dataclasses.replace(
            like,
            landmarks68=(values[_POINTS].reshape(68, 2) * scale + middle).astype(np.float32),
            blendshapes=shapes,
            action_units=action_units(shapes),
            head_pose=HeadPose(yaw, pitch, roll),
            gaze=Gaze(gaze_yaw, gaze_pitch),
            looking_at_camera=float(values[_LOOKING]),
            eyes_open=eyes_open(shapes),
            mouth_open=shapes["jawOpen"],
        )


def _place(points: NDArray[np.float32]) -> tuple[Array, float]:
    """Middle and size of a face's points."""
    middle = points.mean(0, dtype=np.float64)
    return middle, max(float(np.sqrt(((points - middle) ** 2).mean())), 1e-3)


def _pack(cues: Cues, middle: Array, scale: float) -> Array:
    shapes = [cues.blendshapes[name] for name in BLENDSHAPES]
    pose, gaze = cues.head_pose, cues.gaze
    angles = [pose.yaw, pose.pitch, pose.roll, gaze.yaw, gaze.pitch, cues.looking_at_camera]
    return np.concatenate([shapes, angles, ((cues.landmarks68 - middle) / scale).reshape(-1)])
