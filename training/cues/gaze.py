"""Where the eyes look relative to the head, from the teacher's irises and its eye-look blendshapes.

Degrees; yaw positive to the image's right, pitch positive up, both seen in the head's own frame.
"""

from __future__ import annotations

import numpy as np

from training.cues.maps import CORNERS_LEFT, CORNERS_RIGHT, IRIS_LEFT, IRIS_RIGHT

# An eyeball has a radius of 12 mm, its visible slit is 30 mm wide (averages of adults).
EYEBALL_OF_SLIT = 12 / 30


def head_frame(points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """Mesh points [n, k, 3] (crop units) turned back to a head that faces the camera: x right, y down, z away."""
    axes = np.array([1.0, -1.0, -1.0])  # the transformation counts y up and z towards the camera
    upright = (points - points.mean(1, keepdims=True)) * axes
    turn = transforms[:, :3, :3] / np.linalg.norm(transforms[:, :3, :3], axis=1, keepdims=True)
    return np.einsum("nji,nkj->nki", turn, upright) * axes


def from_iris(points: np.ndarray, transforms: np.ndarray) -> np.ndarray:
    """Yaw and pitch [n, 2] in degrees: how far the irises stand from the middle between the corners of the eyes."""
    mesh = head_frame(points, transforms)
    angles = []
    for iris, corners in ((IRIS_LEFT, CORNERS_LEFT), (IRIS_RIGHT, CORNERS_RIGHT)):
        a, b = mesh[:, corners[0]], mesh[:, corners[1]]
        radius = np.maximum(EYEBALL_OF_SLIT * np.linalg.norm(a - b, axis=1, keepdims=True), 1e-9)
        away = (mesh[:, iris] - (a + b) / 2)[:, :2] / radius
        angles.append(np.degrees(np.arcsin(away.clip(-0.9, 0.9))))
    return np.mean(angles, 0) * np.array([1.0, -1.0])


def from_blendshapes(scores: np.ndarray, names: list[str]) -> np.ndarray:
    """Yaw and pitch [n, 2], between about -1 and 1: the eye-look blendshapes of both eyes."""
    look = {name.removeprefix("eyeLook"): scores[:, i] for i, name in enumerate(names) if name.startswith("eyeLook")}
    # The subject's left is the image's right.
    yaw = (look["OutLeft"] + look["InRight"] - look["InLeft"] - look["OutRight"]) / 2
    pitch = (look["UpLeft"] + look["UpRight"] - look["DownLeft"] - look["DownRight"]) / 2
    return np.stack([yaw, pitch], 1)


def degrees_per_unit(iris: np.ndarray, shapes: np.ndarray) -> np.ndarray:
    """What one unit of `from_blendshapes` is worth [2]: ratio of the spreads of both."""
    return spread(iris) / spread(shapes)


def spread(x: np.ndarray) -> np.ndarray:
    """Distance of the 5th from the 95th percentile of each column."""
    low, high = np.percentile(x, [5, 95], axis=0)
    return np.maximum(high - low, 1e-6)
