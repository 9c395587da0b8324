"""`Feeds`: the sources of `Pipeline.stream_batch`, read so that one that fails or hangs does not end the others."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import PictureError, SourceError
from ..options.watchdog import WatchdogOptions
from ..sources import Source, SourceFrame, open_source
from .watchdog import Watchdog

_PATIENCE = 1.0
"""Seconds that a step waits for a live source, once; then the others go on and it joins again when it has a frame."""
_JOIN_SECONDS = 1.0


@dataclass(frozen=True, eq=False)
class CameraError:
    """A camera of `Pipeline.stream_batch` or `process_batch` failed at this step; the others go on."""

    camera: int
    """Position in the list of sources."""
    error: Exception
    """What went wrong."""
    is_lost: bool
    """The source itself failed and gives no more frames; False = this frame failed, the next may do."""

    def __str__(self) -> str:
        return f"camera {self.camera}: {type(self.error).__name__}: {self.error}"


Answer = SourceFrame | CameraError | None
"""The next frame of a source, why there is none, or None at its end."""


class Feeds:
    """Reads several sources step by step; to be used as a context.

    Args:
        sources: what `open_source` takes; those opened here are closed at the end. One that cannot be opened is lost at
            the first step.
        color: layout of arrays.
        watchdog: over the live ones.

    Raises:
        TypeError: something that is no source.
    """

    def __init__(
        self,
        sources: Sequence[Any],
        color: str,
        watchdog: WatchdogOptions = WatchdogOptions(),  # noqa: B008  (frozen)
    ) -> None:
        self._watchdog = Watchdog(watchdog)
        self._names: dict[int, str] = {}
        self.first: Source | None = None
        """The first source that could be opened."""
        self._direct: dict[int, _Reader] = {}
        self._threads: dict[int, _Thread] = {}
        self._refused: dict[int, Answer] = {}
        self._arrivals: queue.SimpleQueue[tuple[int, Answer]] = queue.SimpleQueue()
        self._pending: set[int] = set()
        self._late: set[int] = set()
        self._stack = contextlib.ExitStack()
        with self._stack:  # nothing stays open when a later one is no source
            for i, source in enumerate(sources):
                self._open(i, source, color, alone=len(sources) == 1)
            self._stack = self._stack.pop_all()

    def _open(self, camera: int, source: Any, color: str, *, alone: bool) -> None:
        try:
            opened = open_source(source, color=color)
        except SourceError as error:
            self._refused[camera] = CameraError(camera, error, is_lost=True)
            return
        if opened is not source:
            self._stack.enter_context(opened)
        self.first = self.first or opened
        reader = _Reader(camera, opened)
        self._names[camera] = opened.name
        if opened.live and (not alone or self._watchdog.is_on):
            self._threads[camera] = self._stack.enter_context(_Thread(reader, self._arrivals))
        else:
            self._direct[camera] = self._stack.enter_context(contextlib.closing(reader))

    def step(self) -> dict[int, SourceFrame | CameraError]:
        """By position, a frame of every source that has one now, or its error; empty when all have ended.

        Waits for files as long as they take, for a live source up to a second, and for at least one of them.
        """
        while self._direct or self._threads or self._refused:
            asked = self._threads.keys() - self._pending
            for i in asked:
                self._threads[i].ask()
            self._pending |= asked
            self._watchdog.ask(asked)
            answers, self._refused = self._refused, {}
            answers |= {i: reader.next() for i, reader in self._direct.items()}
            self._collect(answers)
            for i, answer in answers.items():
                if answer is None or (isinstance(answer, CameraError) and answer.is_lost):
                    self._direct.pop(i, None)
                    self._threads.pop(i, None)
            given = {i: answer for i, answer in sorted(answers.items()) if answer is not None}
            if given:
                return given
        return {}

    def _collect(self, answers: dict[int, Answer]) -> None:
        """Add what live sources have, waiting for those that are not late, or for any if there is nothing else."""
        deadline = time.monotonic() + _PATIENCE
        while self._pending:
            is_due = bool(self._pending - self._late)
            left = max(0.0, deadline - time.monotonic()) if is_due else 0.0 if answers else None
            alarm = self._watchdog.left(self._pending)
            try:
                i, answer = self._arrivals.get(timeout=min((t for t in (left, alarm) if t is not None), default=None))
            except queue.Empty:
                stalled = self._watchdog.stalls({i: self._names[i] for i in self._pending})
                if stalled:  # told at once, and never taken for the frame that may come meanwhile
                    answers |= {i: CameraError(i, error, is_lost=False) for i, error in stalled.items()}
                    self._late |= stalled.keys()
                    return
                self._late |= self._pending & self._watchdog.stalled
                if is_due and time.monotonic() < deadline:
                    continue
                self._late |= self._pending
                if answers:
                    return
                continue
            self._pending.discard(i)
            self._late.discard(i)
            self._watchdog.arrive(i, self._names[i])
            answers[i] = answer

    def __enter__(self) -> Feeds:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def watched(source: Source, options: WatchdogOptions) -> Generator[SourceFrame | PictureError, None, None]:
    """`source.answers()`; a live one is read in a thread of its own where the watchdog is on.

    Raises:
        SourceError: as the source, or it is stalled and `watchdog.action` is `raise`.
    """
    if not (source.live and options.seconds > 0):
        yield from source.answers()
        return
    with Feeds([source], "bgr", options) as feeds:
        while answers := feeds.step():
            answer = answers[0]
            if isinstance(answer, CameraError):
                raise answer.error
            yield answer


class _Reader:
    """Takes one answer after the other from a source."""

    def __init__(self, camera: int, source: Source) -> None:
        self.camera, self.source = camera, source
        self._answers = source.answers()

    def next(self) -> Answer:
        try:
            answer = next(self._answers, None)
        except Exception as error:
            return CameraError(self.camera, error, is_lost=True)
        return CameraError(self.camera, answer, is_lost=False) if isinstance(answer, PictureError) else answer

    def close(self) -> None:
        self._answers.close()


class _Thread:
    """Reads a live source in a thread of its own, one frame for each `ask`: its pixels stay valid until the next."""

    def __init__(self, reader: _Reader, arrivals: queue.SimpleQueue[tuple[int, Answer]]) -> None:
        self._reader, self._arrivals = reader, arrivals
        self._asks: queue.SimpleQueue[bool] = queue.SimpleQueue()
        name = f"camera {reader.camera}"
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)

    def ask(self) -> None:
        """Ask for the next frame; it goes to `arrivals`."""
        self._asks.put(True)

    def _work(self) -> None:
        with contextlib.closing(self._reader):
            while self._asks.get():
                answer = self._reader.next()
                self._arrivals.put((self._reader.camera, answer))

    def __enter__(self) -> _Thread:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._asks.put(False)
        self._reader.source.close()  # ends a wait for the next frame
        self._thread.join(_JOIN_SECONDS)
