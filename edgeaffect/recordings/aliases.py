"""Columns of OpenFace and py-feat from ours: what can be mapped honestly, how, and what cannot."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..circumplex import EMOTIONS
from ..cues import Cues
from ..face.head_pose import rotation
from .columns import Subject


@dataclass(frozen=True)
class AliasColumn:
    """A column as another tool calls it."""

    name: str
    kind: str
    unit: str
    text: str
    read: Callable[[Subject], Any]


def _cues(read: Callable[[Cues], float]) -> Callable[[Subject], Any]:
    def value(subject: Subject) -> Any:
        cues = None if subject.face is None else subject.face.cues
        return None if cues is None else read(cues)

    return value


def _unit(number: int, scale: float) -> Callable[[Subject], Any]:
    return _cues(lambda cues: scale * cues.action_units[number])


def _landmark(index: int, axis: int) -> Callable[[Subject], Any]:
    # Their pixel centres are whole numbers (OpenCV), ours lie at +0.5.
    return _cues(lambda cues: float(cues.landmarks68[index, axis]) - 0.5)


def openface_angles(cues: Cues) -> tuple[float, float, float]:
    """(pose_Rx, pose_Ry, pose_Rz) in radians.

    OpenFace writes the head's rotation as `R = Rx Ry Rz` in a camera frame with x to the right, y down, z away; ours is
    `R = Ry Rx Rz` in the same frame (`face.head_pose`), so that the matrix is the same and only its angles differ.
    """
    pose = cues.head_pose
    matrix = rotation([pose.yaw, pose.pitch, pose.roll])
    return (
        math.atan2(-matrix[1, 2], matrix[2, 2]),
        math.asin(min(1.0, max(-1.0, float(matrix[0, 2])))),
        math.atan2(-matrix[0, 1], matrix[0, 0]),
    )


def _box(read: Callable[[Any], float]) -> Callable[[Subject], Any]:
    return lambda subject: None if subject.face is None else float(read(subject.face.box))


def _emotion(index: int) -> Callable[[Subject], Any]:
    def value(subject: Subject) -> Any:
        affect = None if subject.face is None else subject.face.affect
        return None if affect is None else float(affect.probabilities[index])

    return value


_INTENSITY = "0 absent .. 5 as in FACS; ours times 5: derived from blendshapes, no coder's scale"
_OPENFACE_UNITS = ((1, 1), (2, 2), (4, 4), (5, 5), (6, 6), (7, 7), (9, 9), (10, 10), (12, 12), (14, 14), (15, 15),
                   (17, 17), (20, 20), (26, 26), (45, 43))  # fmt: skip
_PYFEAT_UNITS = (1, 2, 4, 5, 6, 7, 9, 10, 12, 14, 15, 17, 20, 24, 26, 28, 43)

ALIAS_COLUMNS: dict[str, tuple[AliasColumn, ...]] = {
    "openface": (
        AliasColumn("frame", "whole", "", "number of the frame, from 1", lambda subject: subject.frame + 1),
        AliasColumn("face_id", "whole", "", "number of the face", lambda subject: subject.number),
        AliasColumn("timestamp", "seconds", "s", "position in the recording", lambda subject: subject.time),
        AliasColumn("confidence", "float", "0..1", "score of the detector, which is not OpenFace's measure of fit",
                    lambda subject: 0.0 if subject.face is None else float(subject.face.score)),
        AliasColumn("success", "whole", "", "1 where there is a face", lambda subject: int(subject.face is not None)),
        AliasColumn("gaze_angle_x", "float", "rad", "look; positive to the image's right",
                    _cues(lambda cues: math.radians(cues.gaze.yaw))),
        AliasColumn("gaze_angle_y", "float", "rad", "look; positive down",
                    _cues(lambda cues: -math.radians(cues.gaze.pitch))),
        *(AliasColumn(f"pose_R{axis}", "float", "rad", text,
                      _cues(lambda cues, i=i: openface_angles(cues)[i]))  # type: ignore[misc]
          for i, (axis, text) in enumerate((("x", "head; positive down"), ("y", "head; positive to the image's left"),
                                            ("z", "head; positive clockwise in the image")))),
        *(AliasColumn(f"{axis}_{index}", "float", "px", "landmark, iBUG order, pixel centres at 0",
                      _landmark(index, "xy".index(axis))) for axis in "xy" for index in range(68)),
        *(AliasColumn(f"AU{theirs:02d}_r", "float", "0..5", _INTENSITY, _unit(ours, 5.0))
          for theirs, ours in _OPENFACE_UNITS),
    ),
    "pyfeat": (
        AliasColumn("frame", "whole", "", "number of the frame, from 0", lambda subject: subject.frame),
        AliasColumn("input", "text", "", "file it was read from", lambda subject: subject.source),
        AliasColumn("FaceRectX", "float", "px", "left edge", _box(lambda box: box[0])),
        AliasColumn("FaceRectY", "float", "px", "upper edge", _box(lambda box: box[1])),
        AliasColumn("FaceRectWidth", "float", "px", "width", _box(lambda box: box[2] - box[0])),
        AliasColumn("FaceRectHeight", "float", "px", "height", _box(lambda box: box[3] - box[1])),
        AliasColumn("FaceScore", "float", "0..1", "score of the detector",
                    lambda subject: None if subject.face is None else float(subject.face.score)),
        *(AliasColumn(f"{axis}_{index}", "float", "px", "landmark, iBUG order, pixel centres at 0",
                      _landmark(index, "xy".index(axis))) for axis in "xy" for index in range(68)),
        *(AliasColumn(f"AU{number:02d}", "float", "0..1", "derived from blendshapes", _unit(number, 1.0))
          for number in _PYFEAT_UNITS),
        *(AliasColumn(name, "float", "0..1", "probability; the eight with contempt sum to 1",
                      _emotion(EMOTIONS.index(name)))
          for name in ("anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral", "contempt")),
    ),
}  # fmt: skip

NOT_MAPPED: dict[str, tuple[tuple[str, str], ...]] = {
    "openface": (
        ("gaze_0_*, gaze_1_*, eye_lmk_*", "one direction of both eyes is measured, no eye by itself"),
        ("pose_Tx, pose_Ty, pose_Tz, X_*, Y_*, Z_*", "the distance to a face is not measured"),
        ("AU*_c, AU28_c", "presence needs a threshold, and no coder saw these faces to fit one"),
        ("AU23_r, AU25_r", "the table of units has neither lip tightener nor lips part"),
        ("p_*", "parameters of OpenFace's own shape model"),
    ),
    "pyfeat": (
        ("Pitch, Roll, Yaw", "their signs are not documented; ours are `head_pitch`, `head_roll`, `head_yaw`"),
        ("AU11, AU23, AU25", "the table of units has none of them"),
        ("Identity", "faces are followed, never recognised"),
    ),
}
"""(columns, why there are none) of each tool."""
