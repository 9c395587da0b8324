"""What a model takes: images, sound, tokens, states carried from run to run, and features of an earlier model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypedDict

from .._checks import is_whole, show
from ..errors import SpecError
from . import spec_values as values
from .audio_input import AudioInput as AudioInput

COLORS = ("gray", "rgb", "bgr")
IMAGE_LAYOUTS = ("nchw", "nhwc")
IMAGE_DTYPES = ("float32", "float16", "int8", "uint8")
FLOATS = ("float32", "float16")
TOKEN_DTYPES = ("int64", "int32")
STATE_DTYPES = ("float32", "float16", "int8", "uint8", "int32", "int64", "bool")

MAX_SIDE = 8192
"""Most pixels of a side of an image input."""
MAX_AXES = 8

_RANGES = {"int8": (-128, 127), "uint8": (0, 255)}
BATCH = "batch"
"""Name of the axis of a state whose length is the number of rows of a run."""


class CropArguments(TypedDict):
    """Keyword arguments of `native.crop_normalize` that an image input settles."""

    to: str
    scale: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    layout: str
    dtype: str
    quant: tuple[float, int] | None


def _quant(where: str, dtype: str, quant: object) -> None:
    """(scale, zero point) goes with int8, may go with uint8, and with nothing else."""
    if dtype in _RANGES and (quant is not None or dtype == "int8"):
        if quant is None:
            raise SpecError(f"{where}.quant [scale, zero point] is needed for dtype int8")
        values.quantization(f"{where}.quant", dtype, quant, *_RANGES[dtype])
    elif quant is not None:
        raise SpecError(f"{where}.quant goes with dtype int8 or uint8; got {dtype}, {show(quant)}")


@dataclass(frozen=True)
class ImageInput:
    """An image. Normalisation: x = (pixel * scale - mean[channel]) / std[channel], pixel in 0..255."""

    kind: ClassVar[str] = "image"

    name: str
    size: tuple[int, int]
    """Width, height in pixels; (0, 0) where the model takes any size."""
    color: str = "rgb"
    layout: str = "nchw"
    dtype: str = "float32"
    scale: float = 0.0
    """0 or absent is the default of the dtype: 1 for uint8, whose networks normalise inside, else 1/255."""
    mean: tuple[float, ...] = (0.0,)
    std: tuple[float, ...] = (1.0,)
    quant: tuple[float, int] | None = None
    """(scale, zero point) of int8 and uint8: stored = round(x / scale) + zero point. None for uint8 is (1, 0)."""

    def __post_init__(self) -> None:
        values.text("input.name", self.name)
        values.choose("input.color", self.color, COLORS)
        values.choose("input.layout", self.layout, IMAGE_LAYOUTS)
        values.choose("input.dtype", self.dtype, IMAGE_DTYPES)
        if not isinstance(self.size, tuple) or len(self.size) != 2 or not all(is_whole(n) for n in self.size):
            raise SpecError(f"input.size must be [width, height] in whole pixels; got {show(self.size)}")
        for length in self.size:
            values.whole("input.size", length, 0, MAX_SIDE)
        if (self.size[0] == 0) != (self.size[1] == 0):
            raise SpecError(f"input.size must be two lengths, or [0, 0] for any size; got {list(self.size)}")
        values.number("input.scale", self.scale, -1e6, 1e6)
        if self.scale == 0:
            object.__setattr__(self, "scale", 1.0 if self.dtype == "uint8" else 1.0 / 255.0)
        if abs(self.scale) < 1e-9:
            raise SpecError(f"input.scale must be 1e-9 or more in magnitude; got {self.scale!r}")
        values.numbers("input.mean", self.mean, {1, self.channels}, -1e6, 1e6)
        values.numbers("input.std", self.std, {1, self.channels}, 1e-6, 1e6)
        _quant("input", self.dtype, self.quant)

    @property
    def channels(self) -> int:
        """1 for gray, else 3."""
        return 1 if self.color == "gray" else 3

    @property
    def has_free_size(self) -> bool:
        """Whether the model takes pictures of any size."""
        return self.size[0] == 0

    @property
    def pixel_axes(self) -> tuple[int, int]:
        """Numbers of the height's and the width's axis."""
        return (2, 3) if self.layout == "nchw" else (1, 2)

    def shape(self, batch: int, size: tuple[int, int] | None = None) -> tuple[int, int, int, int]:
        """Shape of the tensor.

        Args:
            batch: number of images.
            size: width, height; None is the spec's own.
        """
        w, h = self.size if size is None else size
        return (batch, self.channels, h, w) if self.layout == "nchw" else (batch, h, w, self.channels)

    def crop_arguments(self) -> CropArguments:
        """Keyword arguments of `crop_normalize` that make this input.

        uint8 has no path of its own there: it is made as int8 with a zero point that is 128 lower, and its sign bit
        is flipped afterwards; `preprocess.crop_to_input` does both.
        """
        dtype, quant = self.dtype, self.quant
        if dtype == "uint8":
            step, zero = quant or (1.0, 0)
            dtype, quant = "int8", (step, zero - 128)
        return {
            "to": self.color, "scale": self.scale, "mean": self.mean, "std": self.std, "layout": self.layout,
            "dtype": dtype, "quant": quant,
        }  # fmt: skip

    def lengths(self) -> tuple[int | None, ...]:
        """Lengths of the tensor's axes; None where the caller chooses."""
        return (None, *(n or None for n in self.shape(1)[1:]))


@dataclass(frozen=True)
class TokenInput:
    """Numbers of words or word pieces, [rows, length]."""

    kind: ClassVar[str] = "token"

    name: str
    vocabulary: int
    """How many tokens there are: valid numbers are 0 to one less."""
    length: int = 0
    """Tokens per row; 0 is any number."""
    dtype: str = "int64"
    pad: int | None = None
    """Token that fills rows up."""

    def __post_init__(self) -> None:
        values.text("input.name", self.name)
        values.whole("input.vocabulary", self.vocabulary, 1, values.MAX_LENGTH)
        values.whole("input.length", self.length, 0, values.MAX_LENGTH)
        values.choose("input.dtype", self.dtype, TOKEN_DTYPES)
        if self.pad is not None:
            values.whole("input.pad", self.pad, 0, self.vocabulary - 1)

    def shape(self, batch: int, length: int | None = None) -> tuple[int, int]:
        """Shape of the tensor; `length` None is the spec's own."""
        return (batch, self.length if length is None else length)

    def lengths(self) -> tuple[int | None, ...]:
        """Lengths of the tensor's axes; None where the caller chooses."""
        return (None, self.length or None)


@dataclass(frozen=True)
class StateInput:
    """A tensor that one run gives to the next: a hidden state, or a cache of keys and values. It begins as zeros."""

    kind: ClassVar[str] = "state"

    name: str
    axes: tuple[int | str, ...]
    """Each axis: its length, `batch`, or the name of an axis that grows from run to run."""
    output: str
    """The output that is this input of the next run."""
    dtype: str = "float32"

    def __post_init__(self) -> None:
        values.text("input.name", self.name)
        values.text("input.output", self.output)
        values.choose("input.dtype", self.dtype, STATE_DTYPES)
        if not isinstance(self.axes, tuple) or not 1 <= len(self.axes) <= MAX_AXES:
            raise SpecError(f"input.axes must list 1 to {MAX_AXES} lengths or names; got {show(self.axes)}")
        for axis in self.axes:
            if isinstance(axis, str):
                values.text("input.axes: a name", axis)
            else:
                values.whole("input.axes: a length", axis, 1, values.MAX_LENGTH)
        if len(set(self.growing)) != len(self.growing):
            raise SpecError(f"input.axes names an axis twice: {show(self.axes)}")

    @property
    def growing(self) -> tuple[str, ...]:
        """Names of the axes that grow; empty for a static state."""
        return tuple(axis for axis in self.axes if isinstance(axis, str) and axis != BATCH)

    def shape(self, batch: int, lengths: Mapping[str, int] | None = None) -> tuple[int, ...]:
        """Shape of the tensor.

        Args:
            batch: number of rows.
            lengths: name -> length of the axes that grow; one that is missing has length 0.
        """
        known = {**(lengths or {}), BATCH: batch}
        return tuple(known.get(axis, 0) if isinstance(axis, str) else axis for axis in self.axes)

    def lengths(self) -> tuple[int | None, ...]:
        """Lengths of the tensor's axes; None where the caller chooses."""
        return tuple(None if isinstance(axis, str) else axis for axis in self.axes)


@dataclass(frozen=True)
class FeatureInput:
    """Numbers that another model or a table gives: landmarks, blendshapes, an embedding; [rows, *axes]."""

    kind: ClassVar[str] = "features"

    name: str
    axes: tuple[int, ...]
    """Lengths behind the batch axis."""
    meaning: str = "features"
    """A meaning of outputs (`spec.MEANINGS`)."""
    labels: tuple[str, ...] = ()
    """Names of the last axis' columns."""
    unit: str = ""
    dtype: str = "float32"

    def __post_init__(self) -> None:
        values.text("input.name", self.name)
        if not isinstance(self.axes, tuple) or not 1 <= len(self.axes) < MAX_AXES:
            raise SpecError(f"input.axes must list 1 to {MAX_AXES - 1} lengths; got {show(self.axes)}")
        for axis in self.axes:
            values.whole("input.axes: a length", axis, 1, values.MAX_LENGTH)
        values.text("input.meaning", self.meaning)
        values.texts("input.labels", self.labels)
        values.text("input.unit", self.unit, empty=True)
        values.choose("input.dtype", self.dtype, FLOATS)
        if self.labels and len(self.labels) != self.axes[-1]:
            raise SpecError(f"input.labels must name {self.axes[-1]} columns; got {len(self.labels)} labels")

    def shape(self, batch: int) -> tuple[int, ...]:
        """Shape of the tensor."""
        return (batch, *self.axes)

    def lengths(self) -> tuple[int | None, ...]:
        """Lengths of the tensor's axes; None where the caller chooses."""
        return (None, *self.axes)


Input = ImageInput | AudioInput | TokenInput | StateInput | FeatureInput
KINDS: dict[str, type[Any]] = {
    kind.kind: kind for kind in (ImageInput, AudioInput, TokenInput, StateInput, FeatureInput)
}


def input_from_dict(where: str, data: object) -> Input:
    """An input from its JSON object, whose `kind` says what it is.

    Raises:
        SpecError: no such kind, an unknown or missing key, or an impossible value; the message names the place.
    """
    if not isinstance(data, Mapping):
        raise SpecError(f"{where} must be a JSON object; got {show(data)}")
    kind = data.get("kind")
    values.choose(f"{where}.kind", kind, KINDS)
    rest = {key: value for key, value in data.items() if key != "kind"}
    try:
        made: Input = values.build(KINDS[str(kind)], where, rest)
    except SpecError as error:
        raise SpecError(str(error).replace("input.", f"{where}.", 1)) from error
    return made


def input_to_dict(given: Input) -> dict[str, Any]:
    """The JSON object of an input."""
    return {"kind": given.kind, **asdict(given)}
