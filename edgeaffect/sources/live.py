"""What live sources share: the slots that their capture threads fill, and the frames that readers get."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .base import SourceFrame
from .mailbox import Mailbox


@dataclass
class Slot:
    """One frame's buffers, reused round after round."""

    buffer: Any = None
    """As the device delivered it."""
    image: Any = None
    """The same pixels in their final shape, or turned."""
    index: int = 0
    timestamp: float = 0.0
    wall_time: float = 0.0
    capture_seconds: float = 0.0


class CaptureThread:
    """A daemon thread that fills a mailbox until it returns or `stop` is set.

    Args:
        name: of the source and of the thread.
        color: layout of its frames.
        capture: fills `mailbox.writing` and publishes it until the event is set. What it raises reaches the reader.
    """

    def __init__(self, name: str, color: str, capture: Callable[[Mailbox[Slot], threading.Event], None]) -> None:
        self._name, self._color, self._capture = name, color, capture
        self._mailbox: Mailbox[Slot] = Mailbox((Slot(), Slot(), Slot()))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    @property
    def dropped(self) -> int:
        """Frames that nobody took."""
        return self._mailbox.dropped

    def frames(self) -> Iterator[SourceFrame]:
        """Start, and give the newest frame each time."""
        self._thread.start()
        while (slot := self._mailbox.take()) is not None:
            yield SourceFrame(
                slot.image, slot.index, slot.timestamp, "monotonic", self._name, slot.wall_time,
                color=self._color, dropped=self._mailbox.dropped, capture_seconds=slot.capture_seconds,
            )  # fmt: skip

    def stop(self, timeout: float) -> None:
        """End the thread, waiting for it at most `timeout` seconds; safe to call twice, and before it starts."""
        self._stop.set()
        if self._thread.ident is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _work(self) -> None:
        try:
            self._capture(self._mailbox, self._stop)
            self._mailbox.end()
        except BaseException as error:  # whatever ends this thread must reach the reader, who would wait forever
            self._mailbox.end(error)
