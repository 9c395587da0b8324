"""`Mailbox`: hands the newest item from one thread to another without waiting and without allocating."""

from __future__ import annotations

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Mailbox of one, between one writer and one reader: the latest item wins, an overwrite counts as a drop.

    Three slots go round: one belongs to the writer, one to the reader, one lies in between. Both sides only swap
    slots, so neither ever waits for the other to finish with its item.

    Args:
        slots: three mutable items to be reused.
    """

    def __init__(self, slots: tuple[T, T, T]) -> None:
        self._writing, self._between, self._reading = slots
        self._fresh = False
        self._end: BaseException | None = None
        self._ended = False
        self._condition = threading.Condition()
        self.dropped = 0

    @property
    def writing(self) -> T:
        """The writer's own slot: fill it, then `publish`."""
        return self._writing

    def publish(self) -> None:
        """Hand over what the writer's slot holds; an item that nobody took is dropped."""
        with self._condition:
            self.dropped += self._fresh
            self._writing, self._between = self._between, self._writing
            self._fresh = True
            self._condition.notify()

    def end(self, error: BaseException | None = None) -> None:
        """No more items; what lies in the mailbox can still be taken, then the reader gets None or `error`."""
        with self._condition:
            self._ended, self._end = True, error
            self._condition.notify()

    def take(self) -> T | None:
        """Wait for an item newer than the last one; it belongs to the reader until the next `take`. None: the end."""
        with self._condition:
            self._condition.wait_for(lambda: self._fresh or self._ended)
            if not self._fresh:
                if self._end is not None:
                    raise self._end
                return None
            self._reading, self._between = self._between, self._reading
            self._fresh = False
            return self._reading
