"""Everything that these recipes take from the package, in one place."""

from __future__ import annotations

import numpy as np

from edgeaffect import FaceDetector, Faces, native
from edgeaffect.circumplex import EMOTIONS

__all__ = ["EMOTIONS", "FaceDetector", "Faces", "cut", "five_of_68", "similarity"]


def similarity(landmarks: np.ndarray, template: np.ndarray) -> np.ndarray:
    """Least-squares similarity [n, 2, 3] from `template` [5, 2] to landmarks [n, 5, 2] (Umeyama, no reflection).

    Maps a point of the crop to the frame, pixel centres at +0.5 in both: the form that `crop_normalize` takes.
    """
    points, target = np.asarray(landmarks, np.float64), np.asarray(template, np.float64)
    centre_t, centre_p = target.mean(0), points.mean(1)
    t, p = target - centre_t, points - centre_p[:, None]
    norm = (t * t).sum()
    a = (p * t).sum((1, 2)) / norm
    b = (p[:, :, 1] * t[:, 0] - p[:, :, 0] * t[:, 1]).sum(1) / norm
    matrix = np.empty((len(points), 2, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = a
    matrix[:, 0, 1], matrix[:, 1, 0] = -b, b
    matrix[:, :, 2] = centre_p - np.einsum("nij,j->ni", matrix[:, :, :2], centre_t)
    return matrix


def five_of_68(points: np.ndarray) -> np.ndarray:
    """Eye centres, nose tip and mouth corners [..., 5, 2] of 68 iBUG points, image-left first."""
    eyes = [points[..., 36:42, :].mean(-2), points[..., 42:48, :].mean(-2)]
    return np.stack([*eyes, points[..., 30, :], points[..., 48, :], points[..., 54, :]], -2)


def cut(image: np.ndarray, matrices: np.ndarray, size: int, to: str) -> np.ndarray:
    """float32 crops [n, 1 or 3, size, size] in 0..255 of a BGR picture, as the run time cuts them."""
    return native.crop_normalize(image, matrices, (size, size), to=to, scale=1.0, border="replicate")
