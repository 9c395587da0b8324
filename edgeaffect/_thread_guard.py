"""`ThreadGuard`: an object that belongs to one thread at a time says so instead of mixing up its buffers."""

from __future__ import annotations

import sys
import threading
from types import FrameType


class _Visit:
    """One stay inside a guard, by the function call that entered; the next visit hangs on this one."""

    __slots__ = ("_next", "frame", "thread")

    def __init__(self, frame: FrameType | None) -> None:
        self.thread = threading.get_ident()
        self.frame = frame
        """Stack frame of the function that entered; None once it has left."""
        self._next: dict[str, _Visit] = {}

    def followed_by(self, visit: _Visit) -> _Visit:
        """The next visit: this one, unless another thread came first."""
        # setdefault is one step for the interpreter: of several threads exactly one comes next.
        return self._next.setdefault("visit", visit)

    def is_running(self) -> bool:
        """Whether the function that entered is still on its thread's stack."""
        wanted = self.frame
        frame = None if wanted is None else sys._current_frames().get(self.thread)
        while frame is not None and frame is not wanted:
            frame = frame.f_back
        return frame is not None


class ThreadGuard:
    """`with guard:` around the work; a second thread that comes meanwhile gets an error, and does not wait.

    A lock would stay taken for ever when Ctrl-C strikes between taking it and the protected block. So a visit counts
    only while the function that entered is still on the stack of its thread: one cut short by an interrupt is seen to
    be over. Whoever comes next takes over from the last visit, which only one thread can.

    For plain functions: a generator that yields inside the block leaves the stack, and with it the guard.

    Args:
        what: name of the object, for the message.
        advice: what the other thread should do; None: have an object of its own.
    """

    def __init__(self, what: str, advice: str | None = None) -> None:
        self._what, self._advice = what, advice or f"give each thread a {what} of its own"
        self._last = _Visit(None)

    def __enter__(self) -> None:
        mine = _Visit(sys._getframe(1))
        last = self._last
        while last is not mine:
            # A visit of the same call was cut short too: that call is here, not inside its block.
            if last.frame is not mine.frame and last.is_running():
                raise RuntimeError(self._message(last))
            last = last.followed_by(mine)
        self._last = mine

    def __exit__(self, *_: object) -> None:
        self._last.frame = None

    def _message(self, visit: _Visit) -> str:
        if visit.thread == threading.get_ident():
            return f"this {self._what} is at work already: it cannot be called from inside its own call"
        return f"this {self._what} is busy in another thread: {self._advice}"
