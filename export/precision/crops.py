"""Real pictures as model inputs, through the same `crop_normalize` that runs in production."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.errors import DependencyError
from edgeaffect.face.alignment import letterbox_matrix, whole_matrix
from edgeaffect.image import check_frame
from edgeaffect.models.preprocess import crop_to_input
from edgeaffect.models.spec import ModelSpec
from edgeaffect.options import DetectOptions

log = logging.getLogger("edgeaffect.export")

_PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm"}

BATCH = 8
_FEW = 200


@dataclass(frozen=True)
class Crops:
    """Inputs of one model, each [1, ...] in its own format."""

    inputs: tuple[NDArray[Any], ...]
    source: str
    """Where they come from, for the report."""

    def __len__(self) -> int:
        return len(self.inputs)

    def split(self) -> tuple[Crops, Crops]:
        """Every other one: to calibrate on, and to judge on."""
        return Crops(self.inputs[0::2], self.source), Crops(self.inputs[1::2], self.source)

    def take(self, count: int) -> Crops:
        """At most `count` of them, evenly spread."""
        if count >= len(self):
            return self
        rows = np.linspace(0, len(self) - 1, count).astype(int)
        return Crops(tuple(self.inputs[i] for i in rows), self.source)

    def batches(self, size: int = BATCH) -> Iterator[NDArray[Any]]:
        """Joined along the first axis where shapes agree."""
        start = 0
        while start < len(self.inputs):
            stop = start + 1
            while stop < min(start + size, len(self.inputs)) and self.inputs[stop].shape == self.inputs[start].shape:
                stop += 1
            yield np.concatenate(self.inputs[start:stop])
            start = stop


def load_crops(source: str | os.PathLike[str] | None, spec: ModelSpec, *, limit: int = 512) -> Crops:
    """Pictures from a folder, an NPZ file, or the sample that comes with scikit-image.

    A model of faces gets face crops, each resized as a whole; a detector gets photographs, as `FaceDetector` would.

    Args:
        source: a folder, searched through; an `.npz` with `images`, uint8 [n, h, w] gray or [n, h, w, 3], and
            optionally `color` ("bgr", the default, or "rgb"); or None for scikit-image's sample.
        limit: most pictures, evenly spread over what is there.

    Raises:
        FileNotFoundError: no such folder or file.
        ValueError: it holds no picture, or not what is described above.
        DependencyError: None was given and scikit-image is not installed.
    """
    if source is None:
        pictures, color, where = _sample(spec), "gray" if spec.detector is None else "rgb", "scikit-image sample"
    elif Path(source).is_dir():
        pictures, color, where = _from_folder(Path(source), limit), "bgr", str(source)
    elif Path(source).suffix == ".npz":
        pictures, color = _from_npz(Path(source))
        where = str(source)
    elif Path(source).exists():
        raise ValueError(f"{source} is neither a folder of pictures nor an .npz file with `images`")
    else:
        raise FileNotFoundError(f"{source} does not exist: give a folder of pictures or an .npz file with `images`")
    rows = np.linspace(0, len(pictures) - 1, min(limit, len(pictures))).astype(int)
    chosen = [pictures[i] for i in rows]
    if len(chosen) < _FEW:
        # A mirrored face is a face, and twice as many halve the step of the gate's measure.
        chosen += [np.ascontiguousarray(picture[:, ::-1]) for picture in chosen]
        where += ", and mirrored"
    return Crops(tuple(to_input(picture, color, spec) for picture in chosen), where)


def to_input(picture: NDArray[np.uint8], color: str, spec: ModelSpec) -> NDArray[Any]:
    """One picture as an input [1, ...] of the model."""
    kind = "gray" if picture.ndim == 2 else color
    pixels, (width, height) = check_frame(picture, kind)
    size, border = spec.image.size, spec.alignment.border
    if spec.detector is not None and min(size) == 0:
        scale = min(1.0, DetectOptions().side(still=False) / max(width, height))
        multiple = spec.detector.pad_multiple
        size = tuple(-(-round(length * scale) // multiple) * multiple for length in (width, height))  # type: ignore[assignment]
        matrix, border = letterbox_matrix(scale), "constant"
    else:
        matrix = whole_matrix((width, height), size)
    return crop_to_input(spec.image, pixels, matrix[None], color=kind, border=border, size=size)


def _from_folder(folder: Path, limit: int) -> list[NDArray[np.uint8]]:
    cv2 = require("cv2")
    paths = sorted(p for p in folder.rglob("*") if p.suffix.lower() in _PICTURES)
    if not paths:
        raise ValueError(f"{folder} holds no picture ({', '.join(sorted(_PICTURES))})")
    chosen = [paths[i] for i in np.linspace(0, len(paths) - 1, min(limit, len(paths))).astype(int)]
    pictures = []
    for path in chosen:
        picture = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
        if picture is None:
            log.warning("%s is not a readable picture: left out", path)
        else:
            pictures.append(picture)
    if not pictures:
        raise ValueError(f"none of the {len(chosen)} pictures in {folder} could be read")
    return pictures


def _from_npz(path: Path) -> tuple[list[NDArray[np.uint8]], str]:
    with np.load(path, allow_pickle=False) as archive:
        if "images" not in archive:
            raise ValueError(f"{path} has {', '.join(archive.files) or 'nothing'}, but no array called `images`")
        images = archive["images"]
        color = str(archive["color"]) if "color" in archive else "bgr"
    if images.dtype != np.uint8 or images.ndim not in (3, 4) or not len(images):
        raise ValueError(f"{path}: `images` must be uint8 [n, h, w] or [n, h, w, 3]; got {images.dtype} {images.shape}")
    if color not in ("bgr", "rgb"):
        raise ValueError(f"{path}: `color` must be bgr or rgb; got {color!r}")
    return list(images), color


def _sample(spec: ModelSpec) -> list[NDArray[np.uint8]]:
    try:
        data = require("skimage.data")
    except DependencyError as error:
        raise DependencyError(
            "pictures are needed to calibrate with: give a folder or an .npz (--calibrate), or "
            "pip install scikit-image for its small sample"
        ) from error
    if spec.detector is None:
        # 100 faces of Labeled Faces in the Wild, 25 x 25; the second hundred are not faces.
        faces = data.lfw_subset()[:100]
        return list((faces * 255).round().clip(0, 255).astype(np.uint8))
    astronaut = data.astronaut()
    windows = [
        (side, (512 - side) * i // 2, (512 - side) * j // 2)
        for side in (256, 320, 384, 448) for i in range(3) for j in range(3)
    ]  # fmt: skip
    return [np.ascontiguousarray(astronaut[y : y + side, x : x + side]) for side, y, x in windows]
