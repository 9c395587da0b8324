"""`Camera`: a device, network stream or GStreamer pipeline; always the latest frame."""

from __future__ import annotations

import logging
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .._checks import check_positive, show
from .._lazy import require
from ..errors import SourceError
from ..image import Frame
from .base import Source, SourceFrame, check_name, public_name, quiet_opencv
from .geometry import Turn
from .live import CaptureThread, Slot
from .mailbox import Mailbox
from .reconnect import Reconnect, ReconnectPolicy

logger = logging.getLogger(__name__)

# pixel format asked of the device -> colour of our frames; the raw ones skip OpenCV's own conversion
_RAW = {"NV12": "nv12", "YUYV": "yuyv", "GREY": "gray"}
_DECODED = ("MJPG", "H264", "BGR3", "RGB3")
# A stream of known length that ends after this share of it (lengths are estimates) has ended, and was not lost.
_WHOLE = 0.9


class Camera(Source):
    """Latest frame of a live source, taken by a thread of its own.

    Args:
        source: index of a device, a path such as `/dev/video0`, a URL (`rtsp://`, `http://`, ...), or a GStreamer
            pipeline that ends in `appsink` (needs an OpenCV built with GStreamer).
        width: pixels to ask of the device; it may answer with the nearest it has.
        height: likewise.
        fps: likewise, frames per second.
        pixel_format: `NV12`, `YUYV` or `GREY` deliver the device's own pixels, not converted (fastest);
            `MJPG` or None let OpenCV make BGR.
        rotate: degrees clockwise, 0, 90, 180 or 270.
        mirror: swap left and right, after the turn.
        reconnect: when the camera is lost, how long and how often to open it again; a number is the seconds to keep
            trying at growing intervals, 0 raises at once.
        timeout: seconds that opening or reading a network stream may take.

    Raises:
        SourceError: cannot be opened, does not deliver `pixel_format`, or was lost for longer than `reconnect` allows.
    """

    live = True

    def __init__(
        self,
        source: int | str = 0,
        *,
        width: int | None = None,
        height: int | None = None,
        fps: float | None = None,
        pixel_format: str | None = None,
        rotate: int = 0,
        mirror: bool = False,
        reconnect: float | ReconnectPolicy = ReconnectPolicy(),  # noqa: B008  (frozen)
        timeout: float = 5.0,
    ) -> None:
        super().__init__()
        if isinstance(source, bool) or not isinstance(source, (int, str)) or source == "":
            raise TypeError(f"a camera is an index, device path, URL or GStreamer pipeline; got {show(source)}")
        if isinstance(source, str):
            check_name(source)
        for name, value in (("width", width), ("height", height), ("fps", fps), ("timeout", timeout)):
            if value is not None:
                check_positive(name, value)
        if pixel_format is not None and pixel_format not in (*_RAW, *_DECODED):
            allowed = ", ".join((*_RAW, *_DECODED))
            raise ValueError(f"pixel_format must be None or one of {allowed}; got {show(pixel_format)}")
        self._source, self._wanted = source, (width, height, fps)
        self._pixel_format, self._turn = pixel_format, Turn(rotate, mirror)
        self._policy, self._timeout = ReconnectPolicy.of(reconnect), timeout
        self.color = _RAW.get(pixel_format or "", "bgr")
        self.name = f"camera:{source}" if isinstance(source, int) else public_name(source)
        self.reconnects = 0
        """Times the camera was lost and found again."""
        self._is_closed = False
        self._thread: CaptureThread | None = None
        self._capture = self._open()

    def __iter__(self) -> Iterator[SourceFrame]:
        if self._thread is not None or self._is_closed:
            raise SourceError(f"{self.name} is iterated already or closed: make a new Camera")
        self._thread = CaptureThread(self.name, self.color, self._work)
        try:
            yield from self._thread.frames()
        finally:
            self.close()

    def close(self) -> None:
        """End the capture thread and release the device; safe to call twice."""
        self._is_closed = True
        if self._thread is None:
            self._capture.release()
        else:
            # A driver may hang in read(): the thread is a daemon and releases the device when it gets back.
            self._thread.stop(self._timeout)

    def _work(self, mailbox: Mailbox[Slot], stop: threading.Event) -> None:
        """The capture thread: grab, stamp, decode into the writer's slot, publish."""
        index = opened_at = 0
        reconnect = Reconnect(self._policy)
        reconnect.open(time.monotonic())
        try:
            while not stop.is_set():
                if not self._capture.grab():
                    if self._length and index - opened_at >= _WHOLE * self._length:
                        break
                    self._recover(reconnect, stop)
                    opened_at = index
                    continue
                slot = mailbox.writing
                slot.timestamp, slot.wall_time, slot.index = time.monotonic(), time.time(), index
                ok, slot.buffer = self._capture.retrieve(slot.buffer)
                if ok:
                    slot.image = self._turn(self._shaped(slot.buffer), self.color)
                    slot.capture_seconds = time.monotonic() - slot.timestamp
                    mailbox.publish()
                    index += 1
        finally:
            self._capture.release()

    def _recover(self, reconnect: Reconnect, stop: threading.Event) -> None:
        """Open the lost camera again, waiting longer each time."""
        self._capture.release()
        reconnect.lose(time.monotonic())
        logger.warning("%s was lost; trying to open it again for %g s", self.name, self._policy.seconds)
        while not stop.is_set():
            wait = reconnect.wait(time.monotonic())
            if wait is None:
                tried = reconnect.failure(time.monotonic())
                raise SourceError(f"{self.name} was lost and did not come back to stay {tried}")
            if stop.wait(wait):
                return
            try:
                self._capture = self._open()
            except SourceError as error:
                logger.info("%s", error)
                continue
            reconnect.open(time.monotonic())
            self.reconnects += 1
            logger.warning("%s is back", self.name)
            return

    def _open(self) -> Any:
        cv2 = require("cv2")
        source, backend, parameters = self._source, cv2.CAP_ANY, []
        if isinstance(source, int) or source.startswith("/dev/video"):
            backend = cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY
        elif "://" in source:
            backend = cv2.CAP_FFMPEG
            milliseconds = round(self._timeout * 1000)
            parameters = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, milliseconds, cv2.CAP_PROP_READ_TIMEOUT_MSEC, milliseconds]
        elif "!" in source:
            backend = cv2.CAP_GSTREAMER
        with quiet_opencv():
            capture = cv2.VideoCapture(source, backend, parameters)
        if not capture.isOpened():
            capture.release()
            raise SourceError(f"cannot open {self.name}: {self._reason(backend)}")
        # The format comes first: drivers reset the size when it changes.
        if self._pixel_format:
            capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter_fourcc(*self._pixel_format))
        keys = (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS)
        for key, value in zip(keys, self._wanted, strict=True):
            if value:
                capture.set(key, value)
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        if self._pixel_format in _RAW:
            capture.set(cv2.CAP_PROP_CONVERT_RGB, 0)
            code = int(capture.get(cv2.CAP_PROP_FOURCC))
            delivered = code.to_bytes(4, "little", signed=code < 0).decode("ascii", "replace")
            if delivered != self._pixel_format:
                capture.release()
                raise SourceError(
                    f"{self.name} delivers {delivered!r}, not {self._pixel_format}: leave pixel_format out, or list "
                    "what it has with: v4l2-ctl --list-formats-ext"
                )
        self._size = (int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT)))
        self._length = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
        rate = capture.get(cv2.CAP_PROP_FPS)
        self.fps = rate if 0 < rate < 1000 else None
        return capture

    def _reason(self, backend: int) -> str:
        """Why it may have failed, as far as one can tell from outside."""
        cv2 = require("cv2")
        if backend == cv2.CAP_GSTREAMER:
            if not cv2.videoio_registry.isBackendBuiltIn(backend):
                return "this OpenCV has no GStreamer (those from PyPI have not); use the system's python3-opencv"
            return "GStreamer refused the pipeline; try it with gst-launch-1.0"
        if backend == cv2.CAP_FFMPEG:
            return f"nothing usable answered there (it was given {self._timeout:g} s)"
        devices = ", ".join(sorted(str(p) for p in Path("/dev").glob("video*"))) or "none"
        return f"devices present: {devices}; if it is listed, another program may hold it or you lack group 'video'"

    def _shaped(self, image: Frame) -> Frame:
        """Raw frames come as rows of bytes in various shapes: give them the one that `frames` defines."""
        width, height = self._size
        if self.color == "nv12":
            return image.reshape(height * 3 // 2, width)
        if self.color == "yuyv":
            return image.reshape(height, width, 2)
        if self.color == "gray":
            return image.reshape(height, width)
        return image
