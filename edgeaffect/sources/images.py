"""`Images`: pictures from a file, a folder, a pattern or a list of these."""

from __future__ import annotations

import glob
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from .._lazy import require
from ..errors import SourceError
from ..image import Frame, check_shape
from .base import Source, SourceFrame, public_name, quiet_opencv

logger = logging.getLogger(__name__)

SUFFIXES = (".jpg", ".jpeg", ".png", ".bmp", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".jp2", ".avif")

StrPath = str | os.PathLike[str]

_JPEG, _PNG = b"\xff\xd8\xff", b"\x89PNG"
# Segment of a JPEG at which its pixels begin, and the marker after them.
_SCAN, _END_OF_IMAGE = 0xDA, b"\xff\xd9"


class Images(Source):
    """Pictures, each by itself, turned upright by their EXIF orientation.

    Args:
        paths: a file, a folder (its pictures, not those of sub-folders), a glob pattern, or a list of these. Numbers
            in names count as numbers: `frame2` comes before `frame10`.

    A picture that cannot be read is logged, kept in `errors`, and the rest goes on; if it is the only one, it raises.

    Raises:
        SourceError: nothing there.
    """

    def __init__(self, paths: StrPath | Iterable[StrPath]) -> None:
        super().__init__()
        given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
        self.paths = [path for entry in given for path in _expand(os.fspath(entry))]
        self.name = os.fspath(given[0]) if len(given) == 1 else "pictures"
        self.length = len(self.paths)
        if not self.paths:
            raise SourceError("no pictures were named")

    def __iter__(self) -> Iterator[SourceFrame]:
        self.errors.clear()
        for index, path in enumerate(self.paths):
            begin = time.perf_counter()
            try:
                image = read_image(path)
            except SourceError as error:
                if len(self.paths) == 1:
                    raise
                logger.warning("%s; going on with the next picture", error)
                self.errors.append(error)
                continue
            seconds = time.perf_counter() - begin
            yield SourceFrame(image, index, 0.0, "media", str(path), time.time(), still=True, capture_seconds=seconds)


def read_image(path: StrPath) -> Frame:
    """BGR picture [h, w, 3], turned upright by its EXIF orientation.

    Raises:
        SourceError: missing, not a picture, or cut off.
    """
    cv2 = require("cv2")
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    if is_cut_off(data):
        raise SourceError(f"{path} is cut off: it has no end marker; copy it again")
    image = None
    if data:
        with quiet_opencv():
            try:
                image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
            except cv2.error as error:
                raise SourceError(f"cannot decode {path}: {error.err or error}") from error
    if image is None:
        raise SourceError(f"{path} is not a picture that OpenCV can decode ({len(data)} bytes)")
    try:
        check_shape(image.shape, "bgr")
    except ValueError as error:
        raise SourceError(f"{path}: {error}") from error
    return image


def is_cut_off(data: bytes) -> bool:
    """Whether a JPEG or PNG ends too early. OpenCV 4 fills up what is missing with gray and calls it a success.

    Cameras put a thumbnail, with an end marker of its own, in front of the pixels, and other data behind their end.
    """
    if data.startswith(_PNG):
        return b"IEND" not in data[-65536:]
    if not data.startswith(_JPEG):
        return False
    position = 2
    while position + 4 <= len(data):
        marker = data[position + 1]
        if data[position] != 0xFF:
            return False  # not as the standard has it: the decoder may know better
        if marker == _SCAN:
            return data.find(_END_OF_IMAGE, position) < 0
        position += 1 if marker == 0xFF else 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    return True


def natural_key(path: StrPath) -> list[tuple[int, int, str]]:
    """Sorting key with which `frame2` comes before `frame10`."""
    parts = re.split(r"(\d+)", os.fspath(path).lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts]


def _expand(entry: str) -> list[Path]:
    path = Path(entry)
    if not entry:
        raise SourceError("a picture or folder has no name")
    if path.is_dir():
        found = [p for p in path.iterdir() if p.suffix.lower() in SUFFIXES and p.is_file()]
        if not found:
            raise SourceError(f"no pictures in folder {entry}; looked for {', '.join(SUFFIXES)}")
    elif path.exists():
        return [path]
    elif glob.has_magic(entry):
        found = [p for p in map(Path, glob.glob(entry, recursive=True)) if p.suffix.lower() in SUFFIXES and p.is_file()]
        if not found:
            raise SourceError(f"no picture matches {public_name(entry)}")
    else:
        raise SourceError(f"no such file or folder: {public_name(entry)}")
    return sorted(found, key=natural_key)
