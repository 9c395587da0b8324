"""`ThreadGuard`: an object that belongs to one thread at a time says so instead of mixing up its buffers."""

from __future__ import annotations

import threading


class ThreadGuard:
    """`with exclusive:` around the work; a second thread that comes meanwhile gets an error, and does not wait.

    Args:
        what: name of the object, for the message.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        if not self._lock.acquire(blocking=False):
            raise RuntimeError(
                f"this {self._what} is busy in another thread: give each thread a {self._what} of its own"
            )

    def __exit__(self, *_: object) -> None:
        self._lock.release()
