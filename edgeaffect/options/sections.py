"""The options of each stage, one frozen dataclass per section, with the only defaults and their checks.

Times are seconds, lengths pixels, shares 0..1.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

from .._checks import (
    check,
    check_count,
    check_flag,
    check_not_negative,
    check_positive,
    check_seconds,
    check_share,
    is_number,
    show,
)

# Longest side of the detector's input where the user names none.
_MOVING_SIDE, _STILL_SIDE = 320, 1280


CAMERA_ROLLS = (0, 90, 180, 270)
"""Ways to mount a camera, degrees clockwise."""

# A path has no more bytes on Linux.
_LONGEST_PATH = 4096


def _model(name: str, value: object) -> None:
    allowed = f"the name or path of a model as text of up to {_LONGEST_PATH} characters, or None"
    check(value is None or (isinstance(value, str) and len(value) <= _LONGEST_PATH), name, value, allowed)


@dataclass(frozen=True, kw_only=True)
class DetectOptions:
    """How faces are found."""

    model: str | None = None
    """Name or path; None is the bundled detector."""
    score_threshold: float | None = None
    """Least score of a face; None takes the model's own."""
    max_side: int | None = None
    """Longest side of the detector's input: smaller is faster, larger finds smaller faces. 0 = the frame's own; None =
    320 for moving scenes and 1280 for stills, whose faces are found once and in no hurry."""
    max_faces: int = 64
    """Faces kept per frame, best scores first."""
    roi: tuple[float, float, float, float] | None = None
    """Look only here: x0, y0, x1, y1 as shares of the frame."""
    interval: float = 0.1
    """Seconds between detections; boxes are predicted in between. 0 = every frame."""
    scene_change: float = 0.4
    """Detect at once, and take every face for a new one, when two frames in a row correlate less; -1 = never."""
    camera_roll: int | tuple[int, ...] = 0
    """Degrees by which the camera is mounted turned, clockwise as seen from behind it: 0, 90, 180 or 270. A frame
    turned clockwise by as much is upright; results stay in pixels of the frame as given. Several: one per camera of
    `process_batch` and `stream_batch`; `process` and `stream` take the first."""
    check_turn: bool = True
    """Look at faces that the detector is not sure of, or that lean, at twelve turns, and take the points of the right
    one: else faces upside down get the points of upright ones. On the CPU, with a `FaceDetector`."""

    def __post_init__(self) -> None:
        _model("detect.model", self.model)
        threshold = self.score_threshold
        check(
            threshold is None or (is_number(threshold) and 0 < threshold < 1),
            "detect.score_threshold",
            threshold,
            "None, or a number between 0 and 1, both excluded",
        )
        if self.max_side is not None:
            check_count("detect.max_side", self.max_side, 0)
            check(not 0 < self.max_side < 32, "detect.max_side", self.max_side, "None, 0 or at least 32 pixels")
        check_count("detect.max_faces", self.max_faces)
        check_seconds("detect.interval", self.interval)
        check(
            is_number(self.scene_change) and -1 <= self.scene_change <= 1,
            "detect.scene_change",
            self.scene_change,
            "a correlation from -1 to 1",
        )
        check(
            self.roi is None or _is_region(self.roi),
            "detect.roi",
            self.roi,
            "None, or four shares of the frame with 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1",
        )
        rolls = self.camera_roll if isinstance(self.camera_roll, tuple) else (self.camera_roll,)
        check(
            len(rolls) > 0 and all(type(roll) is int and roll in CAMERA_ROLLS for roll in rolls),
            "detect.camera_roll",
            self.camera_roll,
            "0, 90, 180 or 270 degrees, or one of them per camera",
        )
        check_flag("detect.check_turn", self.check_turn)

    def roll(self, camera: int) -> int:
        """`camera_roll` of one camera, counted from 0.

        Raises:
            ValueError: there are several, and none for this camera.
        """
        if not isinstance(self.camera_roll, tuple):
            return self.camera_roll
        check(
            camera < len(self.camera_roll), "detect.camera_roll", self.camera_roll,
            f"one number for all cameras, or one for each: there is none for camera {camera}",
        )  # fmt: skip
        return self.camera_roll[camera]

    def side(self, *, still: bool) -> int:
        """`max_side` as a number, for a picture by itself or a frame of a moving scene."""
        if self.max_side is not None:
            return self.max_side
        return _STILL_SIDE if still else _MOVING_SIDE


@dataclass(frozen=True, kw_only=True)
class AffectOptions:
    """How affect is read, and when it counts as sure."""

    model: str | None = None
    """Name or path; None is the bundled model."""
    interval: float = 0.0
    """Seconds between two analyses of one face; faces take turns. 0 = every face in every frame."""
    min_confidence: float = 0.5
    """`is_sure` needs at least this probability of the label ..."""
    min_quality: float = 0.9
    """... and at least this `Affect.quality`: below it something hides the face, or any touch tips the label."""
    calibration: str | None = None
    """File that `edgeaffect calibrate` made of labelled faces of your own; None keeps the model's own calibration."""
    first: str | None = None
    """Opt-in, on the CPU: name or path of a small model, such as `affect-nano`, that looks at every face first; only
    faces that it is not sure of go to `affect.model` (docs/first-look.md)."""
    first_confidence: float = 0.8
    """A face ends with the first look where its label has at least this probability ..."""
    first_quality: float = 0.9
    """... and its quality is at least this."""

    def __post_init__(self) -> None:
        _model("affect.model", self.model)
        for name in ("calibration", "first"):
            if isinstance(getattr(self, name), os.PathLike):
                object.__setattr__(self, name, os.fspath(getattr(self, name)))
        _model("affect.first", self.first)
        check(
            self.calibration is None or isinstance(self.calibration, str), "affect.calibration", self.calibration,
            "the path of a file as text, or None",
        )  # fmt: skip
        check_seconds("affect.interval", self.interval)
        check_share("affect.min_confidence", self.min_confidence)
        check_share("affect.min_quality", self.min_quality)
        check_share("affect.first_confidence", self.first_confidence)
        check_share("affect.first_quality", self.first_quality)
        check(
            self.first is None or self.calibration is None, "affect.first", self.first,
            f"None beside affect.calibration ({show(self.calibration)}), which is of one model and not of two",
        )  # fmt: skip

    def is_sure(self, confidence: float, quality: float) -> bool:
        """The rule behind `Affect.is_sure`; a model that says nothing about quality (NaN) is judged by confidence."""
        return bool(confidence >= self.min_confidence and not quality < self.min_quality)


@dataclass(frozen=True, kw_only=True)
class TrackOptions:
    """How faces are followed."""

    iou_threshold: float = 0.2
    """Least overlap of a detection with a predicted box ..."""
    max_distance: float = 1.0
    """... or, for fast faces, most face sizes between their centres; 0 = overlap only."""
    max_age: float = 1.0
    """Seconds a face can be lost and still return under its id."""
    coast: float = 0.25
    """Seconds a face that a detection missed is still reported, and that its motion is extrapolated."""
    min_age: float = 0.0
    """Seconds a new face must have been known before it is reported."""
    process_noise: float = 8.0
    """How much a face's speed changes within one second (standard deviation, face sizes per second)."""
    measurement_noise: float = 0.02
    """Standard deviation of a detected box, face sizes."""
    follow_pixels: bool = True
    """Between detections, find each face again by its pixels; False = predict from motion alone."""

    def __post_init__(self) -> None:
        check_share("track.iou_threshold", self.iou_threshold)
        for name in ("max_age", "coast", "min_age"):
            check_seconds(f"track.{name}", getattr(self, name))
        check(self.coast <= self.max_age, "track.coast", self.coast, f"at most track.max_age ({self.max_age})")
        check_not_negative("track.max_distance", self.max_distance, "face sizes")
        for name in ("process_noise", "measurement_noise"):
            check_positive(f"track.{name}", getattr(self, name))
        check_flag("track.follow_pixels", self.follow_pixels)


@dataclass(frozen=True, kw_only=True)
class SmoothOptions:
    """How readings are steadied over time."""

    method: str = "one_euro"
    """`one_euro`, `exponential` or `none`."""
    time_constant: float = 0.4
    """Exponential: seconds to forget by 1/e."""
    min_cutoff: float = 0.5
    """One-Euro: cut-off frequency at rest, Hz."""
    beta: float = 1.0
    """One-Euro: Hz of cut-off per unit of speed (1/s)."""
    d_cutoff: float = 1.0
    """One-Euro: cut-off of the speed estimate, Hz."""
    hysteresis: float = 0.08
    """A new label must lead the present one by this much probability ..."""
    hold: float = 0.2
    """... for this many seconds."""
    baseline: bool = False
    """Opt-in: subtract each person's own neutral face from valence, arousal and dominance."""
    baseline_seconds: float = 5.0
    """Time over which a person's neutral baseline is learnt ..."""
    baseline_neutral: float = 0.5
    """... counting only moments with at least this probability of neutral."""

    def __post_init__(self) -> None:
        check(
            self.method in ("one_euro", "exponential", "none"),
            "smooth.method",
            self.method,
            "one_euro, exponential or none",
        )
        for name in ("time_constant", "hold", "baseline_seconds"):
            check_seconds(f"smooth.{name}", getattr(self, name))
        for name in ("min_cutoff", "d_cutoff"):
            check_positive(f"smooth.{name}", getattr(self, name), " (Hz)")
        check_not_negative("smooth.beta", self.beta)
        check_flag("smooth.baseline", self.baseline)
        check_share("smooth.hysteresis", self.hysteresis)
        check_share("smooth.baseline_neutral", self.baseline_neutral)


@dataclass(frozen=True, kw_only=True)
class GpuOptions:
    """Only for `device="cuda"`."""

    graphs: bool = True
    """Record the work on frames of one size as a CUDA graph, once that is proved to do the same."""
    upload: str = "auto"
    """Frames on the host: `copy` to the GPU; `mapped`: kernels read them in pinned host memory; `auto`: mapped where
    CPU and GPU share their memory (a Jetson), else copy."""

    def __post_init__(self) -> None:
        check_flag("gpu.graphs", self.graphs)
        check(self.upload in ("auto", "copy", "mapped"), "gpu.upload", self.upload, "auto, copy or mapped")


@dataclass(frozen=True, kw_only=True)
class CuesOptions:
    """What faces do: landmarks, blendshapes, action units, head pose, gaze."""

    enabled: bool = False
    """Read cues; also `Pipeline(cues=True)`."""
    model: str | None = None
    """Name or path; None is the bundled model."""
    interval: float = 0.0
    """Seconds between two readings of one face; faces take turns. 0 = every face in every frame."""
    fov: float | None = None
    """Horizontal field of view of the camera in degrees; None takes a focal length of one image width (53 degrees)."""
    looking_tolerance: float = 10.0
    """`looking_at_camera`: degrees from the camera within which a look still meets it."""
    gaze_offset: tuple[float, float] = (0.0, 0.0)
    """Yaw, pitch in degrees added to the gaze: what `calibrate_gaze` finds for one person."""
    baseline: bool = False
    """Opt-in: subtract each person's own resting face from the blendshapes and what comes from them."""
    baseline_seconds: float = 5.0
    """First seconds of a face, over which its rest is learnt; nothing is subtracted before."""

    def __post_init__(self) -> None:
        check_flag("cues.enabled", self.enabled)
        _model("cues.model", self.model)
        check_seconds("cues.interval", self.interval)
        check(
            self.fov is None or (is_number(self.fov) and 1 <= self.fov <= 170), "cues.fov", self.fov,
            "None, or degrees from 1 to 170",
        )  # fmt: skip
        check(
            is_number(self.looking_tolerance) and 0 < self.looking_tolerance <= 90,
            "cues.looking_tolerance",
            self.looking_tolerance,
            "degrees above 0, at most 90",
        )
        offset = self.gaze_offset
        check(
            isinstance(offset, tuple) and len(offset) == 2 and all(is_number(v) and abs(v) <= 90 for v in offset),
            "cues.gaze_offset",
            offset,
            "yaw and pitch in degrees, each from -90 to 90",
        )
        check_flag("cues.baseline", self.baseline)
        check_seconds("cues.baseline_seconds", self.baseline_seconds)


@dataclass(frozen=True, kw_only=True)
class CropOptions:
    """Small pictures of faces, kept so that a face can be looked at after its frame is gone."""

    keep: bool = False
    """Opt-in: keep one crop per face at its last analysis (`Pipeline.kept_crop`)."""
    side: int = 160
    """Width and height of a kept crop in pixels; it shows a square of 1.6 times the face's box."""

    def __post_init__(self) -> None:
        check_flag("crop.keep", self.keep)
        check_count("crop.side", self.side, 16, 1024)


@dataclass(frozen=True, kw_only=True)
class VoiceOptions:
    """What is heard: when somebody speaks, and what the voice expresses."""

    enabled: bool = False
    """Listen; also `Pipeline(voice=True)`."""
    model: str | None = None
    """Name or path of the model that reads affect; None is the bundled one."""
    activity: str | None = None
    """Name or path of the model that finds speech; None is the bundled one."""
    window: float = 3.0
    """Seconds of sound behind one answer; at the start of a sound there are fewer."""
    hop: float = 0.5
    """Seconds from one answer to the next."""
    threshold: float = 0.5
    """Least probability of a moment that is speech."""
    min_speech: float = 0.2
    """Seconds of speech that a window needs to have a voice."""
    min_confidence: float = 0.5
    """`is_sure` needs at least this probability of the label."""
    max_age: float = 2.0
    """Seconds after which a result no longer shows what was heard last."""
    gap: float = 0.1
    """Seconds by which the stamp of pushed sound may differ from the end of the sound before; more is a gap, after
    which listening begins anew, or an overlap, which is refused."""

    def __post_init__(self) -> None:
        check_flag("voice.enabled", self.enabled)
        _model("voice.model", self.model)
        _model("voice.activity", self.activity)
        check(
            is_number(self.window) and 0.5 <= self.window <= 10, "voice.window", self.window, "seconds from 0.5 to 10"
        )
        check(
            is_number(self.hop) and 0.1 <= self.hop <= self.window, "voice.hop", self.hop,
            f"seconds from 0.1 to voice.window ({self.window})",
        )  # fmt: skip
        check(
            is_number(self.min_speech) and 0.05 <= self.min_speech <= self.window, "voice.min_speech", self.min_speech,
            f"seconds from 0.05 to voice.window ({self.window})",
        )  # fmt: skip
        check_share("voice.threshold", self.threshold)
        check_share("voice.min_confidence", self.min_confidence)
        check_positive("voice.max_age", self.max_age, " seconds")
        check_seconds("voice.gap", self.gap)


def _is_region(value: object) -> bool:
    if not isinstance(value, tuple) or len(value) != 4 or not all(map(is_number, value)):
        return False
    x0, y0, x1, y1 = value
    return bool(0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1)
