"""Progress bar for files, when somebody watches."""

from __future__ import annotations

import time
from typing import TextIO

from ..results import Result
from ..sources import Source, SourceFrame

_WIDTH = 28
_REFRESH = 0.1


class Progress:
    """One line that shows how far a file is done; silent for live sources and where `stream` is no terminal."""

    def __init__(self, source: Source, stream: TextIO) -> None:
        self._total = source.length
        self._stream = stream
        self._active = bool(self._total and self._total > 1 and not source.live and stream.isatty())
        self._start = self._drawn = time.monotonic()

    def step(self, frame: SourceFrame, result: Result) -> None:
        now = time.monotonic()
        if not self._active or now - self._drawn < _REFRESH:
            return
        self._drawn = now
        assert self._total is not None
        share = min(1.0, (frame.index + 1) / self._total)
        left = (now - self._start) * (1 - share) / share
        bar = "#" * round(share * _WIDTH)
        total = result.timings_ms.get("total", 0.0)
        self._stream.write(f"\r[{bar:<{_WIDTH}}] {share:4.0%}  {left:4.0f} s left  {total:5.1f} ms a frame \x1b[K")
        self._stream.flush()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._active:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
