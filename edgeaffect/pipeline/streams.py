"""`Streams`: what a `Pipeline` does with sources of frames: their results, events and callbacks until they end."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, overload

from .._checks import show
from ..errors import PictureError
from ..events import BUILTIN, Event, EventDetector, Rule, usable_rules
from ..results import Result
from ..sources import SourceFrame, open_source
from .cameras import Cameras
from .feeds import CameraError, watched
from .hears import Hears
from .scheduling import RateLimiter
from .stages import BatchStage

StrPath = str | os.PathLike[str]


class Streams(Hears):
    """Base of `Pipeline`."""

    affect: BatchStage | None
    cues: BatchStage | None
    _cameras: Cameras

    def reset(self) -> None:
        """Forget faces, sound, time and frame numbers."""
        raise NotImplementedError

    def _perceive(self, frame: SourceFrame) -> Result | None:
        raise NotImplementedError

    def stream_batch(
        self, sources: Sequence[Any], *, color: str = "bgr", microphone: Any = None
    ) -> Iterator[list[Result | CameraError | None]]:
        """`stream` of several sources at once: each step takes a frame of every source and yields their results.

        A camera that fails, or cannot be opened, gives a `CameraError` and the others go on: after a frame that could
        not be read the camera goes on too, a lost one gives None from then on. None stands for a source that has ended,
        for a camera that has had no frame for a second (it may be opened again, and joins when it has one), and for a
        frame that `on_time_jump="drop"` left out, which counts among the `dropped_frames` of the next result; a step
        without any other frame is left out. Files are waited for. The stream ends with the last source; live ones are
        closed. All cameras, and the sound, are forgotten before and after.

        Args:
            sources: what `stream` takes, one per camera.
            color: layout of frames that come as arrays.
            microphone: as for `stream`, one for all cameras, of which each tells whether a face of its own speaks. True
                and "track" go with the first source that can be opened.

        Raises:
            SourceError: there is no such sound, or it was lost.
            TypeError: something in the list is no source; a microphone without `voice=True`.
        """
        self._check_listens(microphone)
        return self._cameras.stream(sources, color, functools.partial(self._open_feed, microphone), self._forget_sound)

    def frames(
        self, source: Any, *, color: str = "bgr", microphone: Any = None
    ) -> Iterator[tuple[SourceFrame, Result]]:
        """`stream` together with the frames, for those who draw or store them.

        A frame's pixels are valid until the next one is taken. With `on_time_jump="drop"` frames whose time does not go
        on are left out, and count among the `dropped_frames` of the next result.
        """
        with contextlib.closing(self._answers(source, color, microphone)) as answers:  # type: ignore[type-var]
            for answer in answers:
                if not isinstance(answer, PictureError):
                    yield answer

    def _answers(self, source: Any, color: str, microphone: Any) -> Iterator[tuple[SourceFrame, Result] | PictureError]:
        """Frames with their results, and in its place the error of each picture of a list that cannot be read."""
        self._check_listens(microphone)
        opened = open_source(source, color=color)
        rate = RateLimiter(self.options.max_fps, self.options.on_time_jump)
        skipped = 0
        self.reset()
        with contextlib.ExitStack() as stack:
            stack.callback(self.reset)  # what comes next has a clock of its own
            if opened is not source:
                stack.enter_context(opened)
            feed = stack.enter_context(self._open_feed(microphone, opened))
            for frame in stack.enter_context(contextlib.closing(watched(opened, self.options.watchdog))):
                if isinstance(frame, PictureError):
                    yield frame
                    continue
                if not frame.still and not rate.admits(frame.timestamp):
                    skipped += 1
                    continue
                if skipped:
                    frame = dataclasses.replace(frame, dropped=frame.dropped + skipped)
                feed.follow(frame.timestamp)
                result = self._perceive(frame)
                if result is not None:
                    yield frame, result

    @overload
    def stream(
        self, source: list[StrPath] | tuple[StrPath, ...], *, color: str = "bgr", microphone: Any = None
    ) -> Iterator[Result | PictureError]: ...

    @overload
    def stream(self, source: Any, *, color: str = "bgr", microphone: Any = None) -> Iterator[Result]: ...

    def stream(self, source: Any, *, color: str = "bgr", microphone: Any = None) -> Iterator[Any]:
        """Results of a source, frame by frame, until it ends.

        Files are read frame by frame, at the pace of the caller; of a live source each step takes the latest frame, and
        those in between count as dropped. The pipeline is reset before and after.

        A list of pictures gives one answer per entry, in order: a `Result`, or a `PictureError` that says why this one
        cannot be read. Of a folder or pattern such pictures are left out and logged.

        Args:
            source: what `sources.open_source` takes: a `Source`, camera index, URL, path, folder, pattern or arrays.
            color: layout of frames that come as arrays.
            microphone: with `voice=True`: where the sound comes from. True is the microphone of the machine for a live
                source, and the sound track of a film; name or number of a device; "track"; path of a file; a source of
                sound. None hears nothing. Live sound is heard in a thread of its own; a file as far as frames are.

        Raises:
            SourceError: it cannot be opened or was lost.
            TypeError: a microphone without `voice=True`.
        """
        with contextlib.closing(self._answers(source, color, microphone)) as answers:  # type: ignore[type-var]
            for answer in answers:
                yield answer if isinstance(answer, PictureError) else answer[1]

    def events(
        self, source: Any, *, rules: Iterable[Rule] | None = None, color: str = "bgr", microphone: Any = None
    ) -> Iterator[Event]:
        """Events of a source as they begin and end, until it ends; see `edgeaffect.events`.

        Args:
            source: as for `stream`.
            rules: which events; None is all built-in ones that this pipeline can see (many need `cues=True`).
            color: layout of frames that come as arrays.
            microphone: as for `stream`.

        Raises:
            ValueError: a rule needs cues, and this pipeline reads none.
        """
        chosen = usable_rules(rules, has_cues=self.cues is not None, has_affect=self.affect is not None, known=BUILTIN)
        detector = EventDetector(chosen)
        with contextlib.closing(self.frames(source, color=color, microphone=microphone)) as pairs:  # type: ignore[type-var]
            for _, result in pairs:
                yield from detector.update(result)
        yield from detector.finish()

    def run(
        self, source: Any, on_result: Callable[[Result], object], *, color: str = "bgr", microphone: Any = None
    ) -> None:
        """Call `on_result` with everything that `stream` gives until the source ends or the callback returns False.

        The callback runs in the thread that called `run`, one call at a time; while it runs, a live source drops
        frames. Its exception stops `run` and is raised from here.
        """
        if not callable(on_result):
            raise TypeError(f"on_result must be a function of a Result; got {show(on_result)}")
        with contextlib.closing(  # type: ignore[type-var]
            self.stream(source, color=color, microphone=microphone)
        ) as results:
            for result in results:
                if on_result(result) is False:
                    return
