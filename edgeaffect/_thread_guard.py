"""`ThreadGuard`: an object that belongs to one thread at a time says so instead of mixing up its buffers."""

from __future__ import annotations

import sys
import threading
from types import FrameType

_Owner = tuple[int, FrameType]


class ThreadGuard:
    """`with guard:` around the work; a second thread that comes meanwhile gets an error, and does not wait.

    A lock would stay taken for ever when Ctrl-C strikes between taking it and the protected block. So the owner is kept
    as thread and stack frame, and counts only while that frame is still on the stack of that thread: an owner left
    behind by an interrupt is seen to be gone.

    Args:
        what: name of the object, for the message.
    """

    def __init__(self, what: str) -> None:
        self._what = what
        self._owner: dict[str, _Owner] = {}

    def __enter__(self) -> None:
        mine = (threading.get_ident(), sys._getframe(1))
        while True:
            # setdefault is one step for the interpreter: of two threads one becomes the owner.
            owner = self._owner.setdefault("owner", mine)
            if owner is mine:
                return
            if _is_running(owner):
                raise RuntimeError(self._message(owner))
            if self._owner.get("owner") is owner:
                self._owner.pop("owner", None)

    def __exit__(self, *_: object) -> None:
        self._owner.clear()

    def _message(self, owner: _Owner) -> str:
        if owner[0] == threading.get_ident():
            return f"this {self._what} is at work already: it cannot be called from inside its own call"
        return f"this {self._what} is busy in another thread: give each thread a {self._what} of its own"


def _is_running(owner: _Owner) -> bool:
    """Whether the owner's frame is still on its thread's stack."""
    ident, wanted = owner
    frame = sys._current_frames().get(ident)
    while frame is not None:
        if frame is wanted:
            return True
        frame = frame.f_back
    return False
