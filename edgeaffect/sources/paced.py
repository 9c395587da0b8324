"""`PacedSource`: a camera made of frames in memory, to try and to measure live input without a device."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np

from .._checks import check_positive
from ..errors import SourceError
from ..image import Frame, check_color
from .base import Source, SourceFrame
from .live import CaptureThread, Slot
from .mailbox import Mailbox

_JOIN_SECONDS = 1.0


class PacedSource(Source):
    """Delivers frames on a clock as a camera does: the newest wins, and those that nobody took count as dropped.

    Args:
        frames: uint8 arrays in the layout that `color` names, played again from the start at their end.
        fps: frames per second.
        seconds: how long it lasts; None plays the frames once.
        color: see `image.check_color`.

    Raises:
        ValueError: no frames, or a rate or time that is not positive.
    """

    live = True

    def __init__(
        self, frames: Sequence[Frame], *, fps: float = 30.0, seconds: float | None = None, color: str = "bgr"
    ) -> None:
        super().__init__()
        check_color(color)
        check_positive("fps", fps, unit=" frames per second")
        if seconds is not None:
            check_positive("seconds", seconds)
        if not len(frames):
            raise ValueError("frames must hold one frame or more; got none")
        self.name, self.fps = f"paced at {fps:g} fps", fps
        self.length = len(frames) if seconds is None else max(1, round(fps * seconds))
        self._frames, self._color = frames, color
        self._thread: CaptureThread | None = None

    @property
    def dropped(self) -> int:
        """Frames so far that nobody took."""
        return self._thread.dropped if self._thread is not None else 0

    def __iter__(self) -> Iterator[SourceFrame]:
        if self._thread is not None:
            raise SourceError(f"{self.name} is iterated already or was: make a new PacedSource")
        self._thread = CaptureThread(self.name, self._color, self._produce)
        try:
            yield from self._thread.frames()
        finally:
            self.close()

    def close(self) -> None:
        """End the thread that delivers; safe to call twice."""
        if self._thread is not None:
            self._thread.stop(_JOIN_SECONDS)

    def _produce(self, mailbox: Mailbox[Slot], stop: threading.Event) -> None:
        start = time.monotonic()
        assert self.fps is not None and self.length is not None
        for index in range(self.length):
            due = start + index / self.fps
            if stop.wait(max(0.0, due - time.monotonic())):
                return
            slot, begin = mailbox.writing, time.perf_counter()
            image = self._frames[index % len(self._frames)]
            if slot.image is None or slot.image.shape != image.shape:  # pictures of a folder may differ in size
                slot.image = np.empty_like(image)
            np.copyto(slot.image, image)
            # The time stamp is the moment the frame was due: a late thread must not make its age look small.
            slot.index, slot.timestamp, slot.wall_time = index, due, time.time()
            slot.capture_seconds = time.perf_counter() - begin
            mailbox.publish()
