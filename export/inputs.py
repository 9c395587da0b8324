"""Model inputs that every export is checked with: noise, and views of one real face, both by `crop_normalize`."""

from __future__ import annotations

import dataclasses
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.face.alignment import whole_matrix
from edgeaffect.models.preprocess import crop_to_input
from edgeaffect.models.spec import ModelSpec

Batch = NDArray[np.float32]
_Picture = NDArray[np.uint8]

_SAMPLE = "astronaut.jpg"
# Views of the sample face: share of the picture that is seen, roll in degrees, mirrored, gamma.
_VIEWS = [
    (scale, roll, mirrored, gamma)
    for scale, roll in ((0.8, 0.0), (0.65, 12.0), (0.95, -8.0), (0.7, -20.0))
    for mirrored in (False, True)
    for gamma in (0.6, 1.0, 1.7)
]


def random_inputs(spec: ModelSpec, count: int, seed: int = 0) -> Batch:
    """Uniform noise pixels, normalised as the spec says: [count, ...] in the spec's layout."""
    rng = np.random.default_rng(seed)
    (width, height), channels = spec.image.size, spec.image.channels
    shape = (height, width, 3) if channels == 3 else (height, width)
    return np.concatenate([_whole(spec, rng.integers(0, 256, shape, np.uint8)) for _ in range(count)])


def sample_faces(spec: ModelSpec) -> Batch:
    """Views of the shipped face (Eileen Collins, NASA, public domain): scales, rolls, mirrored, three exposures.

    Enough to compare two programs with, on any machine; too little to calibrate with.
    """
    views = []
    cv2 = require("cv2")
    data = resources.files(__package__).joinpath(_SAMPLE).read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    centre = np.array(picture.shape[1::-1], np.float64) / 2
    size = np.array(spec.image.size, np.float64)
    for share, roll, mirrored, gamma in _VIEWS:
        step = share * 2 * centre / size * (-1.0 if mirrored else 1.0, 1.0)
        angle = np.deg2rad(roll)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * step
        matrix = np.column_stack([turn, centre - turn @ (size / 2)])
        exposed = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)[picture]
        views.append(_crop(spec, exposed, matrix[None].astype(np.float32), "bgr"))
    return np.concatenate(views)


def _crop(spec: ModelSpec, picture: _Picture, matrices: NDArray[np.float32], color: str) -> Batch:
    # float32 whatever the spec says: this is what the original network takes.
    image = dataclasses.replace(spec.image, dtype="float32", quant=None)
    color = "gray" if picture.ndim == 2 else color
    return crop_to_input(image, picture, matrices, color=color, border=spec.alignment.border)


def _whole(spec: ModelSpec, picture: _Picture) -> Batch:
    height, width = picture.shape[:2]
    return _crop(spec, picture, whole_matrix((width, height), spec.image.size)[None], "rgb")
