"""Several cameras through one set of models: their frames are answered together, their state stays apart."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from .._checks import show
from ..image import Frame
from ..results import Result
from ..sources import SourceFrame
from .calls import Steps
from .camera_state import CameraState
from .feeds import CameraError, Feeds


class Cameras:
    """The cameras of `Pipeline.process_batch` and `Pipeline.stream_batch`: the state of one camera each."""

    def __init__(
        self, new_state: Callable[[], CameraState], drive: Callable[[list[Steps]], list[Result | Exception]]
    ) -> None:
        self._new_state, self._drive = new_state, drive
        self._states: list[CameraState] = []

    def process(self, frames: Sequence[Frame], timestamp: float | None, color: str) -> list[Result]:
        """One frame of each camera; the first error is raised once all were tried."""
        # All are looked at before the first one counts as seen: a wrong one must not cost the others a moment.
        states = self._states_for(len(frames))
        good = [_checked(state, frames[i], color, i) for i, state in enumerate(states)]
        taken = [state.frame(good[i], timestamp, color, f"camera {i}") for i, state in enumerate(states)]
        results: list[Result] = []
        for end in self._perceive(dict(enumerate(taken))):
            if isinstance(end, Exception):
                raise end
            results.append(end)
        return results

    def stream(self, sources: Sequence[Any], color: str) -> Iterator[list[Result | CameraError | None]]:
        """See `Pipeline.stream_batch`."""
        if isinstance(sources, (str, bytes, os.PathLike)):
            raise TypeError(f"stream_batch takes a list of sources, got {show(sources)}: give [source], or call stream")
        self.reset()
        with Feeds(sources, color) as feeds:
            while answers := feeds.step():
                frames = {i: answer for i, answer in answers.items() if isinstance(answer, SourceFrame)}
                row: list[Result | CameraError | None] = [None] * len(sources)
                for i, answer in answers.items():
                    if isinstance(answer, CameraError):
                        row[i] = answer
                for i, end in zip(frames, self._perceive(frames), strict=True):
                    row[i] = CameraError(i, end, is_lost=False) if isinstance(end, Exception) else end
                yield row

    def state(self, camera: int) -> CameraState | None:
        """State of one camera; None before its first frame."""
        return self._states[camera] if camera < len(self._states) else None

    def reset(self) -> None:
        """Forget every camera."""
        self._states.clear()

    def _states_for(self, count: int) -> list[CameraState]:
        while len(self._states) < count:
            self._states.append(self._new_state())
        return self._states[:count]

    def _perceive(self, frames: dict[int, SourceFrame]) -> list[Result | Exception]:
        states = self._states_for(max(frames, default=-1) + 1)
        return self._drive([states[i].steps(frame) for i, frame in frames.items()])


def _checked(state: CameraState, frame: Any, color: str, camera: int) -> Any:
    try:
        return state.check(frame, color)
    except (TypeError, ValueError) as error:
        raise type(error)(f"camera {camera}: {error}") from error
