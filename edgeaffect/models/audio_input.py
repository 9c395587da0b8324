"""A model's input of sound: a waveform, or a log-mel picture of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..errors import SpecError
from . import spec_values as values

WAVE_LAYOUTS = ("nt", "n1t")
MEL_LAYOUTS = ("nmt", "ntm", "n1mt", "n1tm")
MEL_FORMULAS = ("slaney", "htk")
WINDOW_FUNCTIONS = ("hann", "hamming", "povey")


@dataclass(frozen=True)
class AudioInput:
    """A window of sound: samples in -1..1, or a log-mel picture of them when `mel_bands` is given.

    Normalisation of log-mel values: x = (value - mean) / std.
    """

    kind: ClassVar[str] = "audio"

    name: str
    sample_rate: int
    """Samples per second."""
    samples: int = 0
    """Length of the window in samples; 0 is any length. Of log-mel inputs: the samples that make up one window."""
    mel_bands: int = 0
    """0 is a waveform."""
    frames: int = 0
    """Log-mel frames of one window; 0 is any number."""
    window: int = 0
    """Log-mel: samples per frame."""
    hop: int = 0
    """Log-mel: samples from one frame to the next."""
    fft: int = 0
    """Log-mel: length of the transform, a power of two; 0 is the least that holds a window."""
    low_hz: float = 0.0
    """Log-mel: lower edge of the first band."""
    high_hz: float = 0.0
    """Log-mel: upper edge of the last band; 0 is half of the sample rate."""
    formula: str = "slaney"
    """Log-mel: shape and place of the bands, "slaney" or "htk" (csrc/audio/log_mel.h)."""
    window_function: str = "hann"
    """Log-mel: "hann", "hamming" or "povey"."""
    pre_emphasis: float = 0.0
    """Log-mel: share of the sample before that is subtracted, 0 to below 1."""
    remove_offset: bool = False
    """Log-mel: the mean of each frame is subtracted first."""
    floor: float = 1e-10
    """Log-mel: least energy whose logarithm is taken."""
    layout: str = "nt"
    """Axes in order: n rows, t time (samples or frames), m bands, 1 a single channel."""
    dtype: str = "float32"
    mean: float = 0.0
    std: float = 1.0

    def __post_init__(self) -> None:
        values.text("input.name", self.name)
        values.whole("input.sample_rate", self.sample_rate, 1000, 384_000)
        values.whole("input.samples", self.samples, 0, values.MAX_LENGTH * 16)
        values.whole("input.mel_bands", self.mel_bands, 0, 1024)
        values.whole("input.frames", self.frames, 0, values.MAX_LENGTH)
        values.choose("input.layout", self.layout, MEL_LAYOUTS if self.mel_bands else WAVE_LAYOUTS)
        values.choose("input.dtype", self.dtype, ("float32", "float16"))
        least = 1 if self.mel_bands else 0
        for name in ("window", "hop"):
            values.whole(f"input.{name}", getattr(self, name), least, values.MAX_LENGTH if least else 0)
        if not self.mel_bands and self.frames:
            raise SpecError(f"input.frames goes with mel_bands; got {self.frames} without")
        values.number("input.mean", self.mean, -1e6, 1e6)
        values.number("input.std", self.std, 1e-6, 1e6)
        self._check_log_mel()

    def _check_log_mel(self) -> None:
        values.whole("input.fft", self.fft, 0, 1 << 15)
        if self.fft and (self.fft & (self.fft - 1) or self.fft < self.window):
            raise SpecError(f"input.fft must be a power of two of at least {self.window} (the window); got {self.fft}")
        half = self.sample_rate / 2
        values.number("input.high_hz", self.high_hz, 0, half)
        values.number("input.low_hz", self.low_hz, 0, half)
        if self.low_hz >= (self.high_hz or half):
            raise SpecError(f"input.low_hz must be below {self.high_hz or half:g} (input.high_hz); got {self.low_hz:g}")
        values.choose("input.formula", self.formula, MEL_FORMULAS)
        values.choose("input.window_function", self.window_function, WINDOW_FUNCTIONS)
        values.number("input.pre_emphasis", self.pre_emphasis, 0, 0.999)
        values.flag("input.remove_offset", self.remove_offset)
        values.number("input.floor", self.floor, 1e-30, 1e6)

    def shape(self, batch: int, length: int | None = None) -> tuple[int, ...]:
        """Shape of the tensor.

        Args:
            batch: number of windows.
            length: samples, or frames of a log-mel input; None is the spec's own.
        """
        time = length if length is not None else self.frames if self.mel_bands else self.samples
        lengths = {"n": batch, "1": 1, "t": time, "m": self.mel_bands}
        return tuple(lengths[axis] for axis in self.layout)

    def lengths(self) -> tuple[int | None, ...]:
        """Lengths of the tensor's axes; None where the caller chooses."""
        return (None, *(n or None for n in self.shape(1)[1:]))
