"""`Arrays`: frames that are NumPy arrays already."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sized

from .._checks import is_number, show
from ..image import Frame, check_color
from .base import Source, SourceFrame


class Arrays(Source):
    """Frames from any iterable of arrays.

    Args:
        frames: uint8 arrays in the layout that `color` names.
        fps: frame rate that gives each frame its time; None takes the moment of arrival (frames of a live device).
        color: see `image.check_color`.
        still: each array is a picture by itself.
    """

    def __init__(
        self, frames: Iterable[Frame], *, fps: float | None = 30.0, color: str = "bgr", still: bool = False
    ) -> None:
        super().__init__()
        check_color(color)
        if fps is not None and not (is_number(fps) and fps > 0):
            raise ValueError(f"fps must be positive, or None for the time of arrival; got {show(fps)}")
        self.name, self.fps, self.live = "arrays", fps, False
        self.length = len(frames) if isinstance(frames, Sized) else None
        self._frames, self._color, self._still = frames, color, still

    def __iter__(self) -> Iterator[SourceFrame]:
        for index, image in enumerate(self._frames):
            timestamp = time.monotonic() if self.fps is None else index / self.fps
            yield SourceFrame(
                image, index, timestamp, "monotonic" if self.fps is None else "media", self.name, time.time(),
                color=self._color, still=self._still,
            )  # fmt: skip
