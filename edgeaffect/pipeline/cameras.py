"""Several cameras through one set of models: their frames are answered together, their state stays apart."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence, Sized
from typing import Any

from .._checks import show
from .._thread_guard import ThreadGuard
from ..errors import Error
from ..image import Frame
from ..options.watchdog import WatchdogOptions
from ..results import Result
from ..sources import Source, SourceFrame
from .calls import Steps
from .camera_state import CameraState
from .feeds import CameraError, Feeds
from .sound_feed import NoFeed


class Cameras:
    """The cameras of `Pipeline.process_batch` and `Pipeline.stream_batch`: the state of one camera each.

    Args:
        new_state: makes the state of one more camera, by its number.
        drive: runs frames to their results.
        busy: of the pipeline they belong to.
        watchdog: over live sources.
    """

    def __init__(
        self,
        new_state: Callable[[int], CameraState],
        drive: Callable[[list[Steps]], list[Result | Exception | None]],
        busy: ThreadGuard,
        watchdog: WatchdogOptions,
    ) -> None:
        self._new_state, self._drive, self._busy, self._watchdog = new_state, drive, busy, watchdog
        self._states: list[CameraState] = []

    def process(
        self, frames: Sequence[Frame], timestamp: float | None, color: str, on_error: str
    ) -> list[Result | CameraError]:
        """See `Pipeline.process_batch`."""
        if on_error not in ("raise", "return"):
            raise ValueError(f"on_error must be 'raise' or 'return'; got {show(on_error)}")
        _check_several("process_batch", "frames", frames)
        # All are looked at before the first one counts as seen: a wrong one must not cost the others a moment.
        states = self._states_for(len(frames))
        entries: dict[int, Result | CameraError] = {}
        taken: dict[int, SourceFrame] = {}
        for i, state in enumerate(states):
            try:
                image = state.check(frames[i], color)
            except (TypeError, ValueError, Error) as error:
                if on_error == "raise":
                    raise type(error)(f"camera {i}: {error}") from error
                entries[i] = CameraError(i, error, is_lost=False)
            else:
                taken[i] = state.frame(image, timestamp, color, f"camera {i}")
        for i, end in zip(taken, self._perceive(taken), strict=True):
            if isinstance(end, Exception):
                if on_error == "raise":
                    raise end
                entries[i] = CameraError(i, end, is_lost=False)
            else:
                entries[i] = states[i].last if end is None else end
        return [entries[i] for i in range(len(frames))]

    def stream(
        self,
        sources: Sequence[Any],
        color: str,
        open_feed: Callable[[Source], NoFeed],
        forget_sound: Callable[[], None],
    ) -> Iterator[list[Result | CameraError | None]]:
        """See `Pipeline.stream_batch`.

        Args:
            sources: one per camera.
            color: layout of arrays.
            open_feed: opens the sound beside the first source.
            forget_sound: called before and after.
        """
        _check_several("stream_batch", "sources", sources)
        with contextlib.ExitStack() as stack:
            for forget in (self._forget, forget_sound):
                forget()
                stack.callback(forget)  # what comes next has a clock of its own
            feeds = stack.enter_context(Feeds(sources, color, self._watchdog))
            feed = NoFeed() if feeds.first is None else stack.enter_context(open_feed(feeds.first))
            while answers := feeds.step():
                frames = {i: answer for i, answer in answers.items() if isinstance(answer, SourceFrame)}
                if frames:
                    feed.follow(max(frame.timestamp for frame in frames.values()))
                row: list[Result | CameraError | None] = [None] * len(sources)
                for i, answer in answers.items():
                    if isinstance(answer, CameraError):
                        row[i] = answer
                for i, end in zip(frames, self._perceive(frames), strict=True):
                    row[i] = CameraError(i, end, is_lost=False) if isinstance(end, Exception) else end
                if not frames or any(entry is not None for entry in row):  # else every frame was dropped
                    yield row

    def states(self) -> Sequence[CameraState]:
        """All of them."""
        return self._states

    def state(self, camera: int) -> CameraState | None:
        """State of one camera; None before its first frame, and where there is no such camera."""
        return self._states[camera] if 0 <= camera < len(self._states) else None

    def reset(self) -> None:
        """Forget what every camera saw; ids go on, so that no face of before is taken for one of after."""
        for state in self._states:
            state.reset()

    def _forget(self) -> None:
        with self._busy:
            self.reset()

    def _states_for(self, count: int) -> list[CameraState]:
        while len(self._states) < count:
            self._states.append(self._new_state(len(self._states)))
        return self._states[:count]

    def _perceive(self, frames: dict[int, SourceFrame]) -> list[Result | Exception | None]:
        states = self._states_for(max(frames, default=-1) + 1)
        return self._drive([states[i].steps(frame) for i, frame in frames.items()])


def _check_several(verb: str, what: str, given: object) -> None:
    """Refuse what is one source or frame, or nothing of which there can be several."""
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Sized):
        raise TypeError(
            f"{verb} takes a list of {what}, one per camera; got {show(given)}: for one camera give a list of one, or "
            f"call {verb.removesuffix('_batch')}"
        )
