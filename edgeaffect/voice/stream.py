"""`VoiceStream`: sound in chunks of any length to a `Voice` every hop, and one for the whole."""

from __future__ import annotations

import math
import os
from collections import deque
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import check, is_number
from .._process_bound import ProcessBound
from .._thread_guard import ThreadGuard
from ..affect import Affect
from ..heard import CLOCKS, SILENCE_DBFS, Voice
from ..native import Resampler
from ..options import VoiceOptions
from ..sources.sound import check_sample_rate
from .frame_ring import FrameRing
from .front_end import LogMelStream
from .level import LevelMeter, dbfs
from .models import VoiceModels, check_options
from .postprocess import ClipSum
from .protocols import Activity, Speech
from .samples import to_mono

_BLOCK = 10
"""Frames that the activity model sees at once. Always the same stretches, so that no chunking changes a bit."""


class VoiceStream(ProcessBound):
    """Hears one sound that comes in chunks; any chunking gives the same bits. Belongs to one thread.

        stream = VoiceStream(sample_rate=48000)
        for chunk in chunks:
            stream.accept(chunk)
            while stream.ready():
                print(stream.read())
        print(stream.finish())  # all of it: what `VoiceAffect.predict` says of the same sound

    A window ends every `options.hop` seconds and holds the last `options.window` seconds, fewer at the start. The model
    runs inside `accept`. Memory does not grow with the sound, as long as the answers are read.

    Args:
        model: as for `VoiceModels`; or `VoiceModels` (a `VoiceAffect`) whose sessions this stream shares and which stay
            the caller's to close.
        activity: as for `VoiceModels`.
        sample_rate: of the samples that will come, 1000 to 384000 Hz.
        options: window, hop, thresholds; None with shared models is theirs.
        timestamp: seconds at which the sound begins.
        clock: of the timestamps: `media`, `monotonic` or `user`.

    Raises:
        TypeError, ValueError: an impossible sample rate, timestamp or clock; options that are none of `VoiceOptions`.
        ModelNotFoundError, SpecError: a model cannot be used as asked.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] | VoiceModels | None = None,
        *,
        activity: str | os.PathLike[str] | Activity | None = None,
        sample_rate: int = 16000,
        options: VoiceOptions | None = None,
        timestamp: float = 0.0,
        clock: str = "media",
    ) -> None:
        check_sample_rate("sample_rate", sample_rate)
        check(clock in CLOCKS, "clock", clock, " or ".join(CLOCKS))
        _check_seconds(timestamp)
        check_options(options)
        shares = isinstance(model, VoiceModels)
        if shares and activity is not None:
            raise TypeError("activity= goes with the models that are shared: set it there")
        self.options = options or (model.options if isinstance(model, VoiceModels) else VoiceOptions())
        self._models = (
            model if isinstance(model, VoiceModels) else VoiceModels(model, activity=activity, options=self.options)
        )
        self._owned = not shares
        try:
            self._prepare(sample_rate)
        except BaseException:
            self.close()
            raise
        self._busy = ThreadGuard("VoiceStream")
        self.clock = clock
        self.reset(timestamp)

    def _prepare(self, sample_rate: int) -> None:
        spec = self._models.input
        self.sample_rate = sample_rate
        self._rate, self._hop, self._frame = spec.sample_rate, spec.hop, spec.window
        self._resampler = Resampler(sample_rate, self._rate) if sample_rate != self._rate else None
        self._log_mel = LogMelStream(spec, self._rate)
        self._level = LevelMeter(self._hop)
        self._activity = self._models.new_activity()
        self._waiting = np.empty((_BLOCK, spec.mel_bands), np.float32)
        self._windows: deque[Voice] = deque()
        self._sum = ClipSum()
        self._left = 0
        """Frames that wait for the rest of their block."""
        self._taken = 0
        """Frames whose speech was taken."""
        self._done = 0
        """Frames up to the end of the last window."""
        self._count = 1
        """Number of the next window; the first ends one hop after the start."""
        self._next_end = 0
        """Frames up to the end of the next window."""
        self._ring = FrameRing(self._frames_in(self.options.window) + _BLOCK, spec.mel_bands)

    # ---- sound in ----

    def accept(self, samples: NDArray[Any]) -> None:
        """Take over samples, and run the models on the windows that they complete.

        Args:
            samples: int16, or float32 in [-1, 1]; [n] or [n, channels], whose mean is heard.

        Raises:
            TypeError, ValueError: another dtype or shape, or a sample that is not finite; nothing is taken then.
            ModelError: a model answered with NaN. The sound so far is forgotten then but for windows that were not
                read, and the next chunk begins anew at its own time.
        """
        mono = to_mono(samples)
        with self._busy:
            self._take(self._resampler.accept(mono) if self._resampler else mono)

    def _take(self, samples: NDArray[np.float32]) -> None:
        """Samples at the model's rate."""
        frames = self._log_mel.accept_mono(samples)  # before all else: it refuses samples that are not finite
        self._level.accept(samples)
        try:
            self._hear_all(frames)
        except BaseException:  # a model that fails, or Ctrl-C: with a hole in it no later time would be right
            unread = self._windows
            self._reset(self.start + self._level.samples / self._rate)
            self._windows = unread
            raise

    def _hear_all(self, frames: NDArray[np.float32]) -> None:
        if self._left:
            frames = np.concatenate([self._waiting[: self._left], frames])
        self._left = 0
        taken = 0
        while (size := self._due()) <= len(frames) - taken:
            self._hear(frames[taken : taken + size])
            taken += size
        rest = frames[taken:]
        self._waiting[: len(rest)], self._left = rest, len(rest)

    def _due(self) -> int:
        """Frames that the activity model takes next: a block, or fewer before the end of a window."""
        return min(_BLOCK, self._next_end - self._ring.end)

    def _hear(self, frames: NDArray[np.float32]) -> None:
        self._ring.append(frames, self._activity.accept(frames), self._level.take(len(frames)))
        if self._ring.end == self._next_end:
            self._windows.append(self._window(self._next_end, self._count * self.options.hop))
            self._done = self._next_end
            self._count += 1
            self._next_end = max(self._done + 1, self._frames_in(self._count * self.options.hop))

    def _frames_in(self, seconds: float) -> int:
        """Frames that lie entirely within so many seconds from the start."""
        samples = round(seconds * self._rate)
        return max(1, 1 + (samples - self._frame) // self._hop)

    # ---- answers out ----

    def _window(self, end: int, seconds: float) -> Voice:
        """The window that ends with a frame, `seconds` after the start."""
        begin = max(0.0, seconds - self.options.window)
        start = min(end - 1, math.ceil(round(begin * self._rate) / self._hop))
        speech = self._ring.speech(start, end)
        spoken = np.count_nonzero(speech >= self.options.threshold) / len(speech) * (seconds - begin)
        affect = None
        if spoken >= self.options.min_speech - 1e-9:
            reading = self._models.read(self._ring.log_mel(start, end))
            self._sum.add(reading, is_full=seconds >= self.options.window - 1e-9)
            affect = self._models.postprocess.affect(reading, self.options.min_confidence)
        level = dbfs(float(self._ring.energy(start, end).mean()))
        return self._voice(affect, level, begin, seconds)

    def _voice(self, affect: Affect | None, level: float, begin: float, seconds: float) -> Voice:
        window = (self.start + begin, self.start + seconds)
        return Voice(affect is not None, affect, level, window, window[1], self.clock)

    def ready(self) -> bool:
        """Whether `read` has a window to give."""
        return bool(self._windows)

    def read(self) -> Voice:
        """The oldest window that was not read yet.

        Raises:
            RuntimeError: none is ready.
        """
        if not self._windows:
            raise RuntimeError("no window is ready: ask ready() first, or give more sound to accept()")
        return self._windows.popleft()

    def finish(self) -> Voice:
        """The answer over the whole sound, whose end this is; the next chunk begins a new one at time 0.

        Mean of the log probabilities of the full windows with speech (`ClipSum`). What is left at the end makes a last
        window, which `read` gives as it does the others. Equals `VoiceAffect.predict` of the same samples.
        """
        with self._busy:
            if self._resampler:
                self._take(self._resampler.finish())
            seconds = self._level.samples / self._rate
            if self._left:
                self._hear_rest()
            if self._ring.end > self._done:
                self._windows.append(self._window(self._ring.end, seconds))
            reading = self._sum.reading()
            affect = None if reading is None else self._models.postprocess.affect(reading, self.options.min_confidence)
            whole = self._voice(affect, dbfs(self._level.whole()), 0.0, seconds)
            unread = self._windows
            self._reset(0.0)
            self._windows = unread
        return whole

    def _hear_rest(self) -> None:
        rest = self._waiting[: self._left].copy()
        self._left = 0
        for start in range(0, len(rest), _BLOCK):
            part = rest[start : start + _BLOCK]
            self._ring.append(part, self._activity.accept(part), self._level.take(len(part)))

    def take_speech(self) -> Speech:
        """Speech over time that is new since the last call; of what nobody took for long the oldest is gone."""
        start, end = max(self._taken, self._ring.start), self._ring.end
        self._taken = end
        times = self.start + (np.arange(start, end) * self._hop + self._frame / 2) / self._rate
        energy = self._ring.energy(start, end)
        level = 10 * np.log10(np.maximum(energy, 10 ** (SILENCE_DBFS / 10)))
        return Speech(times, self._ring.speech(start, end).copy(), level.astype(np.float32))

    # ---- state ----

    def reset(self, timestamp: float = 0.0) -> None:
        """Forget every sample and window: the next chunk begins a new sound.

        Args:
            timestamp: seconds at which it begins.

        Raises:
            ValueError: it is no finite number.
        """
        _check_seconds(timestamp)
        with self._busy:
            self._reset(timestamp)

    def _reset(self, timestamp: float) -> None:
        self.start = timestamp
        """Seconds at which the sound begins."""
        self._log_mel.reset()
        if self._resampler:
            self._resampler.reset()
        self._activity.reset()
        self._ring.reset()
        self._level.reset()
        self._windows = deque()
        self._sum = ClipSum()
        self._left = self._taken = self._done = 0
        self._count, self._next_end = 1, self._frames_in(self.options.hop)

    def describe(self) -> dict[str, Any]:
        """What really runs."""
        return self._models.describe()

    def close(self) -> None:
        """Release the models, unless they are shared; safe to call twice."""
        if self._owned:
            self._models.close()

    def __enter__(self) -> VoiceStream:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _check_seconds(timestamp: object) -> None:
    check(is_number(timestamp), "timestamp", timestamp, "a finite number of seconds")
