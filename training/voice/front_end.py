"""The log-mel front end that both voice models share, so that one stream of frames feeds both."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgeaffect.models.inputs import AudioInput
from edgeaffect.voice import log_mel
from training.voice.corpora import SAMPLE_RATE

BANDS = 64
FRAMES_PER_SECOND = 100

INPUT = AudioInput(
    name="log_mel", sample_rate=SAMPLE_RATE, mel_bands=BANDS, window=400, hop=160, low_hz=20.0, high_hz=7600.0,
    layout="ntm",
)  # fmt: skip
"""25 ms Hann windows every 10 ms, 64 Slaney bands from 20 to 7600 Hz; normalisation stands inside the graphs."""


def frames_of(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32 [T, 64] log-mel energies of a clip at 16 kHz."""
    return log_mel(samples, SAMPLE_RATE, INPUT)
