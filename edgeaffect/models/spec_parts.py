"""Sections of a model spec besides its inputs: outputs, alignment, decoding of detectors, calibration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from ..errors import SpecError
from . import spec_values as values

ALIGNMENTS = ("box", "landmarks5", "whole")
BORDERS = ("replicate", "constant")
MEANINGS = (
    "probabilities", "votes", "logits", "log_probs", "valence", "arousal", "dominance", "vad_mean", "vad_std",
    "quality", "features", "detector_stride", "presence",
    "landmarks", "landmarks_std", "blendshapes", "blendshapes_std", "head_pose", "head_pose_std", "gaze", "gaze_std",
    "speech", "token_logits", "state", "own_probabilities", "own_value", "label_scores", "label_logits",
    "other",
)  # fmt: skip
"""What an output is. `landmarks`: x, y per point in pixels of the input image; `head_pose`: yaw, pitch, roll; `gaze`:
yaw, pitch; `speech`: probability that somebody speaks, one column per frame of sound; `state`: what a state input of
the next run is; `own_probabilities`, `own_value`: what a head for labels of a user's own says (`models.own_head`);
`label_scores`, `label_logits`: labels of which several may hold, as they are or before a sigmoid (`face.context`)."""

UNITS = ("", "pixels", "degrees", "radians")
"""`pixels` are those of the input image; "" is a number without a unit."""

_DEFAULT_UNITS = {
    "landmarks": "pixels", "landmarks_std": "pixels", "head_pose": "degrees", "head_pose_std": "degrees",
    "gaze": "degrees", "gaze_std": "degrees",
}  # fmt: skip
_ANGLES = ("degrees", "radians")
_ALLOWED_UNITS = {"pixels": ("pixels",), "degrees": _ANGLES}

COLUMNS = {
    "valence": 1, "arousal": 1, "dominance": 1, "vad_mean": 3, "vad_std": 3, "quality": 1, "presence": 1,
    "head_pose": 3, "head_pose_std": 3, "gaze": 2, "gaze_std": 2, "own_value": 1,
}  # fmt: skip
"""Columns of the meanings that always have as many."""

_NAMED = (
    "probabilities",
    "votes",
    "logits",
    "log_probs",
    "own_probabilities",
    "own_value",
    "label_scores",
    "label_logits",
)
_RANGED = ("valence", "arousal", "dominance", "vad_mean")
MAX_STRIDE = 256
MAX_PAD = 4096
MAX_TOP_K = 100_000


@dataclass(frozen=True)
class Alignment:
    """How a detected face becomes the input: an affine map from input pixels to frame pixels."""

    kind: str = "box"
    square: bool = True
    expand: float = 1.0
    """Box alignment: side of the crop over side of the box."""
    shift: tuple[float, float] = (0.0, 0.0)
    """Box alignment: displacement of the centre, in sides of the box, before `expand`."""
    template: tuple[tuple[float, float], ...] | None = None
    """Landmark alignment: where the five points go, in input pixels, pixel centres at +.5."""
    rotate: bool = True
    """Remove head roll (the line of the eyes)."""
    border: str = "replicate"

    def __post_init__(self) -> None:
        values.choose("alignment.kind", self.kind, ALIGNMENTS)
        values.choose("alignment.border", self.border, BORDERS)
        values.flag("alignment.square", self.square)
        values.flag("alignment.rotate", self.rotate)
        values.numbers("alignment.shift", self.shift, {2}, -10, 10)
        values.number("alignment.expand", self.expand, 0.01, 100)
        if self.template is not None:
            if not isinstance(self.template, tuple) or len(self.template) != 5:
                raise SpecError(f"alignment.template must hold five points; got {show(self.template)}")
            for point in self.template:
                values.numbers("alignment.template", point, {2}, -1e5, 1e5)
        if self.kind == "landmarks5":
            if self.template is None:
                raise SpecError("alignment.template must hold five points for kind landmarks5")
            if len(set(self.template)) < 2:
                raise SpecError(f"alignment.template must hold different points; got {show(self.template)}")


@dataclass(frozen=True)
class OutputSpec:
    """One meaning taken from one output tensor: columns `slice` of its last axis (all when None)."""

    name: str
    meaning: str
    slice: tuple[int, int] | None = None
    labels: tuple[str, ...] = ()
    unit: str = ""
    """One of `UNITS`; "" is the meaning's own default: pixels of landmarks, degrees of head pose and gaze."""
    range: tuple[float, float] | None = None
    """Of valence, arousal or dominance: what stands for -1 and 1, such as (1, 10) of EMOTIC; None: nothing to map."""

    def __post_init__(self) -> None:
        values.text("outputs.name", self.name)
        where = f"outputs[{self.name}]"
        values.choose(f"{where}.meaning", self.meaning, MEANINGS)
        values.texts(f"{where}.labels", self.labels)
        if len(set(self.labels)) != len(self.labels):
            raise SpecError(f"{where}.labels holds a label twice: {show(self.labels)}")
        values.choose(f"{where}.unit", self.unit, UNITS)
        usual = _DEFAULT_UNITS.get(self.meaning, "")
        object.__setattr__(self, "unit", self.unit or usual)
        if usual:
            values.choose(f"{where}.unit of {self.meaning}", self.unit, _ALLOWED_UNITS[usual])
        if self.range is not None:
            self._check_range(where)
        if self.slice is not None:
            self._check_slice(where)
        if self.meaning in _NAMED and not self.labels:
            raise SpecError(f"{where}.labels must name the columns of {self.meaning}")
        if self.meaning in COLUMNS and self.labels and len(self.labels) != COLUMNS[self.meaning]:
            raise SpecError(
                f"{where}: {self.meaning} has {COLUMNS[self.meaning]} columns; labels name {len(self.labels)}"
            )

    def _check_range(self, where: str) -> None:
        if self.meaning not in _RANGED:
            raise SpecError(f"{where}.range is for {', '.join(_RANGED)}; it means {self.meaning}")
        values.numbers(f"{where}.range", self.range, {2}, -1e6, 1e6)
        assert self.range is not None
        if not self.range[0] < self.range[1]:
            raise SpecError(f"{where}.range must be [least, most]; got {list(self.range)}")

    def scaled(self, given: NDArray[Any]) -> NDArray[Any]:
        """Values with `range` mapped to [-1, 1]; others as they are."""
        if self.range is None:
            return given
        low, high = self.range
        scaled: NDArray[Any] = (2 * given - (low + high)) / np.float32(high - low)
        return scaled

    def _check_slice(self, where: str) -> None:
        given = self.slice
        if not isinstance(given, tuple) or len(given) != 2:
            raise SpecError(f"{where}.slice must be [first, past the last]; got {show(given)}")
        start, stop = given
        for value in given:
            values.whole(f"{where}.slice", value, 0, values.MAX_LENGTH)
        if not start < stop:
            raise SpecError(f"{where}.slice must be [first, past the last]; got {list(given)}")
        columns = COLUMNS.get(self.meaning)
        if columns is not None and stop - start != columns:
            raise SpecError(f"{where}.slice takes {stop - start} columns; {self.meaning} has {columns}")
        if self.labels and len(self.labels) != stop - start:
            raise SpecError(f"{where} has {len(self.labels)} labels for {stop - start} columns")

    @property
    def columns(self) -> int | None:
        """How many columns of the last axis it takes; None where the spec leaves that to the file."""
        if self.slice is not None:
            return self.slice[1] - self.slice[0]
        return len(self.labels) or COLUMNS.get(self.meaning)


@dataclass(frozen=True)
class Nms:
    """Non-maximum suppression of a detector, and the score that its makers recommend."""

    iou: float = 0.4
    score_threshold: float = 0.5
    top_k: int = 400
    """Most candidates that are compared with each other."""

    def __post_init__(self) -> None:
        values.number("detector.nms.iou", self.iou, 0, 1)
        values.number("detector.nms.score_threshold", self.score_threshold, 1e-6, 1 - 1e-6)
        values.whole("detector.nms.top_k", self.top_k, 1, MAX_TOP_K)


@dataclass(frozen=True)
class DetectorSpec:
    """Decoding of a face detector's per-stride maps [1, 15, h, w]; see csrc/detect/detect_decode.h.

    The five landmarks come in the order eye left, eye right, nose, mouth left, mouth right; left is the image's left.
    """

    strides: tuple[int, ...]
    pad_multiple: int
    decode: str = "ltrb"
    nms: Nms = field(default_factory=Nms)

    def __post_init__(self) -> None:
        values.choose("detector.decode", self.decode, ("ltrb",))
        if not isinstance(self.strides, tuple) or not 1 <= len(self.strides) <= 16:
            raise SpecError(f"detector.strides must list 1 to 16 whole numbers; got {show(self.strides)}")
        for stride in self.strides:
            values.whole("detector.strides", stride, 1, MAX_STRIDE)
        values.whole("detector.pad_multiple", self.pad_multiple, 1, MAX_PAD)
        if any(self.pad_multiple % stride for stride in self.strides):
            raise SpecError(
                f"detector.pad_multiple must be a multiple of every stride; got {self.pad_multiple}, "
                f"{list(self.strides)}"
            )
        if not isinstance(self.nms, Nms):
            raise SpecError(f"detector.nms must be a section; got {show(self.nms)}")

    @classmethod
    def from_dict(cls, data: object) -> DetectorSpec:
        """Build from the spec's JSON object."""
        return values.build(cls, "detector", data, {"nms": lambda v: values.build(Nms, "detector.nms", v)})


@dataclass(frozen=True)
class Calibration:
    """Softmax temperature per output meaning, and the data it was fitted on (nothing else may be reported there)."""

    temperature: Mapping[str, float] = field(default_factory=dict)
    fitted_on: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.temperature, Mapping):
            raise SpecError(f"calibration.temperature maps meanings to numbers; got {show(self.temperature)}")
        for key, value in self.temperature.items():
            values.choose("calibration.temperature: a key", key, MEANINGS)
            values.number(f"calibration.temperature[{key!r}]", value, 1e-3, 1e3)
        values.text("calibration.fitted_on", self.fitted_on, longest=values.MAX_TEXT, empty=True)
