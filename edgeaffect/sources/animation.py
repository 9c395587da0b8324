"""`Animation`: a PNG, WebP or AVIF that moves, as the film it is. FFmpeg plays a GIF (`VideoFile`)."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator

from .._checks import check_positive
from ..errors import SourceError
from .base import Source, SourceFrame
from .by_pillow import read_frames
from .decode import MAX_PIXELS, bgr8, read_picture_file
from .geometry import Turn

logger = logging.getLogger(__name__)

_LEAST_SECONDS, _USUAL_SECONDS = 0.011, 0.1
"""A frame that is to last no longer than the first lasts the second, as in every browser."""


class Animation(Source):
    """Frames of an animated PNG, WebP or AVIF at their own times, upright, over gray where they are transparent.

    Args:
        source: path, or a whole file in memory.
        name: what messages and results call it.
        rotate: degrees clockwise, 0, 90, 180 or 270, after the picture's own orientation.
        mirror: swap left and right, after the turn.
        max_pixels: larger frames are refused before memory is taken for them.

    Raises:
        SourceError: no animation, too large, or Pillow (extra `[images]`) is missing.
    """

    def __init__(
        self,
        source: str | os.PathLike[str] | bytes,
        *,
        name: str = "",
        rotate: int = 0,
        mirror: bool = False,
        max_pixels: int = MAX_PIXELS,
    ) -> None:
        super().__init__()
        check_positive("max_pixels", max_pixels)
        self._source, self._turn, self._max_pixels = source, Turn(rotate, mirror), max_pixels
        self.name = name or ("animation" if isinstance(source, bytes) else os.fspath(source))

    def __iter__(self) -> Iterator[SourceFrame]:
        self.errors.clear()
        self.lost = 0
        data = self._source if isinstance(self._source, bytes) else read_picture_file(self._source, self._max_pixels)
        timestamp, index, left = 0.0, 0, 0
        frames = read_frames(data, self.name, self._max_pixels)
        while True:
            begin = time.perf_counter()
            try:
                pixels, seconds, left = next(frames)
            except StopIteration:
                return
            except SourceError as error:
                if not index:
                    raise
                self.lost = left
                logger.warning("%s; %d frames were read, %d are lost", error, index, left)
                self.errors.append(error)
                return
            image = self._turn(bgr8(pixels, self.name))
            yield SourceFrame(
                image, index, timestamp, "media", self.name, time.time(), capture_seconds=time.perf_counter() - begin
            )
            timestamp += seconds if seconds >= _LEAST_SECONDS else _USUAL_SECONDS
            index += 1
