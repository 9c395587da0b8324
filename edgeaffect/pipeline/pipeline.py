"""`Pipeline`: frames in, faces with affect out."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, overload

import numpy as np

from .. import native
from .._process_bound import ProcessBound
from .._thread_guard import ThreadGuard
from ..errors import Error
from ..face.cue_smoother import CueSmoother
from ..face.smoother import Smoother
from ..face.tracker import Tracker
from ..face.turn_finder import TurnFinder
from ..image import Frame, Image, array_shape
from ..models import check_licence
from ..options import PipelineOptions
from ..results import Face, Faces, Result
from ..runtime import Placement
from ..sources import SourceFrame
from ..voice.models import VoiceModels
from .calls import Steps, drive, in_turn, run_frame
from .camera_state import CameraState
from .cameras import Cameras
from .crew import Crew, may_work_at_once
from .explains import Explains
from .face_reader import FaceReader, FaceStage
from .feeds import CameraError
from .frame_stages import open_stages, wanted_stages
from .given_stages import given_or_built, options_with
from .kept_crops import KeptCrop
from .stage_builder import StageBuilder
from .stages import (
    BatchStage,
    Detects,
    DeviceStage,
    Predicts,
    SmoothStage,
    TrackStage,
    describe,
)
from .streams import Streams

if TYPE_CHECKING:
    from ..explain.explainer import Explainer

# reader -> name of its smoother in `describe`
_SMOOTHERS = {"affect": "smooth", "cues": "smooth_cues"}


class Pipeline(Explains, Streams, ProcessBound):
    """Detects faces, follows them, reads their affect and steadies it.

        with Pipeline(max_side=320, device="cpu") as pipeline:
            for result in pipeline.stream("video.mp4"):
                print(result.to_json())

    A pipeline belongs to one thread: entering it from another one at the same time raises. Many may live in a process.

    With `device="cuda"` frames go to the GPU once and are letterboxed, cropped and read there (docs/cuda.md); they may
    also be there already: CuPy, PyTorch and Numba arrays, `cuda.DeviceFrame`. With a stage of your own frames stay on
    the host, whatever device its model runs on; or all stages are `cuda.DeviceDetector` and `cuda.DeviceFaceModel`.

    Args:
        options: everything at once; the arguments below change a copy of it.
        detect: name or path of a model, or an object that finds faces (`FaceDetector`, or anything with
            `detect(frame, color)`), which stays the caller's to close.
        affect: name or path of a model, an object that reads faces (`FaceAffect`, or anything with
            `predict(frame, faces, color)`), or False to only find faces.
        cues: True to read cues (landmarks, blendshapes, action units, head pose, gaze), name or path of a model, or an
            object such as `FaceCues`; None follows `options.cues.enabled`.
        explain: True to answer `explain`, `ask`, `judge` and `check` about faces (needs cues; keeps crops), name or
            path of a bundle, or an `Explainer` that nobody else uses; None follows `options.explain.enabled`.
        voice: True to hear whoever speaks (`accept_audio`, `stream(..., microphone=...)`), name or path of a model, or
            a `VoiceAffect`, which stays the caller's to close; None follows `options.voice.enabled`. Who speaks is
            known with `cues=True` only.
        track: an object that is a `stages.TrackStage`.
        smooth: an object that is a `stages.SmoothStage`.
        overrides: options by their flat name, as `PipelineOptions.override` takes them: `device`, `runtime`, `threads`,
            `models`, `require_licence`, `max_fps`, `max_side`, `max_faces`, `roi`, `detect_interval`, ...

    Raises:
        TypeError: unknown option, an object that lacks a stage's methods, or stages of which only some take frames on a
            GPU.
        ValueError: an option outside its range.
        ModelNotFoundError, SpecError, DeviceError, LicenceError: a model cannot be used as asked.
    """

    def __init__(
        self,
        options: PipelineOptions | None = None,
        *,
        detect: str | os.PathLike[str] | BatchStage | Detects | None = None,
        affect: str | os.PathLike[str] | BatchStage | Predicts | Literal[False] | None = None,
        cues: bool | str | os.PathLike[str] | BatchStage | None = None,
        explain: bool | str | os.PathLike[str] | Explainer | None = None,
        voice: bool | str | os.PathLike[str] | VoiceModels | None = None,
        track: TrackStage | None = None,
        smooth: SmoothStage[Any] | None = None,
        **overrides: Any,
    ) -> None:
        given = {"detect": detect, "affect": affect, "cues": cues, "voice": voice, "explain": explain}
        self.options = options = options_with(options, given, overrides)
        placement = Placement(options.device, options.runtime, options.threads)
        wanted = wanted_stages(options, given)
        build = StageBuilder(options, placement)
        self._frame_stages = stages = open_stages(wanted, options, placement, build)
        self.detector, self.affect, self.cues = stages.detector, stages.affect, stages.cues
        self.hearing = self._open_hearing(voice, options, build)
        files = stages.files() | ({} if self.hearing is None else self.hearing.models.files)
        check_licence(files.values(), options.require_licence)
        self._model_names = {name: f"{file.name} {file.spec.version}" for name, file in files.items()}
        self._opened: list[Any] = [*stages.opened(wanted)]
        if self.hearing is not None and self.hearing.models is not voice:
            self._opened.append(self.hearing.models)
        self._turn_finder = TurnFinder.of(self.detector) if options.detect.check_turn else None
        turn: dict[str, BatchStage] = {} if self._turn_finder is None else {"turn": self._turn_finder}
        (name, detector), *others = stages.named()
        self._stages: dict[str, BatchStage] = {name: detector, **turn, **dict(others)}
        readers = [stage for _, stage in others]
        self._crew = Crew(len(readers) - 1) if options.parallel and may_work_at_once(readers) else None
        self._run = in_turn if self._crew is None else self._crew.run
        self._own_state = track is None and smooth is None
        self._state = self._new_state(0, track, smooth)
        self._explaining = self._open_explaining(explain, options, has_cues=self.cues is not None)
        self._busy = ThreadGuard("Pipeline")
        self._cameras = Cameras(self.new_camera, self._drive, self._busy, self.options.watchdog)
        self._closed = False

    # ---- frames ----

    def process(self, frame: Frame, timestamp: float | None = None, color: str = "bgr") -> Result:
        """Perceive one frame of a moving scene.

        Between detections (`detect.interval`) faces are predicted, and affect is smoothed over time: for pictures that
        have nothing to do with each other call `reset` in between, or `stream` them from a folder. With
        `on_time_jump="drop"` a frame whose time does not go on gives the last result again, as it was.

        Args:
            frame: uint8 pixels: `bgr`, `rgb` [h, w, 3], `bgra` [h, w, 4], `gray` [h, w], `nv12` [h * 3 / 2, w],
                `yuyv` [h, w, 2]. With `device="cuda"` also an array on the GPU.
            timestamp: seconds, later than the last one; None takes the present (`time.monotonic`). Between two calls of
                `reset` all frames have one or none has.
            color: layout of the frame.

        Raises:
            TypeError, ValueError: the frame is not what `color` says, or time runs backwards.
        """
        return self.process_frame(self._state.frame(frame, timestamp, color, "frames"))

    def process_frame(self, frame: SourceFrame) -> Result:
        """`process` for a frame that a source delivered with its own time and number."""
        return self._perceive(frame) or self._state.last

    @overload
    def process_batch(
        self, frames: Sequence[Frame], timestamp: float | None = None, color: str = "bgr",
        *, on_error: Literal["raise"] = "raise",
    ) -> list[Result]: ...  # fmt: skip

    @overload
    def process_batch(
        self, frames: Sequence[Frame], timestamp: float | None = None, color: str = "bgr",
        *, on_error: Literal["return"],
    ) -> list[Result | CameraError]: ...  # fmt: skip

    def process_batch(
        self,
        frames: Sequence[Frame],
        timestamp: float | None = None,
        color: str = "bgr",
        *,
        on_error: Literal["raise", "return"] = "raise",
    ) -> list[Result] | list[Result | CameraError]:
        """`process` for one frame of each of several cameras, which go through the models together.

        Frame i belongs to camera i. Every camera has faces, time and frame numbers of its own, apart from those of
        `process`; `reset` forgets them all.

        Args:
            frames: one per camera, as for `process`.
            timestamp: as for `process`; one moment for all.
            color: layout of all frames.
            on_error: `raise` the first error; a frame that is not what `color` says is found before any counts as
                seen. `return` gives a `CameraError` in the place of a camera that fails, and the others their results,
                as `stream_batch` does.

        Raises:
            TypeError, ValueError: with `on_error="raise"`, as for `process`; of a wrong frame the camera is named.
        """
        return self._cameras.process(frames, timestamp, color, on_error)

    # ---- state ----

    def reset(self) -> None:
        """Forget faces, sound, time and frame numbers; models stay loaded.

        Raises:
            RuntimeError: the pipeline is at work in another thread.
        """
        with self._busy:
            self._state.reset()
            self._cameras.reset()
        self._forget_sound()

    def kept_crop(self, face: Face | int, *, camera: int | None = None) -> KeptCrop:
        """The small picture of a face at its last analysis, kept with `crop_keep=True`.

        Args:
            face: a face of a result, or its track id.
            camera: position of the camera for `process_batch` and `stream_batch`; None for `process` and `stream`.

        Raises:
            Error: crops are not kept, or this face is not known (any more).
        """
        state = self._camera(camera)
        if state is None or state.crops is None:
            raise Error("no crops are kept: make the pipeline with crop_keep=True, and give it a frame first")
        track_id = face.track_id if isinstance(face, Face) else face
        crop = None if track_id is None else state.crops.get(track_id)
        if crop is None:
            raise Error(
                f"no crop of face {track_id!r} is kept: it left more than track.max_age ago, was never analysed, or is "
                "of a still picture, whose faces have no id"
            )
        return crop

    def _camera(self, camera: int | None) -> CameraState | None:
        return self._state if camera is None else self._cameras.state(camera)

    def warmup(self, size: tuple[int, int] = (640, 480), color: str = "bgr") -> None:
        """Run every model once on a black frame, so that the first real frame is not slower than the others.

        Args:
            size: (width, height) of the frames to come.
            color: their layout.
        """
        image = Image.of(np.zeros(array_shape(size, color), np.uint8), color)
        width, height = image.size
        side = min(width, height) / 2
        center = np.array([width, height], np.float32) / 2
        template = np.array([[-1, -1], [1, -1], [0, 0], [-0.7, 1], [0.7, 1]], np.float32) * np.float32(side / 5)
        box = np.concatenate([center - side / 2, center + side / 2]).astype(np.float32)
        face = Faces(box[None], np.ones(1, np.float32), (center + template)[None])
        device = self.detector if isinstance(self.detector, DeviceStage) else None
        with self._busy:
            self._check_open()
            for _ in range(1 if device is None else device.warmup_calls):
                item = image if device is None else device.context.upload(image)
                self.detector.run_many([item])
                for _, stage in self._frame_stages.named():
                    if stage is not self.detector:
                        stage.run_many([(item, face)])
            if self.hearing is not None:
                self.hearing.warmup()
        self.reset()

    def describe(self) -> dict[str, Any]:
        """What really runs: per model its file, runtime, device and threads; the native core; all options.

        `at_once` names the stages that work at the same time (`parallel`). `hints` say what may be better otherwise:
        that a camera seems to be mounted turned.
        """
        everything: tuple[tuple[str, Any], ...] = (
            *self._frame_stages.named(), ("track", self._state.tracker),
            *((_SMOOTHERS[reader.kind.name], reader.smoother) for reader in self._state.readers),
        )  # fmt: skip
        stages = {name: describe(stage) for name, stage in everything}
        if self.hearing is not None:
            stages["voice"] = self.hearing.models.describe()
        if self._turn_finder is not None:
            stages["turn"] = self._turn_finder.describe()
        hints = [state.turns.watch.hint for state in (self._state, *self._cameras.states()) if state.turns is not None]
        return {
            "stages": stages,
            "models": dict(self._model_names),
            **({} if self._explaining is None else {"explain": self._explaining.explainer.describe()}),
            "native": {"variant": native.VARIANT, "simd": native.simd()},
            "options": self.options.to_dict(),
            "at_once": [] if self._crew is None else [reader.kind.name for reader in self._state.readers],
            "hints": [hint for hint in hints if hint is not None],
        }

    def close(self) -> None:
        """Release the models that this pipeline opened; safe to call twice. Stages given to it stay open.

        Raises:
            RuntimeError: the pipeline is at work in another thread, or this is its `on_text`; then it stays open.
        """
        with self._busy:
            if self._explaining is not None:
                self._explaining.check_close()
            self._closed = True
            if self._crew is not None:
                self._crew.close()
            for stage in self._opened:
                stage.close()
            if self._explaining is not None:
                self._explaining.close()

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # ---- one frame ----

    def _perceive(self, frame: SourceFrame) -> Result | None:
        """One frame of the pipeline's own camera; None where it is dropped."""
        with self._busy, self._frame_at_work():
            self._check_open()
            return run_frame(self._state.steps(frame), self._stages, self._run)

    def _drive(self, frames: Sequence[Steps]) -> list[Result | Exception | None]:
        """One frame of each of several cameras."""
        with self._busy, self._frame_at_work():
            self._check_open()
            return drive(frames, self._stages, self._run)

    def new_camera(self, camera: int = 0) -> CameraState:
        """State for one more camera; `camera` is its number, for `camera_roll`."""
        if not self._own_state:
            raise TypeError("several cameras need a tracker and a smoother each: leave out track= and smooth=")
        return self._new_state(camera, None, None)

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeError("this Pipeline is closed: make a new one")

    def _new_state(self, camera: int, track: TrackStage | None, smooth: SmoothStage[Any] | None) -> CameraState:
        options = self.options
        readers = []
        if self.affect is not None:
            kind = FaceStage("affect", self.affect, "affect", "raw", options.affect.interval)
            steady = given_or_built("smooth", smooth, SmoothStage, lambda: Smoother(options.smooth, options.affect))
            readers.append(FaceReader(kind, steady, skip_unchanged=options.skip_unchanged))
        if self.cues is not None:
            kind = FaceStage("cues", self.cues, "cues", "raw_cues", options.cues.interval)
            steady_cues = CueSmoother(options.smooth, options.cues, roll=options.detect.roll(camera))
            readers.append(FaceReader(kind, steady_cues, skip_unchanged=options.skip_unchanged))
        tracker = given_or_built("track", track, TrackStage, lambda: Tracker(options.track))
        listener = self._new_attribution(has_cues=self.cues is not None)
        return CameraState(
            options, self.detector, readers, tracker, self._model_names, listener,
            camera=camera, finder=self._turn_finder, together=self._crew is not None,
        )  # fmt: skip
