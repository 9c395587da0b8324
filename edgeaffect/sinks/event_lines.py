"""`EventLines`: JSON Lines of events as they begin and end."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol

from ..results import Result
from .base import TakenFrame
from .lines import LineFile


class LineEvent(Protocol):
    """An event with plain values (`events.Event`)."""

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""


class EventSource(Protocol):
    """What turns results into events (`events.EventDetector`)."""

    def update(self, result: Result) -> Iterable[LineEvent]:
        """Events that one more result starts or ends."""

    def finish(self) -> Iterable[LineEvent]:
        """The ends of all events that are on."""


class EventLines:
    """Writes one line per start and per end.

    Args:
        target: path, or `-` for standard output.
        detector: makes the events.

    Raises:
        FileNotFoundError: the folder is not there.
    """

    def __init__(self, target: str, detector: EventSource) -> None:
        self._file, self._detector = LineFile(target), detector

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write the events of one frame."""
        self._put(self._detector.update(result))
        return True

    def close(self) -> str:
        """Write the ends of what is still on, and close the file."""
        self._put(self._detector.finish())
        return self._file.close("event")

    def _put(self, events: Iterable[LineEvent]) -> None:
        self._file.write(*(json.dumps(event.to_dict(), allow_nan=False) for event in events))
