"""`Bridge`: images and sound of ROS in, messages out. All of the node but its wiring; it needs no ROS."""

from __future__ import annotations

import time
from typing import Any

from ...errors import Error
from ...pipeline.pipeline import Pipeline
from ...sources.ros_image import frame_of
from .diagnostics import Level, diagnostics
from .message import SECOND, Header, Message, Outgoing, split
from .sound import SoundFormat, samples_of
from .translator import Publication, Translator

_SNAP = 0.25
"""Sound that begins within so many seconds of the end of the sound before follows it without a gap: stamps jitter."""
_NEWEST = 0.1
"""Share of the newest frame in the mean of rates and times."""


class Bridge:
    """Feeds a pipeline from messages.

    Args:
        pipeline: stays the caller's to close.
        publication: what is said.
        sound: how the bytes of sound are samples, until an `AudioInfo` says.
        frame_id: optical frame of the camera; empty: that of each image's header.
        stall_seconds: without an image for so long, `report` says so.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        publication: Publication,
        *,
        sound: SoundFormat | None = None,
        frame_id: str = "",
        stall_seconds: float = 2.0,
    ) -> None:
        self._pipeline, self._translator = pipeline, Translator(publication)
        self._sound, self._frame_id, self._stall = sound or SoundFormat(), frame_id, stall_seconds
        self._last_frame = "camera"
        self._sound_end: float | None = None
        self.frames = self.refused = 0
        self._mean_ms = self._mean_gap = 0.0
        self._arrived: float | None = None
        self._faces = 0
        self._trouble = ""

    def image(self, message: Any, now_ns: int) -> list[Outgoing]:
        """Perceive a `sensor_msgs/Image` or `CompressedImage`, and say what is in it.

        Args:
            message: the image; its pixels are looked at where they lie, and not kept.
            now_ns: the node's clock, for images without a stamp.

        Raises:
            Error, ValueError: the image is none that can be read, or time goes back with `on_time_jump="raise"`.
        """
        began = time.monotonic()
        try:
            frame = frame_of(message)
            header = self._header(message, now_ns)
            result = self._pipeline.process(frame.pixels, header.stamp_ns / SECOND, frame.color)
        except (Error, ValueError) as error:
            self.refused += 1
            self._trouble = " ".join(str(error).split())
            raise
        self._trouble = ""
        sent = self._translator.messages(result, header, frame.pixels, frame.color)
        self._count(began, len(result.faces))
        return sent

    def sound(self, message: Any, now_ns: int) -> None:
        """Hear an `AudioData` (its last sample is of now) or `AudioDataStamped` (its first one is of its stamp).

        Raises:
            Error, ValueError: its bytes are no samples of the format that was told.
        """
        samples = samples_of(message, self._sound)
        if not len(samples):
            return
        seconds = len(samples) / self._sound.sample_rate
        stamp = split(message.header.stamp) if hasattr(message, "header") else 0
        begin = stamp / SECOND if stamp else now_ns / SECOND - seconds
        if self._sound_end is not None and abs(begin - self._sound_end) < _SNAP:
            begin = self._sound_end
        self._sound_end = begin + seconds
        self._pipeline.accept_audio(samples, self._sound.sample_rate, begin)

    def sound_info(self, message: Any) -> None:
        """Learn from an `AudioInfo` how sound comes.

        Raises:
            ValueError: as for `SoundFormat.of`.
        """
        self._sound = SoundFormat.of(message)

    def report(self, now_ns: int, name: str = "edgeaffect") -> Message:
        """`diagnostic_msgs/DiagnosticArray` on how it goes."""
        silent = None if self._arrived is None else time.monotonic() - self._arrived
        if self._trouble:
            level, text = Level.ERROR, self._trouble
        elif silent is None:
            level, text = Level.WARN, "no image has come yet"
        elif silent > self._stall:
            level, text = Level.ERROR, f"no image for {silent:.1f} s"
        else:
            level, text = Level.OK, f"{self._faces} face{'' if self._faces == 1 else 's'} in view"
        values = {
            "images": self.frames,
            "images refused": self.refused,
            "images per second": f"{1 / self._mean_gap:.1f}" if self._mean_gap else "",
            "milliseconds per image": f"{self._mean_ms:.2f}",
            "faces": self._faces,
            **{f"{stage} model": name for stage, name in self._pipeline.describe()["models"].items()},
        }
        return diagnostics(level, text, values, Header(now_ns, ""), name=name, device=self._last_frame)

    def farewell(self, now_ns: int) -> list[Outgoing]:
        """That nobody is tracked any more; the pipeline forgets everybody."""
        self._pipeline.reset()
        self._sound_end, self._arrived = None, None
        return self._translator.farewell(Header(now_ns, self._last_frame))

    def _header(self, message: Any, now_ns: int) -> Header:
        self._last_frame = self._frame_id or str(message.header.frame_id) or "camera"
        return Header(split(message.header.stamp) or now_ns, self._last_frame)

    def _count(self, began: float, faces: int) -> None:
        done = time.monotonic()
        share = _NEWEST if self.frames else 1.0
        self._mean_ms += share * ((done - began) * 1000 - self._mean_ms)
        if self._arrived is not None:
            share = _NEWEST if self._mean_gap else 1.0
            self._mean_gap += share * (began - self._arrived - self._mean_gap)
        self._arrived, self._faces = began, faces
        self.frames += 1
