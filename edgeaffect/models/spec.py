"""`ModelSpec`: everything the runtime must know about a model file, carried by the file itself.

The spec is one JSON document under the ONNX metadata key `edgeaffect.spec`, or a sidecar `NAME.edgeaffect.json`
beside files made elsewhere. The runtime holds no constant of any model.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from .._checks import is_number, is_whole
from ..errors import SpecError
from . import metadata

SCHEMA = "edgeaffect.model/1"
METADATA_KEY = "edgeaffect.spec"
SIDECAR_SUFFIX = ".edgeaffect.json"

TASKS = ("affect", "face-detector", "voice", "explain")
COLORS = ("gray", "rgb", "bgr")
LAYOUTS = ("nchw", "nhwc")
DTYPES = ("float32", "float16", "int8")
ALIGNMENTS = ("box", "landmarks5", "whole")
BORDERS = ("replicate", "constant")
VA_SOURCES = ("derived", "rated")
MEANINGS = (
    "probabilities", "votes", "logits", "log_probs", "valence", "arousal", "dominance", "vad_mean", "vad_std",
    "quality", "features", "detector_stride", "other",
)  # fmt: skip

T = TypeVar("T")


def _choose(what: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise SpecError(f"{what} must be one of {', '.join(allowed)}; got {value!r}")


def _text(what: str, value: object) -> None:
    if not isinstance(value, str) or not value:
        raise SpecError(f"{what} must be a text that is not empty; got {value!r}")


def _numbers(what: str, values: tuple[float, ...], *lengths: int) -> None:
    if len(values) not in lengths or not all(is_number(v) for v in values):
        raise SpecError(f"{what} must be {' or '.join(map(str, lengths))} finite numbers; got {values!r}")


@dataclass(frozen=True)
class InputSpec:
    """One image input. Normalisation: x = (pixel * scale - mean[channel]) / std[channel], pixel in 0..255."""

    name: str
    size: tuple[int, int]
    """Width, height in pixels; (0, 0) where the model takes any size."""
    color: str = "rgb"
    layout: str = "nchw"
    dtype: str = "float32"
    scale: float = 1.0 / 255.0
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    quant: tuple[float, int] | None = None
    """(scale, zero point) of an int8 input: stored = round(x / scale) + zero point."""

    def __post_init__(self) -> None:
        _choose("input.color", self.color, COLORS)
        _choose("input.layout", self.layout, LAYOUTS)
        _choose("input.dtype", self.dtype, DTYPES)
        _text("input.name", self.name)
        _numbers("input.size", self.size, 2)
        if not all(is_whole(n) for n in self.size):
            raise SpecError(f"input.size must be whole pixels; got {self.size}")
        _numbers("input.mean", self.mean, 1, self.channels)
        _numbers("input.std", self.std, 1, self.channels)
        if any(s <= 0 for s in self.std) or min(self.size) < 0 or not is_number(self.scale):
            raise SpecError(f"input: std must be positive, size not negative, scale finite; got {self}")
        if (self.dtype == "int8") != (self.quant is not None):
            raise SpecError(f"input.quant goes with dtype int8, and only with it; got {self.dtype}, {self.quant}")

    @property
    def channels(self) -> int:
        return 1 if self.color == "gray" else 3


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
        _choose("alignment.kind", self.kind, ALIGNMENTS)
        _choose("alignment.border", self.border, BORDERS)
        _numbers("alignment.shift", self.shift, 2)
        if not (is_number(self.expand) and self.expand > 0):
            raise SpecError(f"alignment.expand must be positive; got {self.expand!r}")
        if self.kind == "landmarks5":
            if self.template is None or len(self.template) != 5:
                raise SpecError("alignment.template must hold five points for kind landmarks5")
            for point in self.template:
                _numbers("alignment.template", point, 2)
            if len(set(self.template)) < 2:
                raise SpecError(f"alignment.template must hold different points; got {self.template}")


@dataclass(frozen=True)
class OutputSpec:
    """One meaning taken from one output tensor: columns `slice` of its last axis (all when None)."""

    name: str
    meaning: str
    slice: tuple[int, int] | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _text("outputs.name", self.name)
        _choose(f"outputs[{self.name}].meaning", self.meaning, MEANINGS)
        if self.slice is not None:
            start, stop = self.slice
            if not 0 <= start < stop:
                raise SpecError(f"outputs[{self.name}].slice must be [first, past the last]; got {self.slice}")
            if self.labels and len(self.labels) != stop - start:
                raise SpecError(f"outputs[{self.name}] has {len(self.labels)} labels for {stop - start} columns")
        if len(set(self.labels)) != len(self.labels):
            raise SpecError(f"outputs[{self.name}].labels holds a label twice: {self.labels}")


@dataclass(frozen=True)
class DetectorSpec:
    """Decoding of a face detector's per-stride maps [1, 15, h, w]; see csrc/detect/detect_decode.h."""

    strides: tuple[int, ...]
    pad_multiple: int
    decode: str = "ltrb"
    landmarks_order: tuple[str, ...] = ("eye_left", "eye_right", "nose", "mouth_left", "mouth_right")
    nms: Mapping[str, float] = field(default_factory=lambda: {"iou": 0.4, "score_threshold": 0.5, "top_k": 400})

    def __post_init__(self) -> None:
        _choose("detector.decode", self.decode, ("ltrb",))
        if not self.strides or min(self.strides) < 1 or self.pad_multiple % max(self.strides):
            raise SpecError(
                f"detector.pad_multiple must be a multiple of every stride; got {self.pad_multiple}, {self.strides}"
            )
        nms = self.nms
        missing = {"iou", "score_threshold", "top_k"} - set(nms)
        if missing:
            raise SpecError(f"detector.nms lacks {sorted(missing)}")
        iou, threshold, top_k = nms["iou"], nms["score_threshold"], nms["top_k"]
        if not (is_number(iou) and 0 <= iou <= 1 and is_number(threshold) and 0 < threshold < 1):
            raise SpecError(f"detector.nms: iou is 0..1, score_threshold between 0 and 1; got {iou!r}, {threshold!r}")
        if not (is_whole(top_k) and top_k >= 1):
            raise SpecError(f"detector.nms.top_k must be a whole number, 1 or more; got {top_k!r}")


@dataclass(frozen=True)
class Calibration:
    """Softmax temperature per output meaning, and the data it was fitted on (nothing else may be reported there)."""

    temperature: Mapping[str, float] = field(default_factory=dict)
    fitted_on: str = ""

    def __post_init__(self) -> None:
        if not isinstance(self.temperature, Mapping):
            raise SpecError(f"calibration.temperature maps meanings to numbers; got {self.temperature!r}")
        for key, value in self.temperature.items():
            if not (is_number(value) and value > 0):
                raise SpecError(f"calibration.temperature[{key!r}] must be positive; got {value!r}")


@dataclass(frozen=True)
class ModelSpec:
    """What a model file says about itself."""

    name: str
    version: str
    task: str
    input: InputSpec
    outputs: tuple[OutputSpec, ...]
    alignment: Alignment = field(default_factory=Alignment)
    detector: DetectorSpec | None = None
    calibration: Calibration | None = None
    va_source: str | None = None
    licence: str = "unknown"
    training_data: tuple[str, ...] = ()
    recipe: str = ""
    sha256_source: str | None = None
    schema: str = SCHEMA

    def __post_init__(self) -> None:
        if self.schema != SCHEMA:
            raise SpecError(f"schema {self.schema!r} is not the one this version reads ({SCHEMA}): update edgeaffect")
        for name in ("name", "version", "licence"):
            _text(name, getattr(self, name))
        _choose("task", self.task, TASKS)
        if self.va_source is not None:
            _choose("va_source", self.va_source, VA_SOURCES)
        if (self.task == "face-detector") != (self.detector is not None):
            raise SpecError("a face-detector has a `detector` section, and nothing else has one")
        if not self.outputs:
            raise SpecError("outputs must name at least one output")
        maps = [o for o in self.outputs if o.meaning == "detector_stride"]
        if self.detector is not None and len(maps) != len(self.detector.strides):
            raise SpecError(
                f"{len(self.detector.strides)} strides need as many detector_stride outputs; got {len(maps)}"
            )
        if self.alignment.kind != "whole" and self.task == "affect" and min(self.input.size) < 1:
            raise SpecError(f"an affect model has a fixed input size; got {self.input.size}")

    def output(self, meaning: str) -> OutputSpec | None:
        """The output of that meaning, or None."""
        return next((o for o in self.outputs if o.meaning == meaning), None)

    def to_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    def to_json(self, indent: int | None = None) -> str:
        return json.dumps(self.to_dict(), indent=indent, allow_nan=False)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> ModelSpec:
        """Build from a JSON-like mapping.

        Raises:
            SpecError: unknown or missing key, wrong type, impossible value; the message names the key.
        """
        nested = {
            "input": lambda v: _build(InputSpec, "input", v),
            "alignment": lambda v: _build(Alignment, "alignment", v),
            "outputs": lambda v: tuple(_build(OutputSpec, f"outputs[{i}]", o) for i, o in enumerate(v)),
            "detector": lambda v: None if v is None else _build(DetectorSpec, "detector", v),
            "calibration": lambda v: None if v is None else _build(Calibration, "calibration", v),
        }
        if not isinstance(data, Mapping):
            raise SpecError(f"a model spec is a JSON object, got {type(data).__name__}")
        try:
            converted = {key: nested.get(key, _freeze)(value) for key, value in data.items()}
        except TypeError as error:
            raise SpecError(f"model spec: {error}") from error
        return _build(cls, "model spec", converted)

    @classmethod
    def from_json(cls, text: str) -> ModelSpec:
        try:
            return cls.from_dict(json.loads(text))
        except json.JSONDecodeError as error:
            raise SpecError(f"the model spec is not JSON: {error}") from error

    @classmethod
    def from_onnx(cls, path: str | os.PathLike[str]) -> ModelSpec:
        """Spec of an ONNX file: its metadata first, else the sidecar `NAME.edgeaffect.json`.

        Raises:
            SpecError: neither is there, or it is wrong.
        """
        path = Path(path)
        text = metadata.read(path).get(METADATA_KEY)
        if text is None:
            sidecar = sidecar_path(path)
            if not sidecar.exists():
                raise SpecError(
                    f"{path} does not say what it is: no metadata {METADATA_KEY!r} and no {sidecar.name} beside it. "
                    f"Describe it once with: edgeaffect models annotate {path}"
                )
            text = sidecar.read_text("utf-8")
        try:
            return cls.from_json(text)
        except SpecError as error:
            raise SpecError(f"{path}: {error}") from error

    def write_to(self, path: str | os.PathLike[str]) -> None:
        """Store this spec in the metadata of an existing ONNX file."""
        metadata.write(path, METADATA_KEY, self.to_json())


def sidecar_path(path: str | os.PathLike[str]) -> Path:
    """`x.onnx` -> `x.edgeaffect.json`."""
    return Path(path).with_suffix(SIDECAR_SUFFIX)


def _freeze(value: Any) -> Any:
    return tuple(_freeze(v) for v in value) if isinstance(value, list) else value


def _build(cls: type[T], where: str, data: Mapping[str, Any]) -> T:
    """`cls(**data)` with JSON arrays as tuples, and errors that name the key."""
    if not isinstance(data, Mapping):
        raise SpecError(f"{where} must be a JSON object, got {type(data).__name__}")
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    unknown = sorted(set(data) - set(fields))
    if unknown:
        raise SpecError(f"{where}: unknown key {', '.join(unknown)}; known: {', '.join(fields)}")
    try:
        return cls(**{key: _freeze(value) for key, value in data.items()})
    except TypeError as error:
        raise SpecError(f"{where}: {error}") from error
