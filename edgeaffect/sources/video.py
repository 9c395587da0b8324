"""`VideoFile`: every frame of a file, with its position in the file as the time."""

from __future__ import annotations

import contextlib
import http.client
import io
import logging
import os
import stat
import time
import urllib.parse
from collections.abc import Iterator
from typing import Any

from .._checks import check_positive
from .._lazy import require
from .._names import readable_name
from ..errors import MissingTrackError, SourceError
from ..image import Frame
from . import isobmff, matroska
from .base import Source, SourceFrame, check_name, public_name, quiet_opencv
from .film import Film
from .geometry import Turn
from .http_file import HttpFile
from .losses import TimeGaps
from .sniff import HEAD_BYTES, kind_of

logger = logging.getLogger(__name__)

MAX_FRAME_PIXELS = 1 << 26
"""Pixels of a frame that are decoded by default: 8192x8192, of which a decoder holds several at 3 bytes each."""

_DEFAULT_FPS = 30.0
_MOST_FRAMES = 1 << 31
# Containers only estimate how long they play; a file that ends before this share of it was cut.
_WHOLE = 0.9
# Shapes of pixels beyond this are damage; those nearer to a square than that do no harm.
_OBLONGEST, _NEARLY = 4.0, 0.01
# The end of a file and a packet that cannot be decoded look the same: reading goes on for this many packets, and at
# most for this many seconds (each takes microseconds; a network that stalls takes longer).
_LEAST_TRIES, _USUAL_TRIES, _MOST_TRIES, _LONGEST_TRIES = 64, 1000, 100_000, 5.0
_READERS = {"mp4": isobmff.read_film, "mov": isobmff.read_film, "m4a": isobmff.read_film, "mkv": matroska.read_film}


class VideoFile(Source):
    """A video file, turned upright by its rotation metadata. No frame is dropped.

    Args:
        path: any file that OpenCV can open, or the URL of one.
        rotate: degrees clockwise, 0, 90, 180 or 270, after the film's own orientation.
        mirror: swap left and right, after the turn.
        max_pixels: larger frames are refused before memory is taken for them.

    Frames whose pixels are not square are stretched as players stretch them. Damaged packets cost their own frames and
    those that refer to them: the film goes on behind them, `lost` counts them, and `errors` tells it in one line.

    Raises:
        SourceError: missing, not a video, or of larger frames than `max_pixels`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        rotate: int = 0,
        mirror: bool = False,
        max_pixels: int = MAX_FRAME_PIXELS,
    ) -> None:
        super().__init__()
        check_positive("max_pixels", max_pixels)
        self._turn, self._stretch, self._max_pixels = Turn(rotate, mirror), (1.0, 1.0), max_pixels
        self._address = os.fspath(path)
        self._is_url = "://" in self._address and not os.path.exists(self._address)
        self.name = public_name(check_name(self._address) if self._is_url else self._address)
        self.path = None if self._is_url else self._address
        """The file; None where it is an address."""
        self._film: Film | None = None
        self._capture: Any = None
        self._open()

    def _open(self) -> None:
        cv2 = require("cv2")
        size = 0 if self._is_url else _size(self._address)
        self._film = _film(self._address, self._is_url)
        if self._film is not None:
            if not self._film.has_pictures:
                raise MissingTrackError(f"{self.name} holds sound and no film; give a video or picture")
            if self._film.size:
                self._check_size(*self._film.size)
        self._capture = self._opened()
        if not self._capture.isOpened():
            self.close()
            held = "" if self._is_url else f" ({size} bytes)"
            raise SourceError(f"{self.name} is not a video that OpenCV can open{held}")
        # OpenCV's defaults differ, 4.6 turns the wrong way round and no version mirrors: where the file tells, we turn.
        self._capture.set(cv2.CAP_PROP_ORIENTATION_AUTO, 0 if self._film is not None else 1)
        self._stretch = _stretch(self._capture)
        width, height = self._capture.get(cv2.CAP_PROP_FRAME_WIDTH), self._capture.get(cv2.CAP_PROP_FRAME_HEIGHT)
        self._check_size(round(width * self._stretch[0]), round(height * self._stretch[1]))
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.fps = fps if 0 < fps < 1000 else _DEFAULT_FPS
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.length = int(count) if 0 < count <= (size or _MOST_FRAMES) else None  # damaged headers announce any number

    def _opened(self) -> Any:
        cv2 = require("cv2")
        # Other readers, tried after FFmpeg, complain on standard error about what it has refused already.
        has_ffmpeg = cv2.videoio_registry.isBackendBuiltIn(cv2.CAP_FFMPEG)
        backend = cv2.CAP_FFMPEG if self._is_url or has_ffmpeg else cv2.CAP_ANY
        with quiet_opencv(), contextlib.ExitStack() as stack:
            name = self._address if self._is_url else stack.enter_context(readable_name(self._address))
            return cv2.VideoCapture(name, backend)

    def _check_size(self, width: int, height: int) -> None:
        if width * height > self._max_pixels:
            self.close()
            raise SourceError(
                f"{self.name} has frames of {width}x{height} pixels, more than max_pixels={self._max_pixels}: scale it "
                "down, or raise the limit"
            )

    def __iter__(self) -> Iterator[SourceFrame]:
        if self._capture is None:
            self._open()
        self.errors.clear()
        self.lost = shown = 0
        is_at_end = False
        try:
            for frame in self._frames():
                yield frame
                shown += 1
            is_at_end = True
        finally:
            self.close()
            self._tell_losses(shown, is_at_end)
        if not shown:
            raise SourceError(f"{self.name} holds no frame that can be decoded")

    def _frames(self) -> Iterator[SourceFrame]:
        cv2 = require("cv2")
        assert self.fps is not None
        turn = self._film.turn if self._film is not None else Turn()
        image, shown, timestamp, step = None, 0, -1 / self.fps, 1 / self.fps
        self._gaps = TimeGaps()
        while True:
            begin = time.perf_counter()
            image = self._read(image, shown)
            if image is None:
                return
            self._check_size(image.shape[1], image.shape[0])  # it may change on the way
            position = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # Some containers know no positions and some repeat them: then the frame rate tells the time. OpenCV 4
            # forgets those of the last frames, which go on as those before.
            step = position - timestamp if position > timestamp else step if not position else 1 / self.fps
            timestamp += step
            self._gaps.add(timestamp)
            upright = self._turn(turn(self._square(image)))
            yield SourceFrame(
                upright, shown + self.lost, timestamp, "media", self.name, time.time(),
                dropped=self.lost, capture_seconds=time.perf_counter() - begin,
            )  # fmt: skip
            shown += 1

    def _read(self, image: Any, shown: int) -> Any:
        """The next frame that can be decoded; None at the end. What fails in between is counted as lost."""
        expected = self.length - shown - self.lost if self.length else _USUAL_TRIES
        tries = min(max(_LEAST_TRIES, expected), _MOST_TRIES)
        deadline = time.monotonic() + _LONGEST_TRIES
        for failed in range(tries):
            ok, image = self._capture.read(image)
            if ok:
                self.lost += failed
                return image
            if time.monotonic() > deadline:
                return None
        return None

    def _tell_losses(self, shown: int, is_at_end: bool) -> None:
        """Say in one line what is missing; at the end also what was lost without a sign from the decoder."""
        if not shown:
            return
        missing_at_end = 0
        if is_at_end:
            listed = self._film.frames if self._film is not None else None
            if listed and not self.lost and abs(listed - 2 * shown) <= 1:
                listed = None  # fields of an interlaced film may be listed one by one: time tells
            self.lost = max(self.lost, listed - shown if listed else self._gaps.missing())
            missing_at_end = 0 if listed else self._missing_at_end()
        text = ""
        if missing_at_end:
            self.lost += missing_at_end
            text = f"ended after {shown} of about {shown + self.lost} frames: it may be cut off"
        elif self.lost:
            text = f"is damaged or cut off: {self.lost} of {shown + self.lost} frames are lost, the others were read"
        if text:
            error = SourceError(f"{self.name} {text}")
            logger.warning("%s", error)
            self.errors.append(error)

    def _missing_at_end(self) -> int:
        """About how many frames there would be between the last one and the end that the container announces."""
        assert self.fps is not None
        announced = (self.length or 0) / self.fps if self._film is None else self._film.seconds or 0.0
        end = self._gaps.last + 1 / self.fps
        # The last picture of a slide show may stay for long.
        is_early = end < _WHOLE * announced and announced - end > 3 * self._gaps.longest
        return round((announced - end) * self.fps) if is_early else 0

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


def _film(address: str, is_url: bool) -> Film | None:
    """What the container says, where it is one whose words we read and that can be read in any order."""
    if is_url and urllib.parse.urlsplit(address).scheme.lower() not in ("http", "https"):
        return None
    try:
        if not is_url and not stat.S_ISREG(os.stat(address).st_mode):
            return None
        with io.BufferedReader(HttpFile(address)) if is_url else open(address, "rb") as file:
            reader = _READERS.get(kind_of(file.read(HEAD_BYTES))[1])
            return reader(file) if reader else None
    except (OSError, ValueError, http.client.HTTPException):
        return None  # what is wrong with it, the decoder says


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
