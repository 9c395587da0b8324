"""Head pose and gaze in the camera's frame.

Camera frame: x to the image's right, y down, z away from the camera. A head is turned by `R = Ry(yaw) Rx(pitch)
Rz(roll)`, the identity when it faces along the optical axis. Degrees: yaw is positive when the face turns to the
image's right, pitch when it turns up, roll when it leans clockwise as seen in the image.

The camera: principal point in the middle, no distortion, focal length = image width unless the field of view is told.
The rigid head (`canonical_head.json`, written by `training.cues.canonical`) holds 68 points in centimetres.
"""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .._lazy import require
from ..cues import Gaze, HeadPose

Array = NDArray[np.float64]

_CANONICAL = Path(__file__).with_name("canonical_head.json")


@cache
def canonical_head() -> tuple[NDArray[np.int64], Array]:
    """Places among the 68 points [k], and their positions on the rigid head [k, 3] in centimetres."""
    record = json.loads(_CANONICAL.read_text("utf-8"))
    return np.array(record["indices"], np.int64), np.array(record["points_cm"], np.float64)


def rotation(angles: ArrayLike) -> Array:
    """Rotations [..., 3, 3] of yaw, pitch, roll [..., 3] in degrees."""
    turned = np.radians(np.asarray(angles, np.float64))
    sines, cosines = np.sin(turned), np.cos(turned)
    sy, sp, sr = sines[..., 0], sines[..., 1], sines[..., 2]
    cy, cp, cr = cosines[..., 0], cosines[..., 1], cosines[..., 2]
    # Ry Rx Rz, multiplied out: this runs several times per face.
    matrix = np.empty((*turned.shape, 3))
    matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 0, 2] = cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, -sy * cp
    matrix[..., 1, 0], matrix[..., 1, 1], matrix[..., 1, 2] = cp * sr, cp * cr, sp
    matrix[..., 2, 0], matrix[..., 2, 1], matrix[..., 2, 2] = sy * cr - cy * sp * sr, -sy * sr - cy * sp * cr, cy * cp
    return matrix


def angles_of(matrix: Array) -> Array:
    """Yaw, pitch, roll [..., 3] in degrees of rotations [..., 3, 3]."""
    yaw = np.arctan2(-matrix[..., 0, 2], matrix[..., 2, 2])
    pitch = np.arcsin(np.clip(matrix[..., 1, 2], -1, 1))
    roll = np.arctan2(matrix[..., 1, 0], matrix[..., 1, 1])
    angles: Array = np.degrees(np.stack([yaw, pitch, roll], -1))
    return angles


def focal_length(width: int, fov: float | None) -> float:
    """Pixels; `fov` is the horizontal field of view in degrees, None takes the image's width (53 degrees)."""
    return float(width) if fov is None else width / 2 / math.tan(math.radians(fov) / 2)


def solve(points: Array, size: tuple[int, int], focal: float) -> Array | None:
    """Yaw, pitch, roll [3] in degrees that put the rigid head onto 68 points [68, 2]; None where nothing does.

    Perspective-n-Point by SQPnP (Terzakis and Lourakis, ECCV 2020).
    """
    cv2 = require("cv2")
    indices, model = canonical_head()
    camera = np.array([[focal, 0, size[0] / 2], [0, focal, size[1] / 2], [0, 0, 1]], np.float64)
    seen = np.ascontiguousarray(points[indices], np.float64)
    found, turn, _ = cv2.solvePnP(model, seen, camera, None, flags=cv2.SOLVEPNP_SQPNP)
    return angles_of(cv2.Rodrigues(turn)[0]) if found else None


def crop_to_camera(matrices: NDArray[Any], side: int, size: tuple[int, int], focal: float) -> Array:
    """Rotations [n, 3, 3] from the frame of a crop to the camera's.

    A crop is taken to be seen along the ray through its middle, and turned in the image as its matrix turns it.

    Args:
        matrices: [n, 2, 3] from crop to image pixels.
        side: of the crop in pixels.
        size: width, height of the image.
        focal: focal length in pixels.
    """
    matrices = np.asarray(matrices, np.float64)
    middle = matrices[:, :, :2] @ np.full(2, side / 2) + matrices[:, :, 2]
    ray = np.concatenate([(middle - np.array(size) / 2) / focal, np.ones((len(matrices), 1))], 1)
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    # Rodrigues' formula for the shortest turn from (0, 0, 1) to the ray: I + K + K^2 / (1 + cos), K from (-y, x, 0).
    x, y, z = ray.T
    zero = np.zeros_like(x)
    k = np.stack([np.stack([zero, zero, x], 1), np.stack([zero, zero, y], 1), np.stack([-x, -y, zero], 1)], 1)
    towards = np.eye(3) + k + k @ k / (1 + z)[:, None, None]
    roll = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    turned: Array = towards @ rotation(np.stack([zero, zero, roll], 1))
    return turned


def blend(first: Array, second: Array, share: float) -> Array:
    """Mean of two sets of angles in degrees, the first counting `share`."""
    away = (second - first + 180) % 360 - 180
    return first + (1 - share) * away


def gaze_in_camera(head: Array, eyes: Array) -> Array:
    """Yaw and pitch [n, 2] of the gaze in the camera's frame, degrees.

    Args:
        head: yaw, pitch, roll [n, 3] in the camera's frame.
        eyes: yaw, pitch [n, 2] of the eyes relative to the head.
    """
    eyes3 = np.concatenate([eyes, np.zeros((len(eyes), 1))], 1)
    return angles_of(rotation(head) @ rotation(eyes3))[:, :2]


def looking_probability(
    gaze: tuple[float, float], std: tuple[float, float], towards: tuple[float, float], tolerance: float
) -> float:
    """Probability that a look meets the camera: that both its angles are within `tolerance` degrees of `towards`.

    Errors of yaw and pitch are taken for independent and normal.

    Args:
        gaze: yaw, pitch in degrees.
        std: their standard deviations.
        towards: yaw, pitch of a look into the camera from where the face is (`towards_camera`).
        tolerance: degrees.
    """
    p = 1.0
    for angle, sigma, wanted in zip(gaze, std, towards, strict=True):
        width = max(sigma, 1e-3) * math.sqrt(2)
        away = angle - wanted
        p *= (math.erf((tolerance - away) / width) - math.erf((-tolerance - away) / width)) / 2
    return p


def towards_camera(place: tuple[float, float], size: tuple[int, int], focal: float) -> tuple[float, float]:
    """Yaw and pitch in degrees of a look into the camera from a face at `place` in an image of (width, height).

    A face at the image's right looks into the camera when it turns to the image's left, a high one when it turns down.
    """
    yaw = -math.degrees(math.atan((place[0] - size[0] / 2) / focal))
    pitch = math.degrees(math.atan((place[1] - size[1] / 2) / focal))
    return yaw, pitch


def turned_pose(pose: HeadPose, roll: float) -> HeadPose:
    """A head pose as it is in the picture turned clockwise by `roll` degrees."""
    if not roll:
        return pose
    turn = rotation((0.0, 0.0, roll)) @ rotation((pose.yaw, pose.pitch, pose.roll))
    return HeadPose(*angles_of(turn).tolist())


def turned_gaze(gaze: Gaze, roll: float) -> Gaze:
    """A gaze as it is in the picture turned clockwise by `roll` degrees."""
    turned = turned_pose(HeadPose(gaze.yaw, gaze.pitch, 0.0), roll)
    return Gaze(turned.yaw, turned.pitch)
