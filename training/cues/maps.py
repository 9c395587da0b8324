"""Which point or blendshape is which: 478 mesh points to iBUG's 68, and what becomes what in a mirror."""

from __future__ import annotations

import numpy as np

# Mesh points nearest to the 68 iBUG points; image-left first as in iBUG's order.
_JAW = (162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389)
_BROWS = (71, 63, 105, 66, 107, 336, 296, 334, 293, 301)
_NOSE = (168, 197, 5, 4, 75, 97, 2, 326, 305)
_EYES = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
_OUTER_LIPS = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
_INNER_LIPS = (78, 82, 13, 312, 308, 317, 14, 87)
MESH_OF_68 = np.array([*_JAW, *_BROWS, *_NOSE, *_EYES, *_OUTER_LIPS, *_INNER_LIPS])

# iBUG's point i of the mirrored picture is point MIRROR_68[i] of the picture.
_LEFT_TO_RIGHT = (*range(16, -1, -1), *range(26, 16, -1), 27, 28, 29, 30, 35, 34, 33, 32, 31)
_EYES_MIRRORED = (45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40)
_LIPS_MIRRORED = (54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55, 64, 63, 62, 61, 60, 67, 66, 65)
MIRROR_68 = np.array([*_LEFT_TO_RIGHT, *_EYES_MIRRORED, *_LIPS_MIRRORED])

IRIS_LEFT, IRIS_RIGHT = 468, 473  # centres; left and right in the picture
CORNERS_LEFT, CORNERS_RIGHT = (33, 133), (362, 263)


def mirrored_names(names: list[str]) -> np.ndarray:
    """Place of each blendshape's counterpart in a mirror: `mouthSmileLeft` <-> `mouthSmileRight`."""

    def other(name: str) -> str:
        if name.endswith("Left"):
            return name.removesuffix("Left") + "Right"
        return name.removesuffix("Right") + "Left" if name.endswith("Right") else name

    return np.array([names.index(other(name)) for name in names])


def mirrored_points(points: np.ndarray, width: float) -> np.ndarray:
    """68 points [..., 68, 2] of a mirrored picture of that width."""
    result = points[..., MIRROR_68, :].copy()
    result[..., 0] = width - result[..., 0]
    return result


def mesh_mirror(mean: np.ndarray) -> np.ndarray:
    """Counterparts [478] of mesh points, from a frontal mean shape [478, 2] with its middle at x = 0."""
    flipped = mean * np.array([-1.0, 1.0])
    distance = np.linalg.norm(mean[:, None] - flipped[None], axis=2)
    return distance.argmin(0)
