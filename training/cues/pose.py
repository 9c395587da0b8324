"""Head pose and gaze in the camera's frame; plain NumPy and OpenCV, for the run time to take over.

Camera frame: x to the image's right, y down, z away from the camera. A head is turned by `R = Ry(yaw) Rx(pitch)
Rz(roll)`, which is the identity when it faces along the optical axis. Degrees: yaw is positive when the face turns to
the image's right, pitch when it turns up, roll when it leans clockwise as seen in the image.

The camera is the contract's: focal length = image width, principal point = image centre, no distortion. The rigid
head model is `canonical.json`: points in centimetres, axes as the camera's, with their places among the 68.
"""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np

CANONICAL_FILE = Path(__file__).with_name("canonical.json")


def read_canonical() -> tuple[np.ndarray, np.ndarray]:
    """Places among the 68 points, int [k], and their positions on the rigid head, float64 [k, 3] in centimetres."""
    record = json.loads(CANONICAL_FILE.read_text())
    return np.array(record["indices"]), np.array(record["points_cm"], np.float64)


def rotation(angles: np.ndarray) -> np.ndarray:
    """Rotations [..., 3, 3] of yaw, pitch, roll [..., 3] in degrees."""
    yaw, pitch, roll = np.moveaxis(np.radians(np.asarray(angles, np.float64)), -1, 0)
    cy, sy, cp, sp, cr, sr = np.cos(yaw), np.sin(yaw), np.cos(pitch), np.sin(pitch), np.cos(roll), np.sin(roll)
    matrix = np.empty((*yaw.shape, 3, 3))
    # Ry = [cy 0 -sy; 0 1 0; sy 0 cy], Rx = [1 0 0; 0 cp sp; 0 -sp cp], Rz = [cr -sr 0; sr cr 0; 0 0 1], multiplied out.
    matrix[..., 0, 0], matrix[..., 0, 1], matrix[..., 0, 2] = cy * cr + sy * sp * sr, sy * sp * cr - cy * sr, -sy * cp
    matrix[..., 1, 0], matrix[..., 1, 1], matrix[..., 1, 2] = cp * sr, cp * cr, sp
    matrix[..., 2, 0], matrix[..., 2, 1], matrix[..., 2, 2] = sy * cr - cy * sp * sr, -sy * sr - cy * sp * cr, cy * cp
    return matrix


def angles_of(matrix: np.ndarray) -> np.ndarray:
    """Yaw, pitch, roll [..., 3] in degrees of rotations [..., 3, 3]."""
    yaw = np.arctan2(-matrix[..., 0, 2], matrix[..., 2, 2])
    pitch = np.arcsin(np.clip(matrix[..., 1, 2], -1, 1))
    roll = np.arctan2(matrix[..., 1, 0], matrix[..., 1, 1])
    return np.degrees(np.stack([yaw, pitch, roll], -1))


def camera_matrix(size: tuple[int, int]) -> np.ndarray:
    """Intrinsics [3, 3] for an image of (w, h): focal length w, principal point in the middle (centres at +0.5)."""
    w, h = size
    return np.array([[w, 0, w / 2], [0, w, h / 2], [0, 0, 1]], np.float64)


def solve(
    points: np.ndarray, size: tuple[int, int], canonical: tuple[np.ndarray, np.ndarray] | None = None
) -> np.ndarray:
    """Yaw, pitch, roll [3] in degrees that put the rigid head onto 68 points [68, 2] of an image of (w, h)."""
    indices, model = canonical if canonical is not None else read_canonical()
    found, turn, _ = cv2.solvePnP(
        model, np.ascontiguousarray(points[indices], np.float64), camera_matrix(size), None, flags=cv2.SOLVEPNP_SQPNP
    )
    if not found:
        raise ValueError("no pose puts the head onto these points")
    return angles_of(cv2.Rodrigues(turn)[0])


def crop_to_camera(matrices: np.ndarray, side: int, size: tuple[int, int]) -> np.ndarray:
    """Rotations [n, 3, 3] from the frame of a crop to the camera's.

    A crop is taken to be seen along the ray through its middle, and turned in the image as its matrix turns it.

    Args:
        matrices: [n, 2, 3] from crop to image, as `crop_normalize` takes them.
        side: of the crop in pixels.
        size: (w, h) of the image.
    """
    matrices = np.asarray(matrices, np.float64)
    middle = matrices[:, :, :2] @ np.full(2, side / 2) + matrices[:, :, 2]
    w, h = size
    ray = np.concatenate([(middle - np.array([w / 2, h / 2])) / w, np.ones((len(matrices), 1))], 1)
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    x, y, z = ray.T
    # Rodrigues' formula for the shortest turn from (0, 0, 1) to the ray: I + K + K^2 / (1 + z), K from (-y, x, 0).
    towards = np.empty((len(ray), 3, 3))
    towards[:, 0, 0], towards[:, 1, 1], towards[:, 2, 2] = 1 - x * x / (1 + z), 1 - y * y / (1 + z), z
    towards[:, 0, 1] = towards[:, 1, 0] = -x * y / (1 + z)
    towards[:, 0, 2], towards[:, 1, 2], towards[:, 2, 0], towards[:, 2, 1] = x, y, -x, -y
    lean = matrices[:, :, 0] / np.linalg.norm(matrices[:, :, 0], axis=1, keepdims=True)
    roll = np.zeros((len(ray), 3, 3))
    roll[:, 0, 0] = roll[:, 1, 1] = lean[:, 0]
    roll[:, 1, 0], roll[:, 0, 1], roll[:, 2, 2] = lean[:, 1], -lean[:, 1], 1.0
    return towards @ roll


def to_camera(pose: np.ndarray, matrices: np.ndarray, side: int, size: tuple[int, int]) -> np.ndarray:
    """Yaw, pitch, roll [n, 3] in the camera's frame of angles [n, 3] relative to the crop; all in degrees."""
    return angles_of(crop_to_camera(matrices, side, size) @ rotation(pose))


def to_crop(pose: np.ndarray, matrices: np.ndarray, side: int, size: tuple[int, int]) -> np.ndarray:
    """Inverse of `to_camera`."""
    return angles_of(np.swapaxes(crop_to_camera(matrices, side, size), 1, 2) @ rotation(pose))


def gaze_to_camera(head: np.ndarray, eyes: np.ndarray) -> np.ndarray:
    """Yaw and pitch [n, 2] of the gaze in the camera's frame, degrees.

    Args:
        head: yaw, pitch, roll [n, 3] in the camera's frame.
        eyes: yaw, pitch [n, 2] of the eyes relative to the head.
    """
    eyes3 = np.concatenate([eyes, np.zeros((len(eyes), 1))], 1)
    return angles_of(rotation(head) @ rotation(eyes3))[:, :2]
