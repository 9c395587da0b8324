"""`Turned`: another source, its frames turned."""

from __future__ import annotations

import dataclasses
from collections.abc import Generator, Iterator

from ..errors import PictureError
from .base import Source, SourceFrame
from .geometry import Turn


class Turned(Source):
    """Frames of a source that cannot turn them itself; it belongs to this one and is closed with it."""

    def __init__(self, source: Source, turn: Turn) -> None:
        super().__init__()
        self._source, self._turn = source, turn
        self.original = source
        """The other one."""
        self.name, self.live, self.fps, self.length = source.name, source.live, source.fps, source.length
        self.errors = source.errors

    def __iter__(self) -> Iterator[SourceFrame]:
        return (answer for answer in self.answers() if isinstance(answer, SourceFrame))

    def answers(self) -> Generator[SourceFrame | PictureError, None, None]:
        """See `Source.answers`."""
        try:
            for answer in self._source.answers():
                self.lost = self._source.lost
                if isinstance(answer, SourceFrame):
                    answer = dataclasses.replace(answer, image=self._turn(answer.image, answer.color))
                yield answer
        finally:
            self.lost = self._source.lost

    def close(self) -> None:
        """Close the other source."""
        self._source.close()
