"""`ProcessBound`: an object with loaded models says that it cannot be pickled, and what to do instead."""

from __future__ import annotations

from typing import NoReturn


class ProcessBound:
    """Base of what holds a session, a stream or memory of a GPU: worker processes make their own."""

    def __reduce__(self) -> NoReturn:
        name = type(self).__name__
        raise TypeError(f"{name} holds a loaded model and cannot be pickled or copied: make one in each process")
