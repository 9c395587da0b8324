"""Sound out of `audio_common_msgs`: `AudioData(Stamped)`, whose format `AudioInfo` or a parameter tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..._checks import check, is_whole, show
from ...sources.sound import check_sample_rate

_FORMATS = {
    "S16LE": ("<i2", 1.0 / 32768), "S16BE": (">i2", 1.0 / 32768), "S32LE": ("<i4", 1.0 / 2147483648),
    "S8": ("i1", 1.0 / 128), "F32LE": ("<f4", 1.0),
}  # fmt: skip
FORMATS = (*_FORMATS, "U8")
"""Names of GStreamer, which `audio_capture` uses."""


@dataclass(frozen=True)
class SoundFormat:
    """How bytes are samples.

    Raises:
        ValueError: a format, rate or number of channels that is not read; the message names it.
    """

    sample_rate: int = 16000
    """Hz."""
    channels: int = 1
    sample_format: str = "S16LE"
    """One of `FORMATS`."""

    def __post_init__(self) -> None:
        check_sample_rate("sample_rate", self.sample_rate)
        right = is_whole(self.channels) and 1 <= self.channels <= 64
        check(right, "channels", self.channels, "a whole number from 1 to 64")
        if self.sample_format not in FORMATS:
            raise ValueError(f"sample_format must be one of {', '.join(FORMATS)}; got {show(self.sample_format)}")

    @classmethod
    def of(cls, info: Any) -> SoundFormat:
        """What an `audio_common_msgs/AudioInfo` says.

        Raises:
            ValueError: compressed sound, or see the class.
        """
        coding = str(info.coding_format).lower()
        if coding not in ("", "wave", "raw", "pcm"):
            raise ValueError(f"sound coded as {info.coding_format!r} is not read: let audio_capture send wave")
        return cls(int(info.sample_rate), int(info.channels), str(info.sample_format) or "S16LE")

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        width = 1 if self.sample_format == "U8" else np.dtype(_FORMATS[self.sample_format][0]).itemsize
        return width * self.channels


def samples_of(message: Any, form: SoundFormat) -> NDArray[np.float32]:
    """Samples [n, channels], float32, full scale at -1 and 1.

    Args:
        message: `AudioData` (data) or `AudioDataStamped` (audio.data).
        form: how its bytes are samples.

    Raises:
        ValueError: the bytes are no whole number of samples.
    """
    data = message.audio.data if hasattr(message, "audio") else message.data
    raw = np.ascontiguousarray(np.asarray(data, np.uint8) if isinstance(data, list) else data).tobytes()
    if len(raw) % form.frame_bytes:
        raise ValueError(
            f"{len(raw)} bytes are no whole number of samples of {form.frame_bytes} bytes ({form.sample_format}, "
            f"{form.channels} channels): is the format right?"
        )
    values: NDArray[np.float32]
    if form.sample_format == "U8":
        values = (np.frombuffer(raw, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
    else:
        kind, scale = _FORMATS[form.sample_format]
        values = np.frombuffer(raw, kind).astype(np.float32) * np.float32(scale)
    shaped: NDArray[np.float32] = values.astype(np.float32, copy=False).reshape(-1, form.channels)
    return shaped
