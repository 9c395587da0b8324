"""`VideoSaver`: annotated video that lasts as long as the scene, by PyAV where it is installed, else by OpenCV."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from .._lazy import require
from .._names import utf8_name
from ..errors import DependencyError
from ..image import Frame
from ..results import Result
from .base import Redact, SinkError, SourceFacts, TakenFrame, annotated

CODES = {".mp4": "mp4v", ".mov": "mp4v", ".mkv": "mp4v", ".avi": "MJPG"}
"""Endings of videos, and the codec that OpenCV writes into them."""

_NAMES = {"mp4v": "MPEG-4 Part 2, without sound", "MJPG": "Motion JPEG, without sound"}
_LIVE_FPS = 30.0
_CLOCK = 90_000  # ticks a second of a saved video, the usual clock of MPEG
_LEAST_FREE = 1 << 20


class _Writer(Protocol):
    """Takes pictures with their times."""

    def add(self, image: Frame, seconds: float) -> None:
        """One picture, `seconds` after the first."""

    def finish(self) -> str:
        """Write what is left; what the file is, in words."""


class VideoSaver:
    """Saves annotated frames at their own times: a live or variable-rate source is neither sped up nor slowed down.

    With PyAV (extra `[video]`) the file is H.264 with a time per frame, and keeps the sound of a video file. Without it
    OpenCV writes a constant rate: frames are repeated or left out to follow the times.

    Args:
        path: ends in .mp4, .mov, .mkv or .avi.
        facts: about the source.
        max_fps: rate limit of the pipeline; 0 = none.
        layers: cues to draw, see `draw.annotate`.
        redact: hides faces; None shows them. Sound stays as it is.
    """

    def __init__(
        self,
        path: Path,
        facts: SourceFacts,
        max_fps: float,
        layers: Sequence[str] = (),
        redact: Redact | None = None,
    ) -> None:
        self._path, self._facts, self._layers, self._redact = path, facts, layers, redact
        rate = facts.fps or _LIVE_FPS
        self._fps = min(rate, max_fps) if max_fps else rate
        self._writer: _Writer | None = None
        self._size: tuple[int, int] | None = None
        self._first = 0.0

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Save one frame."""
        if self._writer is None:
            self._size, self._first = result.size, frame.timestamp
            self._writer = self._open(result.size)
        if result.size != self._size:
            raise SinkError(
                f"{self._path} has frames of {self._size}, and {result.source} is {result.size}: save to a folder "
                "instead"
            )
        picture = annotated(frame, result, self._layers, self._redact)
        self._writer.add(picture, frame.timestamp - self._first)
        return True

    def close(self) -> str:
        """Finish the file and check that it is whole."""
        if self._writer is None:
            return ""
        writer, self._writer = self._writer, None
        return f"{self._path} ({writer.finish()})"

    def _open(self, size: tuple[int, int]) -> _Writer:
        if self._path.suffix.lower() != ".avi":
            with contextlib.suppress(DependencyError):
                return _AvWriter(require("av"), self._path, size, self._fps, self._facts.file)
        return _OpenCvWriter(self._path, size, self._fps)


class _OpenCvWriter:
    """A constant rate that follows the times: a late frame is preceded by copies of the one before."""

    def __init__(self, path: Path, size: tuple[int, int], fps: float) -> None:
        cv2 = require("cv2")
        self._cv2, self._path, self._fps = cv2, path, fps
        self._code = CODES[path.suffix.lower()]
        self._name = utf8_name(str(path)) or str(path)
        self._file = cv2.VideoWriter(self._name, cv2.VideoWriter_fourcc(*self._code), fps, size)
        if not self._file.isOpened():
            raise SinkError(f"OpenCV cannot write {path}: see whether the folder may be written, or try .avi")
        self._written = 0
        self._pending: Frame | None = None

    def add(self, image: Frame, seconds: float) -> None:
        """Write the frame before as often as time has gone on, and keep this one."""
        self._fill(max(self._written, round(seconds * self._fps)))
        self._pending = image

    def finish(self) -> str:
        """Write the last frame, close, and count what is there."""
        self._fill(self._written + 1)
        self._file.release()
        capture = self._cv2.VideoCapture(self._name)
        found = int(capture.get(self._cv2.CAP_PROP_FRAME_COUNT)) if capture.isOpened() else 0
        capture.release()
        if found < self._written:
            raise SinkError(_not_whole(self._path, f"it holds {max(found, 0)} of {self._written} frames"))
        return f"{_NAMES[self._code]}, {self._fps:g} frames/s, {self._written / self._fps:.1f} s"

    def _fill(self, count: int) -> None:
        while self._pending is not None and self._written < count:
            self._file.write(self._pending)
            self._written += 1


class _AvWriter:
    """H.264 with a time per frame."""

    def __init__(self, av: Any, path: Path, size: tuple[int, int], fps: float, sound: Path | None) -> None:
        self._av, self._path, self._sound = av, path, sound
        try:
            self._file = av.open(str(path), "w")
        except OSError as error:
            raise SinkError(f"{path} cannot be written: {error.strerror or error}") from error
        codec = "libx264" if "libx264" in av.codecs_available else "mpeg4"
        self._codec = {"libx264": "H.264", "mpeg4": "MPEG-4 Part 2"}[codec]
        stream = self._file.add_stream(codec, rate=Fraction(fps).limit_denominator(1001))
        # H.264 with shared chroma has even sides: an odd last row or column is left out.
        stream.width, stream.height = size[0] // 2 * 2, size[1] // 2 * 2
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _CLOCK)
        self._stream: Any = stream
        self._audio: Any = None
        self._input: Any = None
        if sound is not None:
            self._open_sound(sound)
        self._last, self._step, self._count = -1, round(_CLOCK / fps), 0

    def add(self, image: Frame, seconds: float) -> None:
        """Encode one frame."""
        frame = self._av.VideoFrame.from_ndarray(image[: self._stream.height, : self._stream.width], format="bgr24")
        ticks = max(round(seconds * _CLOCK), self._last + 1)
        if self._last >= 0:
            self._step = ticks - self._last
        frame.pts, frame.time_base, self._last = ticks, Fraction(1, _CLOCK), ticks
        self._count += 1
        with self._failures():
            for packet in self._stream.encode(frame):
                self._file.mux(packet)

    def finish(self) -> str:
        """Flush, copy the sound, close, and see that the file can be read to its end."""
        with self._failures():
            for packet in self._stream.encode(None):
                self._file.mux(packet)
            sound = self._copy_sound()
            self._file.close()
            with self._av.open(str(self._path)) as file:
                found = sum(1 for packet in file.demux(video=0) if packet.size)
        if found < self._count:
            raise SinkError(_not_whole(self._path, f"it holds {found} of {self._count} frames"))
        return f"{self._codec}{sound}, {self._count} frames, {(self._last + self._step) / _CLOCK:.1f} s"

    def _open_sound(self, path: Path) -> None:
        """Prepare to copy the first sound track of the source, if it has one that the container takes."""
        with contextlib.suppress(self._av.error.FFmpegError, OSError, ValueError, IndexError):
            source = self._av.open(str(path))
            track = source.streams.audio[0]
            self._audio, self._input = self._file.add_stream_from_template(track), source

    def _copy_sound(self) -> str:
        if self._input is None:
            return ""
        end = (self._last + self._step) / _CLOCK
        with self._input as source:
            for packet in source.demux(source.streams.audio[0]):
                if packet.dts is None:
                    continue
                if packet.pts is not None and float(packet.pts * packet.time_base) > end:
                    break
                packet.stream = self._audio
                self._file.mux(packet)
        return " with sound"

    @contextlib.contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except (self._av.error.FFmpegError, OSError) as error:
            raise SinkError(_not_whole(self._path, str(error))) from error


def _not_whole(path: Path, reason: str) -> str:
    """Why a video is not whole, with the usual cause where it is the case."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(path.parent).free < _LEAST_FREE:
            reason += "; no space is left on the disk"
    return f"{path} was not written whole: {reason}"
