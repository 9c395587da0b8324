"""`VoiceAffect`: what a clip of sound says about whoever speaks in it."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from numpy.typing import NDArray

from ..heard import Voice
from .models import VoiceModels
from .stream import VoiceStream


class VoiceAffect(VoiceModels):
    """Reads affect from clips. Several threads may share it, and streams its models: `VoiceStream(voice_affect)`.

        voice = VoiceAffect().predict(samples, 16000)
        if voice.is_speech:
            print(voice.affect.label, voice.affect.arousal)

    Arguments and errors are those of `VoiceModels`.
    """

    def predict(self, samples: NDArray[Any], sample_rate: int) -> Voice:
        """The answer over a whole clip: what `VoiceStream.finish` gives after the same samples, in any chunks.

        A clip may be shorter than the window; `options.min_speech` seconds of speech are enough.

        Args:
            samples: int16, or float32 in [-1, 1]; [n] or [n, channels], whose mean is heard.
            sample_rate: Hz.

        Raises:
            TypeError, ValueError: another dtype or shape, no sample, one that is not finite, or an impossible rate.
            ModelError: a model answered with NaN.
        """
        return self._heard(samples, sample_rate)[1]

    def windows(self, samples: NDArray[Any], sample_rate: int) -> list[Voice]:
        """Every window of a clip in the order of time, the last one ending with the clip; errors as for `predict`."""
        return self._heard(samples, sample_rate)[0]

    def _heard(self, samples: NDArray[Any], sample_rate: int) -> tuple[list[Voice], Voice]:
        stream = VoiceStream(self, sample_rate=sample_rate)
        stream.accept(samples)
        if not len(samples):
            raise ValueError("samples must hold some sound; got none")
        whole = stream.finish()
        windows = []
        while stream.ready():
            windows.append(stream.read())
        return windows, whole

    def __enter__(self) -> VoiceAffect:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
