"""Several cameras through one pair of models: their frames are answered together, their state stays apart."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .._stage_timer import reset_timers
from ..image import Frame
from ..results import Affect, Faces, Result
from ..sources import SourceFrame, open_source
from .stages import AffectStage, DetectStage

if TYPE_CHECKING:
    from .camera_state import CameraState


@dataclass(frozen=True, eq=False)
class Detect:
    """A step of a frame that waits for its `Faces`."""

    frame: Frame
    color: str


@dataclass(frozen=True, eq=False)
class Predict:
    """A step of a frame that waits for one `Affect` per face."""

    frame: Frame
    faces: Faces
    color: str


Request = Detect | Predict
Steps = Generator[Request, Any, Result]
"""A frame on its way through a pipeline: yields what it needs from a model, is sent the answer, returns the result."""


def drive(steps: Sequence[Steps], detector: DetectStage, affect: AffectStage | None) -> list[Result]:
    """Run frames side by side: first all that wait for the detector, then all that wait for the affect model.

    An exception in one of them ends all.
    """
    results: dict[int, Result] = {}
    waiting: dict[int, Request] = {}

    def advance(i: int, answer: Any) -> None:
        try:
            waiting[i] = steps[i].send(answer)
        except StopIteration as end:
            results[i] = end.value

    for i in range(len(steps)):
        advance(i, None)
    while waiting:
        kind = Detect if any(isinstance(request, Detect) for request in waiting.values()) else Predict
        due = [i for i, request in waiting.items() if isinstance(request, kind)]
        requests: list[Any] = [waiting.pop(i) for i in due]
        reset_timers(detector if kind is Detect else affect)
        answers = _detect(requests, detector) if kind is Detect else _predict(requests, affect)
        for i, answer in zip(due, answers, strict=True):
            advance(i, answer)
    return [results[i] for i in range(len(steps))]


def _detect(requests: Sequence[Detect], detector: DetectStage) -> Sequence[Faces]:
    if len(requests) > 1 and hasattr(detector, "detect_many"):
        return detector.detect_many([(r.frame, r.color) for r in requests])
    return [detector.detect(r.frame, r.color) for r in requests]


def _predict(requests: Sequence[Predict], affect: AffectStage | None) -> Sequence[list[Affect]]:
    assert affect is not None  # nobody asks a stage that is not there
    if len(requests) > 1 and hasattr(affect, "predict_many"):
        return affect.predict_many([(r.frame, r.faces, r.color) for r in requests])
    return [affect.predict(r.frame, r.faces, r.color) for r in requests]


class Cameras:
    """The cameras of `Pipeline.process_batch` and `Pipeline.stream_batch`: the state of one camera each."""

    def __init__(self, new_lane: Callable[[], CameraState], drive: Callable[[list[Steps]], list[Result]]) -> None:
        self._new_lane, self._drive = new_lane, drive
        self._states: list[CameraState] = []

    def process(self, frames: Sequence[Frame], timestamp: float | None, color: str) -> list[Result]:
        # All are looked at before the first one counts as seen: a wrong one must not cost the others a moment.
        states = self._states_for(len(frames))
        good = [_checked(state, frames[i], color, i) for i, state in enumerate(states)]
        taken = [state.frame(good[i], timestamp, color, f"camera {i}") for i, state in enumerate(states)]
        return self._perceive(dict(enumerate(taken)))

    def stream(self, sources: Sequence[Any], color: str) -> Iterator[list[Result | None]]:
        if isinstance(sources, (str, bytes, os.PathLike)):
            raise TypeError(f"stream_batch takes a list of sources, got {sources!r}: give [source], or call stream")
        self.reset()
        with contextlib.ExitStack() as stack:
            streams: dict[int, Iterator[SourceFrame]] = {}
            for i, source in enumerate(sources):
                opened = open_source(source, color=color)
                if opened is not source:
                    stack.enter_context(opened)
                streams[i] = stack.enter_context(contextlib.closing(iter(opened)))  # type: ignore[type-var]
            while streams:
                frames = {i: frame for i, stream in streams.items() if (frame := next(stream, None)) is not None}
                streams = {i: streams[i] for i in frames}
                if not frames:
                    return
                results: list[Result | None] = [None] * len(sources)
                for i, result in zip(frames, self._perceive(frames), strict=True):
                    results[i] = result
                yield results

    def reset(self) -> None:
        """Forget every camera."""
        self._states.clear()

    def _states_for(self, count: int) -> list[CameraState]:
        while len(self._states) < count:
            self._states.append(self._new_lane())
        return self._states[:count]

    def _perceive(self, frames: dict[int, SourceFrame]) -> list[Result]:
        states = self._states_for(max(frames, default=-1) + 1)
        return self._drive([states[i].steps(frame) for i, frame in frames.items()])


def _checked(state: CameraState, frame: Any, color: str, camera: int) -> Any:
    try:
        return state.check(frame, color)
    except (TypeError, ValueError) as error:
        raise type(error)(f"camera {camera}: {error}") from error
