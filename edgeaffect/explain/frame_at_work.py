"""`FrameAtWork`: lets frames pass before whoever talks, so that a sentence comes between them."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

LONGEST_STEP = 0.03
"""Seconds that one step of an answer waits for frames at most ..."""
LONGEST_ANSWER = 0.5
"""... and all steps of one answer together: also beside frames without a pause a sentence ends."""

# No step begins so shortly before the next frame is due (seconds): a few times what a token takes, so that it is over
# when the frame comes.
_AHEAD = 0.004
_POLL = 0.001


class FrameAtWork:
    """`with frame_at_work:` around a frame; whoever talks calls `let_pass` before each of its steps.

    A frame only writes down that it is here, and never waits: no lock, so that nothing can hang after an error,
    Ctrl-C or a fork. The one who talks looks again every millisecond. It waits for the frame at work, and for one
    that is due by the time between the last two, as a step that has begun cannot be cut short. For one thread of
    frames, which may be of several cameras, and one that talks.

    Args:
        clock: seconds that go on.
        sleep: takes seconds.
    """

    __slots__ = ("_began", "_clock", "_due", "_is_here", "_patience", "_sleep")

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        self._clock, self._sleep = clock, sleep
        self._is_here = False
        self._began, self._due = -math.inf, math.inf
        self._patience = LONGEST_ANSWER

    def __enter__(self) -> None:
        now = self._clock()
        self._due, self._began = 2 * now - self._began, now
        self._is_here = True

    def __exit__(self, *_: object) -> None:
        self._is_here = False

    def begin_answer(self) -> None:
        """The steps that follow belong to a new answer, which has `LONGEST_ANSWER` to wait."""
        self._patience = LONGEST_ANSWER

    def let_pass(self) -> None:
        """Wait while a frame is at work or about to come, `LONGEST_STEP` at most; at once where there are none."""
        began = now = self._clock()
        end = began + min(LONGEST_STEP, self._patience)
        while now < end and (self._is_here or abs(now - self._due) < _AHEAD):
            self._sleep(_POLL)
            now = self._clock()
        self._patience -= now - began
