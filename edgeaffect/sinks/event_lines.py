"""`EventLines`: JSON Lines of events as they begin and end."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol, TextIO

from ..results import Result
from .base import TakenFrame


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
        self._target, self._detector = target, detector
        self._lines = 0
        self._stack = contextlib.ExitStack()
        self._stream: TextIO = sys.stdout
        if target != "-":
            folder = Path(target).parent
            if not folder.is_dir():
                raise FileNotFoundError(f"no such folder: {folder}; make it first, or write elsewhere")
            file = open(target, "w", encoding="utf-8")  # noqa: SIM115  (closed by close)
            self._stream = self._stack.enter_context(file)

    def write(self, frame: TakenFrame, result: Result) -> bool:
        """Write the events of one frame."""
        self._put(self._detector.update(result))
        return True

    def close(self) -> str:
        """Write the ends of what is still on, and close the file."""
        self._put(self._detector.finish())
        self._stack.close()
        return "" if self._target == "-" else f"{self._target} ({self._lines} events)"

    def _put(self, events: Iterable[LineEvent]) -> None:
        for event in events:
            self._stream.write(json.dumps(event.to_dict(), allow_nan=False) + "\n")
            self._lines += 1
        self._stream.flush()
