"""`Pipeline`: frames in, faces with affect out."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeVar

import numpy as np

from . import native
from .affect import FaceAffect
from .backends.select import parse_device
from .batch import Cameras, Detect, Predict, Request, Steps, drive
from .detect import FaceDetector
from .frames import Frame, check_frame
from .models import ModelFile, check_licence
from .options import PipelineOptions
from .results import Affect, Face, Faces, Result
from .scene import SceneWatch
from .schedule import Rate, Turns, is_due
from .smooth import Smoother
from .sources import SourceFrame, open_source
from .stages import AffectStage, DetectStage, SmoothStage, TrackStage
from .track import Tracker
from .view import View, Viewer

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Pipeline:
    """Detects faces, follows them, reads their affect and steadies it.

        with Pipeline(max_side=320, device="cpu") as pipeline:
            for result in pipeline.stream("video.mp4"):
                print(result.to_json())

    A pipeline belongs to one thread: entering it from another one at the same time raises. Many may live in a process.

    With `device="cuda"` frames go to the GPU once and are letterboxed, cropped and read there (docs/cuda.md); they may
    also be there already: CuPy, PyTorch and Numba arrays, `cuda.DeviceFrame`. A detector or affect stage of your own
    keeps preprocessing on the CPU, whatever device its model runs on.

    Args:
        options: everything at once; the arguments below change a copy of it.
        detect: name or path of a model, or an object that is a `stages.DetectStage`.
        affect: name or path of a model, an object that is a `stages.AffectStage`, or False to only find faces.
        track: an object that is a `stages.TrackStage`.
        smooth: an object that is a `stages.SmoothStage`.
        overrides: options by their flat name, as `PipelineOptions.override` takes them: `device`, `runtime`, `threads`,
            `require_licence`, `max_fps`, `max_side`, `max_faces`, `roi`, `detect_interval`, `affect_interval`, ...

    Raises:
        TypeError: unknown option, or an object that lacks a stage's methods.
        ValueError: an option outside its range.
        ModelNotFoundError, SpecError, DeviceError, LicenceError: a model cannot be used as asked.
        DependencyError: `device="cuda"`, and edgeaffect was built without CUDA.
    """

    def __init__(
        self,
        options: PipelineOptions | None = None,
        *,
        detect: str | os.PathLike[str] | DetectStage | None = None,
        affect: str | os.PathLike[str] | AffectStage | Literal[False] | None = None,
        track: TrackStage | None = None,
        smooth: SmoothStage | None = None,
        **overrides: Any,
    ) -> None:
        for name, value in (("detect_model", detect), ("affect_model", affect)):
            if isinstance(value, (str, os.PathLike)):
                overrides[name] = os.fspath(value)
        self.options = options = (options or PipelineOptions()).override(**overrides)
        if parse_device(options.device)[0] == "cuda" and not (_is_stage(detect) or _is_stage(affect)):
            from .cuda import open_stages

            detect, affect = open_stages(options, affect=affect is not False)
        place: dict[str, Any] = {"device": options.device, "runtime": options.runtime, "threads": options.threads}
        self.detector: DetectStage = _stage(
            "detect", detect, DetectStage, lambda: FaceDetector(options=options.detect, **place)
        )
        self.affect: AffectStage | None = None
        if affect is not False:
            self.affect = _stage("affect", affect, AffectStage, lambda: FaceAffect(options=options.affect, **place))
        self.tracker: TrackStage = _stage("track", track, TrackStage, lambda: Tracker(options.track))
        self.smoother: SmoothStage = _stage(
            "smooth", smooth, SmoothStage, lambda: Smoother(options.smooth, options.affect)
        )
        models = {name: getattr(stage, "model", None) for name, stage in self._stages()}
        files = {name: model for name, model in models.items() if isinstance(model, ModelFile)}
        check_licence(files.values(), options.require_licence)
        self._model_names = {name: f"{file.name} {file.spec.version}" for name, file in files.items()}
        self._turns = Turns(options.affect.interval)
        self._scene = SceneWatch(options.detect.scene_change)
        own_tracker = self.tracker if isinstance(self.tracker, Tracker) else None
        watches = options.detect.scene_change > -1 or own_tracker is None or own_tracker.options.follow_pixels
        self._viewer = Viewer(self.detector, watches)
        self._cameras = Cameras(self)
        self._own_state = track is None and smooth is None
        self._entered = threading.Lock()
        self._closed = False
        self._latest: dict[int, Affect] = {}
        self._detected = -math.inf
        self.reset()

    # ---- frames ----

    def process(self, frame: Frame, timestamp: float | None = None, color: str = "bgr") -> Result:
        """Perceive one frame of a moving scene.

        Between detections (`detect.interval`) faces are predicted, and affect is smoothed over time: for pictures that
        have nothing to do with each other call `reset` in between, or `stream` them from a folder.

        Args:
            frame: uint8 pixels: `bgr`, `rgb` [h, w, 3], `bgra` [h, w, 4], `gray` [h, w], `nv12` [h * 3 / 2, w],
                `yuyv` [h, w, 2]. With `device="cuda"` also an array on the GPU.
            timestamp: seconds, later than the last one; None takes the present (`time.monotonic`).
            color: layout of the frame.

        Raises:
            TypeError, ValueError: the frame is not what `color` says, or time runs backwards.
        """
        clock = "monotonic" if timestamp is None else "user"
        moment = time.monotonic() if timestamp is None else timestamp
        return self.process_frame(SourceFrame(frame, self.frame_index, moment, clock, "frames", time.time(), color))

    def process_frame(self, frame: SourceFrame) -> Result:
        """`process` for a frame that a source delivered with its own time and number."""
        return self.drive([self.steps(frame)])[0]

    def process_batch(
        self, frames: Sequence[Frame], timestamp: float | None = None, color: str = "bgr"
    ) -> list[Result]:
        """`process` for one frame of each of several cameras, which go through the models together.

        Frame i belongs to camera i. Every camera has faces, time and frame numbers of its own, apart from those of
        `process`; `reset` forgets them all. Other arguments as for `process`, one moment for all.
        """
        return self._cameras.process(frames, timestamp, color)

    def stream_batch(self, sources: Sequence[Any], *, color: str = "bgr") -> Iterator[list[Result | None]]:
        """`stream` of several sources at once: each step takes a frame of every source and yields their results.

        A source that has ended gives None; the stream ends with the last one. A step lasts as long as the slowest
        source takes for its next frame.
        """
        return self._cameras.stream(sources, color)

    def frames(self, source: Any, *, color: str = "bgr") -> Iterator[tuple[SourceFrame, Result]]:
        """`stream` together with the frames, for those who draw or store them.

        A frame's pixels are valid until the next one is taken.
        """
        opened = open_source(source, color=color)
        rate = Rate(self.options.max_fps)
        skipped = 0
        self.reset()
        with contextlib.ExitStack() as stack:
            if opened is not source:
                stack.enter_context(opened)
            for frame in stack.enter_context(contextlib.closing(iter(opened))):  # type: ignore[type-var]
                if not frame.still and not rate.admits(frame.timestamp):
                    skipped += 1
                    continue
                if skipped:
                    frame = dataclasses.replace(frame, dropped=frame.dropped + skipped)
                yield frame, self.process_frame(frame)

    def stream(self, source: Any, *, color: str = "bgr") -> Iterator[Result]:
        """Results of a source, frame by frame, until it ends.

        Files are read frame by frame, at the pace of the caller; of a live source each step takes the latest frame, and
        those in between count as dropped. The pipeline is reset first.

        Args:
            source: what `sources.open_source` takes: a `Source`, camera index, URL, path, folder, pattern or arrays.
            color: layout of frames that come as arrays.

        Raises:
            SourceError: it cannot be opened or was lost.
        """
        with contextlib.closing(self.frames(source, color=color)) as pairs:  # type: ignore[type-var]
            for _, result in pairs:
                yield result

    def run(self, source: Any, on_result: Callable[[Result], object], *, color: str = "bgr") -> None:
        """Call `on_result` with every result until the source ends or the callback returns False.

        The callback runs in the thread that called `run`, one call at a time; while it runs, a live source drops
        frames. Its exception stops `run` and is raised from here.
        """
        with contextlib.closing(self.stream(source, color=color)) as results:  # type: ignore[type-var]
            for result in results:
                if on_result(result) is False:
                    return

    # ---- state ----

    def reset(self) -> None:
        """Forget faces, time and frame numbers; models stay loaded."""
        self.frame_index = 0
        self._cameras.reset()
        self._now = -math.inf
        self._size: tuple[int, int] | None = None
        self._scene.reset()
        self._forget_faces()

    def warmup(self, size: tuple[int, int] = (640, 480), color: str = "bgr") -> None:
        """Run every model once on a black frame, so that the first real frame is not slower than the others.

        Args:
            size: (width, height) of the frames to come.
            color: their layout.
        """
        width, height = size
        shapes = {"gray": (height, width), "nv12": (height * 3 // 2, width), "yuyv": (height, width, 2)}
        shape = shapes.get(color, (height, width, 4 if color == "bgra" else 3))
        frame, _ = check_frame(np.zeros(shape, np.uint8), color)
        side = min(size) / 2
        center = np.array(size, np.float32) / 2
        template = np.array([[-1, -1], [1, -1], [0, 0], [-0.7, 1], [0.7, 1]], np.float32) * side / 5
        box = np.concatenate([center - side / 2, center + side / 2]).astype(np.float32)
        face = Faces(box[None], np.ones(1, np.float32), (center + template)[None].astype(np.float32))
        for _ in range(getattr(self.detector, "warmup_calls", 1)):
            with self._viewer.held():
                self.detector.detect(frame, color)
                if self.affect is not None:
                    self.affect.predict(frame, face, color)
        self.reset()

    def describe(self) -> dict[str, Any]:
        """What really runs: per model its file, runtime, device and threads; the native core; all options."""
        stages = {
            name: stage.describe() if hasattr(stage, "describe") else {"class": type(stage).__qualname__}
            for name, stage in self._stages()
        }
        return {
            "stages": stages,
            "models": dict(self._model_names),
            "native": {"flavour": native.FLAVOUR, "simd": native.simd()},
            "options": self.options.to_dict(),
        }

    def close(self) -> None:
        """Release the models; safe to call twice."""
        if not self._closed:
            self._closed = True
            for _, stage in self._stages():
                if hasattr(stage, "close"):
                    stage.close()

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- one frame ----

    def lane(self) -> Pipeline:
        """A pipeline with the same options and the same models, and a state of its own. Not to be closed."""
        if not self._own_state:
            raise TypeError("several cameras need a tracker and a smoother each: leave out track= and smooth=")
        return Pipeline(self.options, detect=self.detector, affect=False if self.affect is None else self.affect)

    def drive(self, steps: Sequence[Steps]) -> list[Result]:
        """Run frames to their results, through this pipeline's models."""
        if not self._entered.acquire(blocking=False):
            raise RuntimeError("this Pipeline is busy in another thread: give each thread a Pipeline of its own")
        try:
            if self._closed:
                raise RuntimeError("this Pipeline is closed: make a new one")
            with self._viewer.held():
                return drive(steps, self.detector, self.affect)
        finally:
            self._entered.release()

    def steps(self, frame: SourceFrame) -> Steps:
        """One frame, up to what it needs from a model each time; see `batch.drive`."""
        watch = _Stopwatch()
        view = self._viewer.see(frame.image, frame.color)
        now = float(frame.timestamp)
        if not math.isfinite(now):
            raise ValueError(f"timestamp must be a finite number of seconds; got {frame.timestamp!r}")
        if frame.still:
            self.reset()
            faces = (yield Detect(view.frame, view.color))[: self.options.detect.max_faces]
            watch.lap("detect")
            chosen = list(range(len(faces)))
        else:
            if now <= self._now:
                raise ValueError(f"timestamps must increase: got {now} after {self._now}; for a new scene call reset()")
            self._now = now
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
            models=self._model_names,
        )

    def _follow(self, view: View, watch: _Stopwatch) -> Generator[Request, Any, tuple[Faces, list[int]]]:
        """Faces now, detected or predicted, and which of them to analyse."""
        options, now, size = self.options.detect, self._now, view.size
        if self._scene.changed(view.pixels, view.pixels_color, size) or size != self._size:
            self._forget_faces()
        self._size = size
        if is_due(now - self._detected, options.interval):
            detected = yield Detect(view.frame, view.color)
            watch.lap("detect")
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
        self, view: View, faces: Faces, chosen: list[int], watch: _Stopwatch
    ) -> Generator[Request, Any, list[Affect | None]]:
        """What the model says now, None for faces that are not among `chosen`."""
        raw: list[Affect | None] = [None] * len(faces)
        if self.affect is not None and chosen:
            part = faces if len(chosen) == len(faces) else faces[chosen]
            affects = yield Predict(view.frame, part, view.color)
            for row, affect in zip(chosen, affects, strict=True):
                raw[row] = affect
            watch.lap("affect")
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

    def _stages(self) -> Iterator[tuple[str, Any]]:
        yield "detect", self.detector
        if self.affect is not None:
            yield "affect", self.affect
        yield "track", self.tracker
        yield "smooth", self.smoother


class _Stopwatch:
    """Milliseconds per stage of one frame."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = (now - self._last) * 1000
        self._last = now

    def finish(self) -> Mapping[str, float]:
        return {**self._laps, "total": (time.perf_counter() - self._start) * 1000}


def _is_stage(given: Any) -> bool:
    return given is not None and given is not False and not isinstance(given, (str, os.PathLike))


def _stage(name: str, given: Any, protocol: Any, build: Callable[[], T]) -> T:
    """The object given, if it is such a stage; the usual one where only a model was named."""
    if given is None or isinstance(given, (str, os.PathLike)):
        return build()
    if not isinstance(given, protocol) or isinstance(given, type):
        methods = ", ".join(sorted(key for key in vars(protocol) if not key.startswith("_")))
        raise TypeError(f"{name} must be an object with {methods}; got {given!r}")
    return given
