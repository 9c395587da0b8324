"""Pictures that an export is checked and calibrated with: random ones, and real faces framed as at run time."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgeaffect import native
from edgeaffect._lazy import require
from edgeaffect.detect import FaceDetector
from edgeaffect.geometry import framing_matrices, whole_matrix
from edgeaffect.models.spec import ModelSpec

Crops = NDArray[np.float32]
_Picture = NDArray[np.uint8]

_SUFFIXES = (".bmp", ".jpg", ".jpeg", ".png", ".webp")
_SAMPLE = "astronaut.jpg"
# Views of the sample face: share of the picture that is seen, roll in degrees, mirrored, gamma.
_VIEWS = [
    (scale, roll, mirrored, gamma)
    for scale, roll in ((0.8, 0.0), (0.65, 12.0), (0.95, -8.0), (0.7, -20.0))
    for mirrored in (False, True)
    for gamma in (0.6, 1.0, 1.7)
]

log = logging.getLogger("edgeaffect.export")


def random_inputs(spec: ModelSpec, count: int, seed: int = 0) -> Crops:
    """Uniform noise pixels, normalised as the spec says: [count, ...] in the spec's layout."""
    rng = np.random.default_rng(seed)
    (width, height), channels = spec.input.size, spec.input.channels
    shape = (height, width, 3) if channels == 3 else (height, width)
    return np.concatenate([_whole(spec, rng.integers(0, 256, shape, np.uint8)) for _ in range(count)])


def real_inputs(spec: ModelSpec, source: Path | None, limit: int = 512) -> Crops:
    """Real faces in the model's input: [n, ...], normalised float32.

    Args:
        spec: of the model; its framing and normalisation are applied by `crop_normalize`, as at run time.
        source: a folder of pictures (searched recursively, in the order of their names), where a face is detected
            and framed and a picture without one counts as a crop; or an `.npz` whose first array holds crops,
            uint8 [n, h, w] gray or [n, h, w, 3] RGB; None takes views of the one face that is shipped.
        limit: at most so many.

    Raises:
        ValueError: nothing usable there.
    """
    if source is None:
        return np.concatenate(list(_sample_views(spec)))
    if source.suffix == ".npz":
        return np.concatenate([_whole(spec, crop) for crop in _read_npz(source)[:limit]])
    if not source.is_dir():
        raise ValueError(f"{source} is neither a folder of pictures nor an .npz file")
    detector = FaceDetector()
    crops = list(itertools.islice((c for path in _pictures(source) for c in _faces(spec, path, detector)), limit))
    if not crops:
        raise ValueError(f"{source} holds no readable picture ({', '.join(_SUFFIXES)})")
    return np.concatenate(crops)[:limit]


def _crop(spec: ModelSpec, picture: _Picture, matrices: NDArray[np.float32], color: str) -> Crops:
    s = spec.input
    return native.crop_normalize(
        picture, matrices, s.size, color="gray" if picture.ndim == 2 else color, to=s.color, scale=s.scale,
        mean=s.mean, std=s.std, layout=s.layout, dtype="float32", border=spec.framing.border,
    )  # fmt: skip


def _whole(spec: ModelSpec, picture: _Picture) -> Crops:
    height, width = picture.shape[:2]
    return _crop(spec, picture, whole_matrix((width, height), spec.input.size)[None], "rgb")


def _read_npz(path: Path) -> _Picture:
    with np.load(path, allow_pickle=False) as archive:
        if not archive.files:
            raise ValueError(f"{path} holds no array")
        crops = archive[archive.files[0]]
    if crops.dtype != np.uint8 or crops.ndim not in (3, 4) or (crops.ndim == 4 and crops.shape[3] != 3):
        raise ValueError(
            f"{path}: crops are uint8 [n, h, w] or [n, h, w, 3]; {archive.files[0]!r} is {crops.dtype} {crops.shape}"
        )
    if not len(crops):
        raise ValueError(f"{path} holds no crop")
    return crops


def _pictures(folder: Path) -> Iterator[Path]:
    return (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in _SUFFIXES)


def _faces(spec: ModelSpec, path: Path, detector: FaceDetector) -> list[Crops]:
    """Faces of a picture, framed; the picture as a whole where none is found; nothing where it cannot be read."""
    picture = require("cv2").imread(str(path))
    if picture is None:
        log.warning("%s cannot be read as a picture: skipped", path)
        return []
    height, width = picture.shape[:2]
    faces = detector.detect(picture)
    if len(faces):
        matrices = framing_matrices(spec.framing, spec.input.size, (width, height), faces.boxes, faces.landmarks)
    else:
        matrices = whole_matrix((width, height), spec.input.size)[None]
    return [_crop(spec, picture, matrices, "bgr")]


def _sample_views(spec: ModelSpec) -> Iterator[Crops]:
    """Views of the shipped face (Eileen Collins, NASA, public domain): scales, rolls, mirrored, three exposures."""
    cv2 = require("cv2")
    data = resources.files(__package__).joinpath(_SAMPLE).read_bytes()
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    centre = np.array(picture.shape[1::-1], np.float64) / 2
    size = np.array(spec.input.size, np.float64)
    for share, roll, mirrored, gamma in _VIEWS:
        step = share * 2 * centre / size * (-1.0 if mirrored else 1.0, 1.0)
        angle = np.deg2rad(roll)
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]) * step
        matrix = np.column_stack([turn, centre - turn @ (size / 2)])
        exposed = np.round(255 * (np.arange(256) / 255) ** gamma).astype(np.uint8)[picture]
        yield _crop(spec, exposed, matrix[None].astype(np.float32), "bgr")
