"""`Talker`: answers requests in a thread of its own, so that nobody who asks has to compute.

Each caller (a thread) may have one request waiting: a newer one takes its place. Requests are answered in the order in
which they came, one at a time.
"""

from __future__ import annotations

import queue
import threading
import weakref
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from .._checks import show
from ..errors import Error

T = TypeVar("T")

OnText = Callable[[str], object]
"""Takes a piece of text; returning False stops the sentence."""
Work = Callable[[OnText], T]
"""Computes an answer; its pieces go to the function it is given."""

# Seconds that closing waits for a thread that is inside a run of the model, which takes milliseconds.
_CLOSING = 5.0

WAITS_FOR_ITSELF = "on_text cannot ask again and wait: the thread that would answer is the one it runs in"


class ReplacedError(Error):
    """A newer request of the same caller took the place of this one before it began."""


class Talk(Iterator[str], Generic[T]):
    """One request: its pieces of text while they come, and its answer.

    Iterating gives the pieces and ends with the answer; an error of the request is raised there, and by `result`.
    """

    def __init__(self, work: Work[T], on_text: OnText | None, desk: _Desk) -> None:
        self._desk = desk
        self._work: Work[T] | None = work
        self._on_text = on_text
        self._pieces: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._done = threading.Event()
        self._stop = threading.Event()
        self._answer: T | None = None
        self._error: BaseException | None = None

    def __iter__(self) -> Talk[T]:
        return self

    def __next__(self) -> str:
        self._check_waits()
        piece = None if self._done.is_set() and self._pieces.empty() else self._pieces.get()
        if piece is not None:
            return piece
        if self._error is not None:
            raise self._error
        raise StopIteration

    @property
    def done(self) -> bool:
        """Whether there is an answer, or an error."""
        return self._done.is_set()

    def result(self, timeout: float | None = None) -> T:
        """The answer, waiting for it.

        Args:
            timeout: seconds to wait; None waits as long as it takes.

        Raises:
            TimeoutError: there is none yet.
            ReplacedError: a newer request of the same caller took the place of this one.
            RuntimeError: it was closed before, or this is `on_text` of another request, which would wait for itself.
        """
        self._check_waits()
        if not self._done.wait(timeout):
            raise TimeoutError(f"no answer within {timeout} s")
        if self._error is not None:
            raise self._error
        return self._answer  # type: ignore[return-value]

    def _check_waits(self) -> None:
        if not self._done.is_set() and threading.get_ident() == self._desk.thread:
            raise RuntimeError(WAITS_FOR_ITSELF)

    def stop(self) -> None:
        """End the sentence where it is; `result` then gives what was said until there."""
        self._stop.set()

    def run(self) -> None:
        """Compute the answer; in the thread of the `Talker`."""
        try:
            assert self._work is not None
            self.finish(self._work(self._say))
        except BaseException as error:
            self.fail(error)

    def finish(self, answer: T) -> None:
        """Give the answer."""
        self._answer = answer
        self._end()

    def fail(self, error: BaseException) -> None:
        """Give an error in its place."""
        self._error = error
        self._end()

    def _end(self) -> None:
        self._work = None  # a picture hangs on it
        self._done.set()
        self._pieces.put(None)

    def _say(self, piece: str) -> bool:
        if self._stop.is_set():
            return False
        if piece:  # an empty one only asks whether to go on
            self._pieces.put(piece)
            if self._on_text is not None and self._on_text(piece) is False:
                self._stop.set()
        return not self._stop.is_set()


class _Desk:
    """What the thread and its owner share; the thread does not hold the owner."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.waiting: dict[int, Talk[Any]] = {}
        """Caller -> request."""
        self.now: Talk[Any] | None = None
        self.closed = False
        self.thread: int | None = None
        """That answers."""

    def serve(self) -> None:
        """Answer until it is closed."""
        self.thread = threading.get_ident()
        while True:
            with self.changed:
                self.now = None
                while not self.waiting and not self.closed:
                    self.changed.wait()
                if self.closed:
                    return
                caller = next(iter(self.waiting))
                talk = self.now = self.waiting.pop(caller)
            talk.run()

    def close(self) -> None:
        """No more requests; those that wait get an error, the one at work is stopped."""
        with self.changed:
            self.closed = True
            left, self.waiting = list(self.waiting.values()), {}
            if self.now is not None:
                self.now.stop()
            self.changed.notify_all()
        for talk in left:
            talk.fail(RuntimeError("the explainer was closed before it answered"))


class Talker:
    """A thread that answers requests; it starts with the first one, and ends with `close` or with this object.

    Args:
        name: of the thread.
    """

    def __init__(self, name: str = "edgeaffect-explain") -> None:
        self._name = name
        self._desk = _Desk()
        self._thread: threading.Thread | None = None
        self._finalizer = weakref.finalize(self, self._desk.close)

    def ask(self, work: Work[T], on_text: OnText | None = None) -> Talk[T]:
        """Put a request in the queue; returns at once.

        Args:
            work: computes the answer, in the thread of this object.
            on_text: called there with each piece of text; returning False stops it. Its exception ends the request.

        Raises:
            RuntimeError: it is closed.
            TypeError: `on_text` is no function.
        """
        if on_text is not None and not callable(on_text):
            raise TypeError(f"on_text must be a function of a text; got {show(on_text)}")
        talk: Talk[T] = Talk(work, on_text, self._desk)
        caller = threading.get_ident()
        with self._desk.changed:
            if self._desk.closed:
                raise RuntimeError("the explainer is closed: make a new one")
            replaced = self._desk.waiting.pop(caller, None)
            self._desk.waiting[caller] = talk
            if self._thread is None:
                self._thread = threading.Thread(target=self._desk.serve, name=self._name, daemon=True)
                self._thread.start()
            self._desk.changed.notify_all()
        if replaced is not None:
            replaced.fail(ReplacedError("a newer request of this thread took the place of one that had not begun"))
        return talk

    @property
    def in_own_thread(self) -> bool:
        """Whether this is its own thread: a callback, which must not wait for it."""
        return self._thread is not None and threading.current_thread() is self._thread

    def close(self) -> None:
        """Stop what is being said, fail what waits, and end the thread; safe to call twice."""
        self._desk.close()
        if self._thread is not None and not self.in_own_thread:
            self._thread.join(_CLOSING)
