"""`CameraState`: what is remembered of one camera between its frames, and how a frame becomes a result."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping, Sequence
from typing import Any

import numpy as np

from ..face.tracker import Tracker
from ..face.turn_finder import TurnFinder
from ..image import Image
from ..options import PipelineOptions
from ..results import Face, Faces, Result
from ..sources import SourceFrame
from .attribution import Attribution
from .calls import Asked, Call, Steps
from .clock import Clock
from .cut_detector import CutDetector
from .face_history import FaceHistory
from .face_reader import FaceReader, read_together
from .frame_view import Door, FrameView
from .kept_crops import KeptCrops
from .scheduling import is_due
from .stages import BatchStage, DeviceImage, TrackStage
from .turn_checks import TurnChecks

_NO_PARTS: Mapping[str, float] = {}


class CameraState:
    """The state of one camera. `steps` does not call the models, which serve other cameras too: it yields calls.

    Args:
        options: of the pipeline.
        detector: finds faces.
        readers: read them, in this order.
        tracker: follows them.
        names: stage -> name and version of its model, for the results.
        listener: joins the faces with what is heard; None where nobody listens.
        camera: its number, counted from 0, for `camera_roll`.
        finder: looks at faces at other turns; None where they are taken as detected.
        together: ask all readers of a frame in one go, for `calls` to run them at once.
    """

    def __init__(
        self,
        options: PipelineOptions,
        detector: BatchStage,
        readers: Sequence[FaceReader],
        tracker: TrackStage,
        names: Mapping[str, str],
        listener: Attribution | None = None,
        *,
        camera: int = 0,
        finder: TurnFinder | None = None,
        together: bool = False,
    ) -> None:
        self._listener = listener
        self.tracker, self.readers = tracker, tuple(readers)
        self._groups = [self.readers] if together else [(reader,) for reader in self.readers]
        self._options, self._detector, self._names = options.detect, detector, names
        self._clock = Clock(options.on_time_jump, options.track.max_age)
        self._cuts = CutDetector(options.detect.scene_change)
        own_tracker = tracker if isinstance(tracker, Tracker) else None
        needs_pixels = options.detect.scene_change > -1 or own_tracker is None or own_tracker.options.follow_pixels
        roll = options.detect.roll(camera)
        self._door = Door((detector, *(reader.kind.stage for reader in self.readers)), needs_pixels, roll)
        self.turns = None if finder is None else TurnChecks(finder, roll)
        context = self._door.context
        cut = None if context is None else context.cut
        self.crops = KeptCrops(options.crop.side, cut, roll) if options.crop.keep else None
        self.history = FaceHistory(options.explain.history, roll) if options.explain.enabled else None
        self._read_now: list[int] = []
        self._detected = -math.inf
        self.reset()

    def reset(self) -> None:
        """Forget faces, time and frame numbers."""
        self.frame_index = 0
        self._last: Result | None = None
        self._dropped = 0
        self._clock.reset()
        self._size: tuple[int, int] | None = None
        self._cuts.reset()
        self._forget_faces()

    @property
    def last(self) -> Result:
        """Result of the newest frame that was not dropped; there is one as soon as a frame can be dropped."""
        assert self._last is not None, "no frame yet"
        return self._last

    def check(self, frame: Any, color: str) -> Image | DeviceImage:
        """The frame as it goes to the models; raises TypeError or ValueError when it is not what `color` says."""
        return self._door.check(frame, color)

    def frame(self, image: Any, timestamp: float | None, color: str, source: str) -> SourceFrame:
        """An image as the next frame of this camera; without a timestamp it is of the present."""
        clock = "monotonic" if timestamp is None else "user"
        moment = time.monotonic() if timestamp is None else timestamp
        return SourceFrame(image, self.frame_index, moment, clock, source, time.time(), color)

    def steps(self, frame: SourceFrame) -> Steps:
        """One frame, up to what it needs from a model each time; see `calls.run_frame`.

        A frame whose time does not go on, and is to be dropped for that, gives None.
        """
        watch = _Stopwatch(frame.capture_seconds)
        view = self._door.view(frame.image, frame.color, still=frame.still)
        if frame.still:
            now = self._clock.seconds(frame.timestamp)
            self.reset()
            faces = (yield from self._detect(view, now, frame.source, watch))[: self._options.max_faces]
        else:
            step = self._clock.advance(frame.timestamp, frame.clock)
            if step.is_dropped and self._last is not None:
                self.frame_index = frame.index + 1
                self._dropped += 1
                return None
            if step.is_jump:
                self._forget_faces()
            now = step.now
            faces = yield from self._follow(view, now, frame.source, watch)
        fields = yield from self._read(view, faces, now, frame.still, watch)
        self.frame_index = frame.index + 1
        ids = [None] * len(faces) if faces.track_ids is None else faces.track_ids.tolist()
        found = tuple(
            Face(
                faces.boxes[i], float(faces.scores[i]), faces.landmarks[i], ids[i],
                **{name: values[i] for name, values in fields.items()},
            )
            for i in range(len(faces))
        )  # fmt: skip
        if self.history is not None and not frame.still:
            self.history.keep([found[i] for i in self._read_now], now, view.size)
        voice = speaker = None
        if self._listener is not None and not frame.still:
            voice, speaker, found = self._listener.join(found, now, frame.clock)
            watch.lap("voice")
        self._last = Result(
            source=frame.source,
            frame_index=frame.index,
            timestamp=now,
            clock=frame.clock,
            wall_time=frame.wall_time,
            size=view.size,
            faces=found,
            dropped_frames=frame.dropped + self._dropped,
            timings_ms=watch.finish(),
            models=self._names,
            voice=voice,
            speaker=speaker,
        )
        return self._last

    def _detect(self, view: FrameView, now: float, source: str, watch: _Stopwatch) -> Generator[Call, Any, Faces]:
        faces = yield Call(self._detector, view.image)
        if not isinstance(faces, Faces):
            raise TypeError(f"the detect stage must give a Faces per frame: got {type(faces).__name__}")
        watch.lap("detect", self._detector.timer.parts)
        if self.turns is None or not isinstance(view.image, Image):
            return faces
        turned = yield from self.turns.correct(view.image, faces, now, source)
        if self.turns.looked:
            watch.lap("turn")
        return turned

    def _follow(self, view: FrameView, now: float, source: str, watch: _Stopwatch) -> Generator[Call, Any, Faces]:
        """Faces now, detected or predicted, with their ids."""
        options, size = self._options, view.size
        if self._cuts.changed(view.host) or size != self._size:
            self._forget_faces()
        self._size = size
        if is_due(now - self._detected, options.interval):
            detected = yield from self._detect(view, now, source, watch)
            faces = self.tracker.update(detected, now, size, view.host)
            self._detected = now
            self._forget_except(self.tracker.alive())
        else:
            faces = self.tracker.predict(now, size, view.host)
        self._missed = self.tracker.missed
        if len(faces) > options.max_faces:
            best = np.sort(np.argsort(-faces.scores, kind="stable")[: options.max_faces])
            faces, self._missed = faces[best], self._missed[best]
        watch.lap("track")
        return faces

    def _read(
        self, view: FrameView, faces: Faces, now: float, still: bool, watch: _Stopwatch
    ) -> Generator[Asked, Any, dict[str, list[Any]]]:
        """Fields of the faces: what every reader says of each."""
        raws: list[list[Any]] = []
        kept: set[int] = set()
        ids = [] if faces.track_ids is None else faces.track_ids.tolist()
        # A face that the newest detection did not find is likely covered or gone: its crop would show something else.
        present = [] if still else [i for i, lost in enumerate(self._missed.tolist()) if not lost]
        for group in self._groups:
            chosen = [
                list(range(len(faces)))
                if still
                else [present[k] for k in reader.choose([ids[i] for i in present], now)]
                for reader in group
            ]
            raws += yield from read_together(group, view, faces, chosen)
            asked = [reader.kind for reader in group if reader.asked]
            for kind in asked:
                watch.lap(kind.name, kind.stage.timer.parts, apart="crop", beside=len(asked) > 1)
            kept.update(*chosen)
        fields: dict[str, list[Any]] = {}
        for reader, raw in zip(self.readers, raws, strict=True):
            fields[reader.kind.smoothed] = raw if still else reader.smooth(ids, raw, now)
            fields[reader.kind.raw] = raw
        self._read_now = sorted(kept)
        if self.crops is not None and not still:
            self.crops.keep(view, faces, self._read_now, now)
        watch.lap("smooth")
        return fields

    def _forget_faces(self) -> None:
        self.tracker.reset()
        if self.turns is not None:
            self.turns.reset()
        for reader in self.readers:
            reader.reset()
        if self.crops is not None:
            self.crops.forget_except(set())
        if self.history is not None:
            self.history.forget_except(())
        if self._listener is not None:
            self._listener.reset()
        self._detected = -math.inf

    def _forget_except(self, track_ids: set[int]) -> None:
        for reader in self.readers:
            reader.keep(track_ids)
        if self.crops is not None:
            self.crops.forget_except(track_ids)
        if self.history is not None:
            self.history.forget_except(track_ids)


class _Stopwatch:
    """Milliseconds per stage of one frame."""

    def __init__(self, capture_seconds: float | None) -> None:
        self._start = self._last = time.perf_counter()
        self._parts: dict[str, float] = {} if capture_seconds is None else {"capture": capture_seconds * 1000}

    def lap(self, name: str, parts: Mapping[str, float] = _NO_PARTS, apart: str = "", *, beside: bool = False) -> None:
        """End of a stage, whose `parts` get dotted names; the part named `apart` becomes a stage of its own.

        One that ran `beside` others took as long as its parts did.
        """
        now = time.perf_counter()
        milliseconds = sum(parts.values()) if beside else (now - self._last) * 1000
        self._last = now
        if apart in parts:
            self._parts[apart] = self._parts.get(apart, 0.0) + parts[apart]
            milliseconds -= parts[apart]
        self._parts[name] = milliseconds
        self._parts.update({f"{name}.{part}": value for part, value in parts.items() if part != apart})

    def finish(self) -> Mapping[str, float]:
        """All parts, with `total`."""
        return {**self._parts, "total": (time.perf_counter() - self._start) * 1000}
