"""What `VoiceAffect` hears in clips, window by window: a temperature is fitted to that, because users call it."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from edgeaffect import VoiceAffect
from edgeaffect.heard import Voice
from training.voice.clips import Said
from training.voice.corpora import LABELS, SAMPLE_RATE


def that_count(windows: list[Voice], length: float) -> list[Voice]:
    """The windows that make a clip's answer: the full ones with speech; where there are none, the last one with it."""
    spoken = [window for window in windows if window.affect is not None]
    full = [window for window in spoken if window.window[1] - window.window[0] >= length - 1e-9]
    return full or spoken[-1:]


def hear(
    voice: VoiceAffect, waves: Iterable[NDArray[np.float32]], temperature: float
) -> tuple[Said, NDArray[np.bool_]]:
    """What is said about clips at 16 kHz, and whether speech was found in each.

    Args:
        voice: asked window by window, as `predict` does.
        waves: samples of the clips.
        temperature: that of its file; the logits are given without it.

    Returns:
        Logits of the windows that count (of a clip without speech one row of zeros), and bool [N].
    """
    logits, arousal, found = [], [], []
    for samples in waves:
        heard = [w.affect for w in that_count(voice.windows(samples, SAMPLE_RATE), voice.options.window) if w.affect]
        rows = [[np.log(max(affect.probability(label), 1e-12)) for label in LABELS] for affect in heard]
        logits.append(np.array(rows) * temperature if rows else np.zeros((1, len(LABELS))))
        arousal.append(float(np.mean([affect.arousal for affect in heard])) if heard else 0.0)
        found.append(bool(rows))
    return Said(logits, np.array(arousal)), np.array(found)


def of_rows(said: Said, rows: NDArray[np.int64]) -> Said:
    """What was said about some of the clips."""
    return Said([said.logits[row] for row in rows], said.arousal[rows])
