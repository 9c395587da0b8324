"""silero-vad and webrtcvad, asked the same way as our model: a number for each frame of 10 ms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from training.files import open_on_one_thread
from training.voice.activity_data import RATE, Wave

_CHUNK, _BEFORE = 512, 64
"""silero-vad's chunk at 16 kHz, and the samples before it that it wants to see again."""
_STATE = 128
HOP, WINDOW = RATE // 100, RATE // 40


def frame_centres(samples: int) -> NDArray[np.int64]:
    """Centre of each log-mel frame (25 ms window, 10 ms hop, nothing padded), in samples."""
    frames = max(0, 1 + (samples - WINDOW) // HOP)
    return np.arange(frames) * HOP + WINDOW // 2


class Silero:
    """silero-vad 6.2: its own ONNX file from its wheel, on one thread."""

    def __init__(self, file: str = "silero_vad.onnx") -> None:
        folder = Path(str(require("silero_vad").__file__)).parent / "data"
        self._stream = open_on_one_thread(folder / file)
        self._sequence = open_on_one_thread(folder / "silero_vad_16k_sequence.onnx")

    def chunks(self, samples: Wave) -> NDArray[np.float32]:
        """Probability of speech in each chunk of 512 samples; the last is filled up with zeros.

        One call of its file for whole recordings; it gives what `stream` gives.
        """
        given = _cut(samples)
        if not len(given):
            return np.zeros(0, np.float32)
        zeros = np.zeros((1, 1, _STATE), np.float32)
        answer: NDArray[np.float32] = self._sequence.run(["speech_probs"], {"input": given, "h": zeros, "c": zeros})[0]
        return answer

    def stream(self, samples: Wave) -> NDArray[np.float32]:
        """The same chunk by chunk, as a microphone is read."""
        state: Any = np.zeros((2, 1, _STATE), np.float32)
        rate = np.array(RATE, np.int64)
        answers = []
        for chunk in _cut(samples):
            said, state = self._stream.run(None, {"input": chunk[None], "state": state, "sr": rate})
            answers.append(said[0, 0])
        return np.array(answers, np.float32)

    def frames(self, samples: Wave) -> NDArray[np.float32]:
        """Probability for each log-mel frame: that of the chunk which holds the frame's centre."""
        chunks = self.chunks(samples)
        return chunks[np.minimum(frame_centres(len(samples)) // _CHUNK, len(chunks) - 1)]


def _cut(samples: Wave) -> NDArray[np.float32]:
    """[chunks, 576]: 64 samples seen before, and 512 new ones."""
    count = -(-len(samples) // _CHUNK)
    padded = np.zeros(_BEFORE + count * _CHUNK, np.float32)
    padded[_BEFORE : _BEFORE + len(samples)] = samples
    if not count:
        return np.zeros((0, _BEFORE + _CHUNK), np.float32)
    return np.lib.stride_tricks.sliding_window_view(padded, _BEFORE + _CHUNK)[::_CHUNK].copy()


class WebRtc:
    """webrtcvad: in each frame, the share of its four modes that call it speech (its answers are yes or no)."""

    MODES = (0, 1, 2, 3)

    def frames(self, samples: Wave) -> NDArray[np.float32]:
        """A number from 0 to 1 for each log-mel frame: that of the 10 ms which hold the frame's centre."""
        votes = [self.mode(samples, mode) for mode in self.MODES]
        mean: NDArray[np.float32] = np.mean(votes, axis=0, dtype=np.float32)
        centres = frame_centres(len(samples)) // HOP
        return mean[np.minimum(centres, len(mean) - 1)] if len(mean) else np.zeros(len(centres), np.float32)

    def mode(self, samples: Wave, mode: int) -> NDArray[np.bool_]:
        """Its answer for each whole 10 ms."""
        vad = require("webrtcvad").Vad(mode)
        pcm = (np.clip(samples, -1, 1 - 2**-15) * 32768).astype(np.int16)
        return np.array(
            [vad.is_speech(pcm[i : i + HOP].tobytes(), RATE) for i in range(0, len(pcm) - HOP + 1, HOP)], bool
        )
