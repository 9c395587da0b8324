"""A progress bar on stderr, on terminals only."""

from __future__ import annotations

import sys
import time
from typing import TextIO

_WIDTH = 28


class Progress:
    """Advances by expected seconds of work.

    Args:
        total: expected seconds of everything.
        stream: where to; silent unless it is a terminal.
    """

    def __init__(self, total: float, stream: TextIO | None = None) -> None:
        self._total, self._done = max(total, 1e-9), 0.0
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._begin = time.monotonic()
        self._label = ""

    def phase(self, label: str) -> None:
        self._label = label
        self._draw()

    def advance(self, seconds: float) -> None:
        self._done = min(self._total, self._done + seconds)
        self._draw()

    def close(self) -> None:
        """Leave a clean line."""
        if self._live:
            self._stream.write("\r\x1b[2K")
            self._stream.flush()

    def _draw(self) -> None:
        if not self._live:
            return
        share = self._done / self._total
        filled = round(share * _WIDTH)
        elapsed = time.monotonic() - self._begin
        bar = "#" * filled + "." * (_WIDTH - filled)
        self._stream.write(f"\r\x1b[2K[{bar}] {100 * share:3.0f} % {elapsed:4.0f} s  {self._label}")
        self._stream.flush()
