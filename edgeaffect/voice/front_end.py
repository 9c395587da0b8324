"""From samples of any rate to the log-mel energies that a model file asks for."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import SpecError
from ..models.audio_input import AudioInput
from ..native import LogMel, Resampler
from ..sources.sound import check_sample_rate
from .samples import to_mono


class LogMelStream:
    """Log-mel energies of a sound that arrives in chunks of any length; any chunking gives the same bits.

    Frame t covers the model's samples t * hop to t * hop + window - 1; the formula stands in csrc/audio/log_mel.h.
    One thread at a time. Memory does not grow with the sound.
    """

    def __init__(self, spec: AudioInput, sample_rate: int) -> None:
        """Prepare filters and buffers.

        Args:
            spec: the audio input of a model file, with `mel_bands`.
            sample_rate: of the samples that will come, Hz; resampled to the model's rate where it differs.

        Raises:
            SpecError: the input takes a waveform, or bands narrower than the spectrum's bins.
            ValueError: a sample rate that is no whole number from 1000 to 384000.
        """
        if not spec.mel_bands:
            raise SpecError(f"input {spec.name!r} takes a waveform: it has no mel_bands")
        check_sample_rate("sample_rate", sample_rate)
        try:
            self._log_mel = LogMel(
                sample_rate=spec.sample_rate,
                window=spec.window,
                hop=spec.hop,
                fft=spec.fft or 1 << (spec.window - 1).bit_length(),
                bands=spec.mel_bands,
                low_hz=spec.low_hz,
                high_hz=spec.high_hz or spec.sample_rate / 2,
                formula=spec.formula,
                window_function=spec.window_function,
                pre_emphasis=spec.pre_emphasis,
                remove_offset=spec.remove_offset,
                floor=spec.floor,
            )
        except ValueError as error:
            raise SpecError(f"input {spec.name!r}: {error}") from error
        self._resampler = Resampler(sample_rate, spec.sample_rate) if sample_rate != spec.sample_rate else None
        self.sample_rate = sample_rate

    def accept(self, samples: NDArray[Any]) -> NDArray[np.float32]:
        """Frames that these samples complete.

        Args:
            samples: int16 or float32 in [-1, 1], [n] or [n, channels].

        Returns:
            float32 [frames, mel_bands], natural logarithms of energies, not yet normalised.

        Raises:
            TypeError, ValueError: see `to_mono`, or a sample is not finite; nothing of the chunk is taken then.
        """
        return self.accept_mono(to_mono(samples))

    def accept_mono(self, mono: NDArray[np.float32]) -> NDArray[np.float32]:
        """`accept` for float32 [n] that `to_mono` gave, or that comes out of a resampler."""
        frames: NDArray[np.float32] = self._log_mel.accept(self._resampler.accept(mono) if self._resampler else mono)
        return frames

    def finish(self) -> NDArray[np.float32]:
        """The last frames, which resampling still held back; the next chunk begins a new sound."""
        rest = self._resampler.finish() if self._resampler else np.zeros(0, np.float32)
        frames: NDArray[np.float32] = self._log_mel.accept(rest)
        self._log_mel.reset()
        return frames

    def reset(self) -> None:
        """Forget every sample: the next chunk begins a new sound."""
        self._log_mel.reset()
        if self._resampler:
            self._resampler.reset()


def log_mel(samples: NDArray[Any], sample_rate: int, spec: AudioInput) -> NDArray[np.float32]:
    """Log-mel energies of a whole sound: what `LogMelStream` gives, in one call.

    Args:
        samples: int16 or float32 in [-1, 1], [n] or [n, channels].
        sample_rate: Hz.
        spec: the audio input of a model file, with `mel_bands`.

    Returns:
        float32 [frames, mel_bands].
    """
    stream = LogMelStream(spec, sample_rate)
    return np.concatenate([stream.accept(samples), stream.finish()])
