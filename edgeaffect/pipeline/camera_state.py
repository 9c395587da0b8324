"""`CameraState`: what is remembered of one camera between its frames, and how a frame becomes a result."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Mapping
from typing import Any

import numpy as np

from .._stage_timer import parts_of
from ..face.tracker import Tracker
from ..options import PipelineOptions
from ..results import Affect, Face, Faces, Result
from ..sources import SourceFrame
from .cameras import Detect, Predict, Request, Steps
from .cut_detector import CutDetector
from .frame_view import FrameView, FrameViewer
from .scheduling import RoundRobin, is_due
from .stages import AffectStage, DetectStage, SmoothStage, TrackStage

_NO_PARTS: Mapping[str, float] = {}


class CameraState:
    """The state of one camera. `steps` does not call the models, which serve other cameras too: it yields requests.

    Args:
        options: of the pipeline.
        tracker: follows this camera's faces.
        smoother: steadies their affect.
        detector: answers `Detect`; here it is only asked where its time went.
        affect: likewise for `Predict`; None = there is no such stage, and nothing is requested of it.
        names: stage -> name and version of its model, for the results.
    """

    def __init__(
        self,
        options: PipelineOptions,
        tracker: TrackStage,
        smoother: SmoothStage,
        *,
        detector: DetectStage,
        affect: AffectStage | None,
        names: Mapping[str, str],
    ) -> None:
        self.tracker, self.smoother = tracker, smoother
        self._options = options.detect
        self._detector, self._affect, self._names = detector, affect, names
        self._turns = RoundRobin(options.affect.interval)
        self._scene = CutDetector(options.detect.scene_change)
        own_tracker = tracker if isinstance(tracker, Tracker) else None
        watches = options.detect.scene_change > -1 or own_tracker is None or own_tracker.options.follow_pixels
        self._viewer = FrameViewer(detector, watches)
        self._latest: dict[int, Affect] = {}
        self._detected = -math.inf
        self.reset()

    def reset(self) -> None:
        """Forget faces, time and frame numbers."""
        self.frame_index = 0
        self._now, self._clock = -math.inf, ""
        self._size: tuple[int, int] | None = None
        self._scene.reset()
        self._forget_faces()

    def check(self, image: Any, color: str) -> Any:
        """The image as it goes to the models; raises TypeError or ValueError when it is not what `color` says."""
        return self._viewer.check(image, color)

    def frame(self, image: Any, timestamp: float | None, color: str, source: str) -> SourceFrame:
        """An image as the next frame of this camera; without a timestamp it is of the present."""
        clock = "monotonic" if timestamp is None else "user"
        moment = time.monotonic() if timestamp is None else timestamp
        return SourceFrame(image, self.frame_index, moment, clock, source, time.time(), color)

    def steps(self, frame: SourceFrame) -> Steps:
        """One frame, up to what it needs from a model each time; see `batch.drive`."""
        watch = _Stopwatch(frame.capture_seconds)
        view = self._viewer.see(frame.image, frame.color)
        now = _seconds(frame.timestamp)
        if frame.still:
            self.reset()
            faces = (yield Detect(view.frame, view.color))[: self._options.max_faces]
            watch.lap("detect", parts_of(self._detector))
            chosen = list(range(len(faces)))
        else:
            self._advance(now, frame.clock)
            faces, chosen = yield from self._follow(view, watch)
        raw = yield from self._analyse(view, faces, chosen, watch)
        affect = raw if frame.still else self._smooth(faces, raw)
        watch.lap("smooth")
        self.frame_index = frame.index + 1
        ids = [None] * len(faces) if faces.track_ids is None else faces.track_ids.tolist()
        found = tuple(
            Face(faces.boxes[i], float(faces.scores[i]), faces.landmarks[i], ids[i], affect[i], raw[i])
            for i in range(len(faces))
        )
        return Result(
            source=frame.source,
            frame_index=frame.index,
            timestamp=now,
            clock=frame.clock,
            wall_time=frame.wall_time,
            size=view.size,
            faces=found,
            dropped_frames=frame.dropped,
            timings_ms=watch.finish(),
            models=self._names,
        )

    def _advance(self, now: float, clock: str) -> None:
        if self._clock and clock != self._clock:
            raise ValueError(
                f"time came from the {self._clock!r} clock and now comes from {clock!r}: give every frame a timestamp, "
                "or none, and call reset() in between"
            )
        if now <= self._now:
            raise ValueError(f"timestamps must increase: got {now} after {self._now}; for a new scene call reset()")
        self._now, self._clock = now, clock

    def _follow(self, view: FrameView, watch: _Stopwatch) -> Generator[Request, Any, tuple[Faces, list[int]]]:
        """Faces now, detected or predicted, and which of them to analyse."""
        options, now, size = self._options, self._now, view.size
        if self._scene.changed(view.pixels, view.pixels_color, size) or size != self._size:
            self._forget_faces()
        self._size = size
        if is_due(now - self._detected, options.interval):
            detected = yield Detect(view.frame, view.color)
            watch.lap("detect", parts_of(self._detector))
            faces = self.tracker.update(detected, now, size, view.pixels, view.pixels_color)
            self._detected = now
            self._forget_except(self.tracker.alive())
        else:
            faces = self.tracker.predict(now, size, view.pixels, view.pixels_color)
        missed = self.tracker.missed
        if len(faces) > options.max_faces:
            best = np.sort(np.argsort(-faces.scores, kind="stable")[: options.max_faces])
            faces, missed = faces[best], missed[best]
        # A face that the newest detection did not find is likely covered or gone: its crop would show something else.
        present = [i for i, lost in enumerate(missed.tolist()) if not lost]
        ids = faces.track_ids
        assert ids is not None  # a tracker's own promise
        chosen = [present[k] for k in self._turns.choose(ids[present].tolist(), now)]
        watch.lap("track")
        return faces, chosen

    def _analyse(
        self, view: FrameView, faces: Faces, chosen: list[int], watch: _Stopwatch
    ) -> Generator[Request, Any, list[Affect | None]]:
        """What the model says now, None for faces that are not among `chosen`."""
        raw: list[Affect | None] = [None] * len(faces)
        if self._affect is not None and chosen:
            part = faces if len(chosen) == len(faces) else faces[chosen]
            affects = yield Predict(view.frame, part, view.color)
            for row, affect in zip(chosen, affects, strict=True):
                raw[row] = affect
            watch.lap("affect", parts_of(self._affect), apart="crop")
        return raw

    def _smooth(self, faces: Faces, raw: list[Affect | None]) -> list[Affect | None]:
        """Smoothed affect of every face; that of the last analysis where there is no new one."""
        ids = faces.track_ids.tolist() if faces.track_ids is not None else []
        for track_id, affect in zip(ids, raw, strict=True):
            if affect is not None:
                self._latest[track_id] = self.smoother.update(track_id, affect, self._now)
        return [self._latest.get(track_id) for track_id in ids]

    def _forget_faces(self) -> None:
        self.tracker.reset()
        self.smoother.reset()
        self._turns.reset()
        self._latest = {}
        self._detected = -math.inf

    def _forget_except(self, track_ids: set[int]) -> None:
        self.smoother.keep(track_ids)
        self._turns.keep(track_ids)
        self._latest = {key: value for key, value in self._latest.items() if key in track_ids}


class _Stopwatch:
    """Milliseconds per stage of one frame."""

    def __init__(self, capture_seconds: float | None) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {} if capture_seconds is None else {"capture": capture_seconds * 1000}

    def lap(self, name: str, parts: Mapping[str, float] = _NO_PARTS, apart: str = "") -> None:
        """End of a stage, whose `parts` get dotted names; the part named `apart` becomes a stage of its own."""
        now = time.perf_counter()
        milliseconds = (now - self._last) * 1000
        self._last = now
        if apart in parts:
            self._laps[apart] = parts[apart]
            milliseconds -= parts[apart]
        self._laps[name] = milliseconds
        self._laps.update({f"{name}.{part}": value for part, value in parts.items() if part != apart})

    def finish(self) -> Mapping[str, float]:
        return {**self._laps, "total": (time.perf_counter() - self._start) * 1000}


def _seconds(timestamp: Any) -> float:
    try:
        seconds = float(timestamp)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"timestamp must be a number of seconds; got {timestamp!r}") from None
    if not math.isfinite(seconds):
        raise ValueError(f"timestamp must be a finite number of seconds; got {timestamp!r}")
    return seconds
