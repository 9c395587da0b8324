"""Faces in space: tf frames `face_ID` and `gaze_ID` of REP-155, and the camera that they are relative to.

One camera tells no distance. It is estimated from the distance between the eyes in the image, taken for 63 mm (mean of
adults, Dodgson 2004) and shortened by the yaw of the head: expect errors of a tenth, and more with children.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from ...cues import Cues
from ...face.head_pose import focal_length, rotation
from ...results import Face
from .message import Header, Message

EYE_DISTANCE = 0.063
"""Metres between the pupils of an adult."""
_STEEPEST = math.radians(75)  # beyond, the eyes lie behind each other and tell nothing

Array = NDArray[np.float64]


def transforms(face: Face, name: str, size: tuple[int, int], fov: float | None, header: Header) -> list[Message]:
    """`geometry_msgs/TransformStamped` of a face with cues, and of its gaze; none of a face without.

    `face_ID`: origin between the eyes, x out of the face, z to the scalp. `gaze_ID`: the same origin, z along the gaze,
    x to the person's right, y down. The parent is the camera's optical frame.

    Args:
        face: of a frame of `size` (width, height) in pixels.
        name: its identifier.
        size: of the frame.
        fov: the camera's horizontal field of view in degrees, as for `cues.fov`.
        header: of the frame.
    """
    cues = face.cues
    if cues is None:
        return []
    origin = sellion(cues, size, fov)
    head = rotation([cues.head_pose.yaw, cues.head_pose.pitch, cues.head_pose.roll])
    look = rotation([cues.gaze.yaw, cues.gaze.pitch, 0.0])
    # Columns of our rotations: the image's right, down and away from the camera for a head that faces it.
    axes_of_face = np.stack([-head[:, 2], head[:, 0], -head[:, 1]], 1)
    axes_of_gaze = np.stack([-look[:, 0], look[:, 1], -look[:, 2]], 1)
    return [
        _transform(f"face_{name}", origin, axes_of_face, header),
        _transform(f"gaze_{name}", origin, axes_of_gaze, header),
    ]


def sellion(cues: Cues, size: tuple[int, int], fov: float | None) -> Array:
    """Place between the eyes [3] in metres, in the camera's optical frame (x right, y down, z into the scene)."""
    focal = focal_length(size[0], fov)
    right, left = cues.landmarks68[36:42].mean(0), cues.landmarks68[42:48].mean(0)
    seen = max(float(np.linalg.norm(left - right)), 1.0)
    turned = min(abs(math.radians(cues.head_pose.yaw)), _STEEPEST)
    distance = focal * EYE_DISTANCE * math.cos(turned) / seen
    x, y = ((right + left) / 2).tolist()
    return np.array([(x - size[0] / 2) / focal, (y - size[1] / 2) / focal, 1.0]) * distance


def camera_info(size: tuple[int, int], fov: float | None, header: Header) -> Message:
    """`sensor_msgs/CameraInfo` of the camera that poses are computed with: undistorted, centred in the image."""
    focal = focal_length(size[0], fov)
    x, y = size[0] / 2, size[1] / 2
    no_roi = {"x_offset": 0, "y_offset": 0, "height": 0, "width": 0, "do_rectify": False}
    fields = {
        "header": header.message, "height": size[1], "width": size[0], "distortion_model": "plumb_bob",
        "d": np.zeros(5), "k": np.array([focal, 0, x, 0, focal, y, 0, 0, 1.0]), "r": np.eye(3).reshape(-1),
        "p": np.array([focal, 0, x, 0, 0, focal, y, 0, 0, 0, 1.0, 0]), "binning_x": 0, "binning_y": 0,
        "roi": Message("sensor_msgs/msg/RegionOfInterest", no_roi),
    }  # fmt: skip
    return Message("sensor_msgs/msg/CameraInfo", fields)


def quaternion(axes: Array) -> tuple[float, float, float, float]:
    """x, y, z, w of a rotation [3, 3] whose columns are the frame's axes (Shepperd 1978: divides by nothing small)."""
    m = axes
    trace = float(np.trace(m))
    squares = [1 + 2 * m[0, 0] - trace, 1 + 2 * m[1, 1] - trace, 1 + 2 * m[2, 2] - trace, 1 + trace]
    largest = int(np.argmax(squares))
    i, j, k = largest % 3, (largest + 1) % 3, (largest + 2) % 3
    twice = math.sqrt(squares[largest])
    q = [0.0] * 4
    if largest == 3:
        q = [(m[2, 1] - m[1, 2]) / twice, (m[0, 2] - m[2, 0]) / twice, (m[1, 0] - m[0, 1]) / twice, twice]
    else:
        q[i], q[j], q[k] = twice, (m[j, i] + m[i, j]) / twice, (m[k, i] + m[i, k]) / twice
        q[3] = (m[k, j] - m[j, k]) / twice
    x, y, z, w = (float(value) / 2 for value in q)
    return x, y, z, w


def _transform(child: str, origin: Array, axes: Array, header: Header) -> Message:
    place = dict(zip("xyz", origin.tolist(), strict=True))
    turn = dict(zip("xyzw", quaternion(axes), strict=True))
    transform = {
        "translation": Message("geometry_msgs/msg/Vector3", place),
        "rotation": Message("geometry_msgs/msg/Quaternion", turn),
    }
    fields = {
        "header": header.message, "child_frame_id": child,
        "transform": Message("geometry_msgs/msg/Transform", transform),
    }  # fmt: skip
    return Message("geometry_msgs/msg/TransformStamped", fields)
