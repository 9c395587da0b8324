"""One line on a terminal that shows how far something is."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_WIDTH = 28
_REFRESH_SECONDS = 0.1


def _span(seconds: float) -> str:
    """A span of time in its two largest units."""
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    minutes = whole // 60
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h {minutes % 60:02d} min"


class ProgressLine:
    """Redraws one line: a bar, the time that is left, and a text. Silent where the stream is no terminal.

    Args:
        stream: where to draw; standard error by default.
        enabled: False keeps it silent on a terminal too.
    """

    def __init__(self, stream: TextIO | None = None, *, enabled: bool = True) -> None:
        self._stream = stream or sys.stderr
        self.active = enabled and self._stream.isatty()
        """Whether anything is drawn."""
        self._drawn_at = float("-inf")
        self._total: float | None = None
        self._done = self._first = 0.0
        self._started = time.monotonic()

    def show(self, done: float, total: float | None = None, text: str = "", *, force: bool = False) -> None:
        """Draw, at most ten times a second.

        Args:
            done: what is done, in the caller's own unit.
            total: everything; None (unknown) shows the text alone.
            text: what is being done.
            force: draw at once: a new phase must not wait for its first step.
        """
        if not self.active:
            return
        now = time.monotonic()
        if total != self._total or done < self._done:  # another piece of work: its speed is not known yet
            self._total, self._first, self._started = total, done, now
        self._done = done
        if not force and now - self._drawn_at < _REFRESH_SECONDS:
            return
        self._drawn_at = now
        line = f"{self._bar(now)}  {text}" if total else text
        self._stream.write(f"\r\x1b[2K{line}")
        self._stream.flush()

    def _bar(self, now: float) -> str:
        assert self._total is not None
        share = min(1.0, self._done / self._total)
        advanced = self._done - self._first
        left = (now - self._started) * max(0.0, self._total - self._done) / advanced if advanced > 0 else None
        bar = "#" * round(share * _WIDTH)
        return f"[{bar:.<{_WIDTH}}] {100 * share:3.0f} %" + ("" if left is None else f"  {_span(left)} left")

    def clear(self) -> None:
        """Leave an empty line behind."""
        if self.active:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def __enter__(self) -> ProgressLine:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()
