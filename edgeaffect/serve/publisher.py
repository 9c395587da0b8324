"""`Publisher`: makes pictures and JSON of the newest frame, once for all viewers, in a thread of its own.

The pipeline's thread hands a frame over when this thread is free and somebody watches, and never waits.
"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from .._lazy import require
from ..draw import annotate, to_bgr
from ..image import Frame
from ..options.serve import ServeOptions
from ..results import Result
from ..sinks.base import Redact
from ..sources import SourceFrame
from .channel import Channel

logger = logging.getLogger(__name__)

_JOIN_SECONDS = 2.0


class Publisher:
    """Encodes what viewers get.

    Args:
        options: rates and quality.
        layers: of cues to draw, see `draw.annotate`.
        redact: hides faces in pictures; None shows them.
    """

    def __init__(self, options: ServeOptions, layers: Sequence[str] = (), redact: Redact | None = None) -> None:
        self.pictures: Channel[bytes] = Channel()
        self.messages: Channel[str] = Channel()
        """Results as JSON (`Result.to_dict`)."""
        self.encoded = 0
        """Pictures so far."""
        self._options, self._layers, self._redact = options, tuple(layers), redact
        self._changed = threading.Condition()
        self._next: tuple[SourceFrame | None, Result, tuple[str, ...]] | None = None
        self._is_busy = self._is_closed = False
        self._buffer: Frame | None = None
        self._kept: tuple[SourceFrame, Result, tuple[str, ...]] | None = None
        self._picture_due = self._result_due = 0.0
        self._thread = threading.Thread(target=self._work, name="edgeaffect-publish", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def offer(self, frame: SourceFrame, result: Result, events: Iterable[str], *, keep: bool = False) -> None:
        """Hand over one frame and its result; returns at once.

        Args:
            frame: its pixels are copied where they are wanted.
            result: of the frame.
            events: names of those that are on.
            keep: remember it for viewers who come when no more frames do (films end).
        """
        now = time.monotonic()
        wants_picture = self.pictures.count > 0 and now >= self._picture_due
        wants_result = self.messages.count > 0 and now >= self._result_due
        if self._is_busy or not (wants_picture or wants_result or keep):
            return
        with self._changed:
            if self._is_busy:  # `repeat` came in between
                return
            taken = self._copied(frame) if wants_picture or keep else None
            names = tuple(dict.fromkeys(events))  # two faces may smile
            if keep and taken is not None:
                self._kept = (taken, result, names)
            if not (wants_picture or wants_result):
                return
            if wants_picture:
                self._picture_due = max(self._picture_due + 1 / self._options.video_fps, now)
            if wants_result:
                self._result_due = max(self._result_due + 1 / self._options.result_fps, now)
            self._next = (taken if wants_picture else None, result, names)
            self._is_busy = True
            self._changed.notify()

    def repeat(self) -> None:
        """Show what was kept once more, to a viewer who came when no more frames do."""
        with self._changed:
            if self._kept is not None and not self._is_busy:
                self._next, self._is_busy = self._kept, True
                self._changed.notify()

    def close(self) -> None:
        """End the thread; safe to call twice."""
        with self._changed:
            self._is_closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(_JOIN_SECONDS)

    def _copied(self, frame: SourceFrame) -> SourceFrame:
        """The frame with pixels that stay. The thread is idle: nobody reads the buffer."""
        if self._buffer is None or self._buffer.shape != frame.image.shape:
            self._buffer = np.empty_like(frame.image)
        np.copyto(self._buffer, frame.image)
        return SourceFrame(
            self._buffer, frame.index, frame.timestamp, frame.clock, frame.source, frame.wall_time, frame.color,
            frame.dropped, frame.still,
        )  # fmt: skip

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._next is not None or self._is_closed)
                if self._is_closed:
                    return
                assert self._next is not None
                (frame, result, names), self._next = self._next, None
            try:
                self._publish(frame, result, names)
            except Exception:
                # A picture that cannot be drawn must not end the page; the next one may be well.
                logger.exception("a frame could not be published")
            self._is_busy = False

    def _publish(self, frame: SourceFrame | None, result: Result, names: Sequence[str]) -> None:
        if self.messages.count:
            values = {"type": "result", "result": result.to_dict()}
            self.messages.publish(json.dumps(values, allow_nan=False, separators=(",", ":")))
        if frame is not None:
            self.pictures.publish(self.encode(frame, result, names))
            self.encoded += 1

    def encode(self, frame: SourceFrame, result: Result, names: Sequence[str] = ()) -> bytes:
        """An annotated JPEG."""
        cv2: Any = require("cv2")
        plain = to_bgr(frame.image, frame.color) if self._redact is None else self._redact(frame, result)
        image = annotate(plain, result, layers=self._layers, events=names)
        height, width = image.shape[:2]
        if width > self._options.video_width:
            size = (self._options.video_width, max(1, round(height * self._options.video_width / width)))
            image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        ok, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, self._options.jpeg_quality])
        assert ok, "OpenCV encodes any BGR picture as JPEG"
        return bytes(data)
