"""Model inputs that every export is checked with: noise, and views of one real face, both by `crop_normalize`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.face.alignment import whole_matrix
from edgeaffect.models.preprocess import crop_to_input
from edgeaffect.models.spec import ImageInput, ModelSpec

Batch = NDArray[np.float32]
Given = Batch | Mapping[str, Batch]
"""A batch of the only input, or of each input by name."""
_Picture = NDArray[np.uint8]

_SAMPLE = "astronaut.jpg"
# Views of the sample face: share of the picture that is seen, roll in degrees, mirrored, gamma.
_VIEWS = [
    (scale, roll, mirrored, gamma)
    for scale, roll in ((0.8, 0.0), (0.65, 12.0), (0.95, -8.0), (0.7, -20.0))
    for mirrored in (False, True)
    for gamma in (0.6, 1.0, 1.7)
]


def image_inputs(spec: ModelSpec) -> tuple[ImageInput, ...]:
    """All inputs of a model that takes pictures: one, or the body and the scene of a context model.

    Raises:
        SpecError: an input is no picture.
    """
    if spec.task == "context":
        return spec.pictures
    return (spec.image,)


def feeds_of(spec: ModelSpec, given: Given) -> dict[str, Batch]:
    """A batch of every input by name."""
    return dict(given) if isinstance(given, Mapping) else {spec.image.name: given}


def row_count(given: Given) -> int:
    """Pictures, or pairs of them."""
    return len(next(iter(given.values()))) if isinstance(given, Mapping) else len(given)


def random_inputs(spec: ModelSpec, count: int, seed: int = 0) -> Given:
    """Uniform noise pixels, normalised as the spec says: [count, ...] in the spec's layout."""
    rng = np.random.default_rng(seed)
    made = {image.name: _noise(spec, image, count, rng) for image in image_inputs(spec)}
    return made if len(made) > 1 else next(iter(made.values()))


def _noise(spec: ModelSpec, image: ImageInput, count: int, rng: np.random.Generator) -> Batch:
    width, height = image.size
    shape = (height, width, 3) if image.channels == 3 else (height, width)
    return np.concatenate([_whole(spec, image, rng.integers(0, 256, shape, np.uint8)) for _ in range(count)])


def sample_faces(spec: ModelSpec) -> Given:
    """Views of the shipped face (Eileen Collins, NASA, public domain): scales, rolls, mirrored, three exposures.

    Enough to compare two programs with, on any machine; too little to calibrate with. A context model sees them as
    bodies and, in another order, as scenes.
    """
    made = {image.name: _views(spec, image) for image in image_inputs(spec)}
    if len(made) == 1:
        return next(iter(made.values()))
    return {name: np.roll(views, 5 * i, 0) for i, (name, views) in enumerate(made.items())}


def _views(spec: ModelSpec, image: ImageInput) -> Batch:
    views = []
    cv2 = require("cv2")
    data = resources.files(__package__).joinpath(_SAMPLE).read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    centre = np.array(picture.shape[1::-1], np.float64) / 2
    size = np.array(image.size, np.float64)
    for share, roll, mirrored, gamma in _VIEWS:
        step = share * 2 * centre / size * (-1.0 if mirrored else 1.0, 1.0)
        angle = np.deg2rad(roll)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * step
        matrix = np.column_stack([turn, centre - turn @ (size / 2)])
        exposed = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)[picture]
        views.append(_crop(spec, image, exposed, matrix[None].astype(np.float32), "bgr"))
    return np.concatenate(views)


def _crop(spec: ModelSpec, image: ImageInput, picture: _Picture, matrices: NDArray[np.float32], color: str) -> Batch:
    # float32 whatever the spec says: this is what the original network takes.
    image = dataclasses.replace(image, dtype="float32", quant=None)
    color = "gray" if picture.ndim == 2 else color
    return crop_to_input(image, picture, matrices, color=color, border=spec.alignment.border)


def _whole(spec: ModelSpec, image: ImageInput, picture: _Picture) -> Batch:
    height, width = picture.shape[:2]
    return _crop(spec, image, picture, whole_matrix((width, height), image.size)[None], "rgb")
