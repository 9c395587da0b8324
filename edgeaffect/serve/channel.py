"""`Channel`: the newest item of a kind, from one thread to any number of viewers on an event loop.

A viewer has a queue of one: what it does not take in time is replaced by what is newer, so that a slow one neither
holds up the others nor costs memory.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Viewer(Generic[T]):
    """One that takes the newest item, again and again; belongs to the event loop."""

    def __init__(self, item: T | None, number: int) -> None:
        self._item, self._number = item, number
        self._taken = number - 1 if item is not None else number
        self._ready = asyncio.Event()
        self._is_over = False
        self._skipped = 0
        if item is not None:
            self._ready.set()

    @property
    def skipped(self) -> int:
        """Items that came and went while this viewer was busy."""
        return self._skipped + max(0, self._number - self._taken - 1)

    def offer(self, item: T, number: int) -> None:
        """Put an item in place of the one that waits."""
        self._item, self._number = item, number
        self._ready.set()

    def end(self) -> None:
        """Let `take` give None from now on."""
        self._is_over = True
        self._ready.set()

    async def take(self) -> T | None:
        """Wait for an item newer than the last one; None: there are no more."""
        await self._ready.wait()
        if self._is_over:
            return None
        self._ready.clear()
        assert self._item is not None
        self._skipped = self.skipped
        self._taken = self._number
        return self._item


class Channel(Generic[T]):
    """The newest item, and who wants it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._viewers: set[Viewer[T]] = set()
        self._item: T | None = None
        self._number = 0
        self._skipped = 0
        self._is_over = False

    @property
    def count(self) -> int:
        """Viewers now; may be read from any thread."""
        return len(self._viewers)

    @property
    def skipped(self) -> int:
        """Items that viewers were too slow for, since the start."""
        return self._skipped + sum(viewer.skipped for viewer in tuple(self._viewers))

    def bind(self, loop: asyncio.AbstractEventLoop | None) -> None:
        """The event loop of the viewers; None when it ends."""
        self._loop = loop

    def publish(self, item: T) -> None:
        """Give an item to all viewers; from any thread, without waiting."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):  # the loop has just been closed
                loop.call_soon_threadsafe(self._put, item)

    def end(self) -> None:
        """Send all viewers away; from any thread."""
        loop = self._loop
        if loop is not None:
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(self._end)

    @contextlib.contextmanager
    def viewer(self) -> Iterator[Viewer[T]]:
        """One more viewer, as long as the context lasts; on the event loop. It gets the newest item at once."""
        viewer = Viewer(self._item, self._number)
        if self._is_over:
            viewer.end()
        self._viewers.add(viewer)
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)
            self._skipped += viewer.skipped
            if not self._viewers:
                self._item = None  # an old picture is no use to the next viewer, and holds memory

    def _put(self, item: T) -> None:
        self._number += 1
        if not self._viewers:
            return
        self._item = item
        for viewer in self._viewers:
            viewer.offer(item, self._number)

    def _end(self) -> None:
        self._is_over = True
        for viewer in self._viewers:
            viewer.end()
