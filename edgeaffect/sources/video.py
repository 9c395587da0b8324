"""`VideoFile`: every frame of a file, with its position in the file as the time."""

from __future__ import annotations

import logging
import os
import stat
import time
from collections.abc import Iterator
from typing import Any

from .._lazy import require
from ..errors import SourceError
from ..image import Frame
from .base import Source, SourceFrame, check_name, public_name, quiet_opencv
from .geometry import Turn
from .isobmff import read_tracks
from .sniff import HEAD_BYTES, kind_of

logger = logging.getLogger(__name__)

_DEFAULT_FPS = 30.0
# Containers only estimate their length; a file that ends before this share of it was cut.
_WHOLE = 0.9
# Shapes of pixels beyond this are damage; those nearer to a square than that do no harm.
_OBLONGEST, _NEARLY = 4.0, 0.01


class VideoFile(Source):
    """A video file, turned upright by its rotation metadata. No frame is dropped.

    Args:
        path: any file that OpenCV can open, or the URL of one.
        rotate: degrees clockwise, 0, 90, 180 or 270, after the film's own orientation.
        mirror: swap left and right, after the turn.

    Frames whose pixels are not square are stretched as players stretch them.

    Raises:
        SourceError: missing, or not a video.
    """

    def __init__(self, path: str | os.PathLike[str], *, rotate: int = 0, mirror: bool = False) -> None:
        super().__init__()
        self._turn, self._own_turn, self._stretch = Turn(rotate, mirror), Turn(), (1.0, 1.0)
        self._address = check_name(os.fspath(path))
        self.name = public_name(self._address)
        self._capture: Any = None
        self._open()

    def _open(self) -> None:
        cv2 = require("cv2")
        is_url = "://" in self._address
        size = 0 if is_url else _size(self._address)
        tracks = None if is_url else _tracks(self._address)
        if tracks is not None and not tracks[0]:
            raise SourceError(f"{self.name} holds sound and no film; give a video or picture")
        with quiet_opencv():
            self._capture = cv2.VideoCapture(self._address, cv2.CAP_FFMPEG if is_url else cv2.CAP_ANY)
        if not self._capture.isOpened():
            self.close()
            held = "" if is_url else f" ({size} bytes)"
            raise SourceError(f"{self.name} is not a video that OpenCV can open{held}")
        # OpenCV's defaults differ, 4.6 turns the wrong way round and no version mirrors: where the file tells, we turn.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0 if tracks is not None else 1)
        self._own_turn = tracks[1] if tracks is not None else Turn()
        self._stretch = _stretch(self._capture)
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 1000 else _DEFAULT_FPS
        count = int(self._capture.get(cv2.CAP_PROP_FRAME_COUNT))
        self.length = count if count > 0 else None

    def __iter__(self) -> Iterator[SourceFrame]:
        cv2 = require("cv2")
        if self._capture is None:
            self._open()
        assert self.fps is not None
        self.errors.clear()
        image, index, timestamp = None, 0, -1 / self.fps
        try:
            while True:
                begin = time.perf_counter()
                ok, image = self._capture.read(image)
                seconds = time.perf_counter() - begin
                if not ok:
                    break
                position = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                # Some containers know no positions and some repeat them: then the frame rate tells the time.
                timestamp = position if position > timestamp else timestamp + 1 / self.fps
                begin = time.perf_counter()
                upright = self._turn(self._own_turn(self._square(image)))
                seconds += time.perf_counter() - begin
                yield SourceFrame(upright, index, timestamp, "media", self.name, time.time(), capture_seconds=seconds)
                index += 1
        finally:
            self.close()
        if not index:
            raise SourceError(f"{self.name} holds no frame that can be decoded")
        if self.length and index < _WHOLE * self.length:
            error = SourceError(f"{self.name} ended after {index} of {self.length} frames: it may be cut off")
            logger.warning("%s", error)
            self.errors.append(error)

    def _square(self, image: Frame) -> Frame:
        """The frame with square pixels; one side grows, none loses detail."""
        if self._stretch == (1.0, 1.0):
            return image
        cv2 = require("cv2")
        size = (round(image.shape[1] * self._stretch[0]), round(image.shape[0] * self._stretch[1]))
        stretched: Frame = cv2.resize(image, size, interpolation=cv2.INTER_LINEAR)
        return stretched

    def close(self) -> None:
        """Release the file; iterating opens it again."""
        if self._capture is not None:
            self._capture.release()
            self._capture = None


def _tracks(path: str) -> tuple[bool, Turn] | None:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as file:
            is_known = kind_of(file.read(HEAD_BYTES))[1] in ("mp4", "mov", "m4a")
        return read_tracks(path) if is_known else None
    except OSError:
        return None


def _stretch(capture: Any) -> tuple[float, float]:
    """Factors of width and height that make pixels square, by the shape that the stream states."""
    cv2 = require("cv2")
    across, down = capture.get(cv2.CAP_PROP_SAR_NUM), capture.get(cv2.CAP_PROP_SAR_DEN)
    if not (across > 0 and down > 0):
        return 1.0, 1.0
    shape = across / down
    if not 1 / _OBLONGEST <= shape <= _OBLONGEST or abs(shape - 1) < _NEARLY:
        return 1.0, 1.0
    return (shape, 1.0) if shape > 1 else (1.0, 1 / shape)


def _size(path: str) -> int:
    """Bytes of a file that is there and holds something."""
    entry, reason = None, ""
    try:
        entry = os.stat(path)
    except OSError as error:
        reason = "no such file" if isinstance(error, FileNotFoundError) else f"cannot read ({error.strerror})"
    if entry is None:  # raised out here: the error above holds the whole name, and a mistyped address is one
        raise SourceError(f"{reason}: {public_name(path)}")
    if stat.S_ISREG(entry.st_mode) and not entry.st_size:
        raise SourceError(f"{path} is empty")
    return entry.st_size
