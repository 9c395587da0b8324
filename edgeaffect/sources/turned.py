"""`Turned`: another source, its frames turned."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from .base import Source, SourceFrame
from .geometry import Turn


class Turned(Source):
    """Frames of a source that cannot turn them itself; it belongs to this one and is closed with it."""

    def __init__(self, source: Source, turn: Turn) -> None:
        super().__init__()
        self._source, self._turn = source, turn
        self.name, self.live, self.fps, self.length = source.name, source.live, source.fps, source.length
        self.errors = source.errors

    def __iter__(self) -> Iterator[SourceFrame]:
        try:
            for frame in self._source:
                self.lost = self._source.lost
                yield dataclasses.replace(frame, image=self._turn(frame.image, frame.color))
        finally:
            self.lost = self._source.lost

    def close(self) -> None:
        """Close the other source."""
        self._source.close()
