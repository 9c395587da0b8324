"""From probabilities of frames to stretches of speech: hysteresis, shortest speech, shortest pause, hang-over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import show
from ..options.voice_activity import VoiceActivityOptions

# Lengths are compared in frames; what is a whole number of frames but for rounding is that number.
_ROUNDING = 1e-6


@dataclass(frozen=True)
class SpeechSegment:
    """A stretch of speech, seconds from the start of the sound."""

    start: float
    end: float
    """With the hang-over, but not beyond the end of the sound."""
    probability: float
    """Mean over its frames, without the hang-over."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return self.end - self.start


def speech_seconds(probabilities: NDArray[Any], options: VoiceActivityOptions, frame_seconds: float) -> float:
    """Seconds of frames with at least `options.enter`."""
    return float(np.count_nonzero(np.asarray(probabilities) >= options.enter) * frame_seconds)


def is_speech(probabilities: NDArray[Any], options: VoiceActivityOptions, frame_seconds: float) -> bool:
    """Whether somebody speaks in a window: its frames with at least `options.enter` make `options.min_speech` seconds.

    A window that is shorter than that needs all of its frames; an empty one holds no speech. The frames need not be
    neighbours: words at the edges of a window count as one between pauses does.

    Args:
        probabilities: of the window's frames, [n].
        options: `enter` and `min_speech`.
        frame_seconds: from one frame to the next.
    """
    frames = np.asarray(probabilities)
    if not frames.size:
        return False
    needed = min(needed_frames(options.min_speech, frame_seconds), frames.size)
    return bool(np.count_nonzero(frames >= options.enter) >= max(1, needed))


def needed_frames(seconds: float, frame_seconds: float) -> int:
    """Least number of frames that last so long."""
    return int(np.ceil(seconds / frame_seconds - _ROUNDING))


class SpeechSegmenter:
    """Finds stretches of speech in probabilities that arrive in pieces; any pieces give the same stretches.

    Speech begins at the first frame with `enter` and goes on over frames with `leave`. Frames below are a pause; one of
    `min_silence` ends the speech at its last frame before the pause, plus `hangover`. A stretch whose frames with
    `enter` make less than `min_speech` seconds is dropped, as a window is by `is_speech`.
    """

    def __init__(self, options: VoiceActivityOptions, frame_seconds: float, offset: float = 0.0) -> None:
        """Begin.

        Args:
            options: see there.
            frame_seconds: from one frame to the next.
            offset: where the time that frame 0 stands for begins, seconds.
        """
        self.options = options
        self._step, self._offset = frame_seconds, offset
        self._least = max(1, needed_frames(options.min_speech, frame_seconds))
        self._pause = max(1, needed_frames(options.min_silence, frame_seconds))
        self.reset()

    def reset(self) -> None:
        """Begin a new sound."""
        self._next = 0
        self._start: int | None = None
        self._last = self._strong = 0
        self._sum = self._pending = 0.0

    @property
    def speaking(self) -> bool:
        """Whether speech of at least `min_speech` is going on, or paused for less than `min_silence`."""
        return self._start is not None and self._strong >= self._least

    def accept(self, probabilities: NDArray[Any]) -> list[SpeechSegment]:
        """Stretches that these frames end.

        Args:
            probabilities: of the next frames, [n].

        Raises:
            ValueError: of another shape, or not from 0 to 1; none of them is taken then.
        """
        said = np.asarray(probabilities, np.float64)
        if said.ndim != 1 or not ((said >= 0) & (said <= 1)).all():
            raise ValueError(f"probabilities must be numbers from 0 to 1, [n]; got {show(probabilities)}")
        ended = []
        for probability in said.tolist():
            if self._start is None:
                if probability >= self.options.enter:
                    self._start, self._last, self._strong = self._next, self._next, 1
                    self._sum, self._pending = probability, 0.0
            elif probability >= self.options.leave:
                self._sum += self._pending + probability
                self._last, self._pending = self._next, 0.0
                self._strong += probability >= self.options.enter
            else:
                self._pending += probability
                if self._next - self._last >= self._pause:
                    ended += self._end(self._next + 1)
            self._next += 1
        return ended

    def finish(self) -> list[SpeechSegment]:
        """The stretch that goes on at the end of the sound, if there is one; the next frame begins a new sound."""
        ended = self._end(self._next)
        self.reset()
        return ended

    def _end(self, frames: int) -> list[SpeechSegment]:
        """The stretch that is over, or none; the sound has so many frames up to now."""
        if self._start is None:
            return []
        first, count = self._start, self._last + 1 - self._start
        self._start = None
        if self._strong < self._least:
            return []
        end = min((self._last + 1) * self._step + self.options.hangover, frames * self._step)
        return [SpeechSegment(self._offset + first * self._step, self._offset + end, self._sum / count)]
