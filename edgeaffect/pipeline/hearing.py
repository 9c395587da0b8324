"""`Hearing`: the sound of a pipeline on the clock of its frames, and what was heard at a moment."""

from __future__ import annotations

import bisect
import math
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .._checks import check, is_number
from .._process_bound import ProcessBound
from .._thread_guard import ThreadGuard
from ..heard import Voice
from ..sources.sound import check_sample_rate
from ..voice.models import VoiceModels
from ..voice.protocols import Speech
from ..voice.samples import to_mono
from ..voice.stream import VoiceStream
from .clock import seconds as to_seconds

_KEPT = 600.0
"""Seconds of answers and of speech that are kept before the newest one, for frames that are still to come."""
_DRIFT = 0.05
"""Share of a stamp's deviation by which the time of the sound follows it: two clocks never run quite alike."""
_EXACT = 1e-6
"""Seconds within which a stamp is the end of the sound before, but for rounding."""


@dataclass(eq=False)
class _Sound:
    """One sound and what was heard of it; `reset` puts another in its place."""

    stream: VoiceStream | None = None
    end: float = -math.inf
    """When the next sample is due, seconds; minus infinity before the first."""
    clock: str = ""
    voices: list[Voice] = field(default_factory=list)
    speech: list[Speech] = field(default_factory=list)
    forgotten: int = 0
    """Entries of `speech` that are gone."""


@dataclass(frozen=True, eq=False)
class Cursor:
    """How far somebody has taken the speech of a sound."""

    sound: object
    count: int


class Hearing(ProcessBound):
    """Hears one sound and remembers what it heard. One thread gives sound; another may ask meanwhile and never waits.

    Args:
        models: of the voice.
        on_jump: what to do with sound that begins before the end of the sound so far: `raise`, `reset` or `drop`.
    """

    def __init__(self, models: VoiceModels, on_jump: str) -> None:
        self.models, self.options = models, models.options
        self._on_jump = on_jump
        self._busy = ThreadGuard("Pipeline's accept_audio", "one thread at a time gives it sound")
        # Held for as long as a list is looked at, never while a model runs.
        self._lock = threading.Lock()
        self._sound = _Sound()

    # ---- sound in ----

    def accept(
        self, samples: NDArray[Any], sample_rate: int, timestamp: float | None, clock: str | None = None
    ) -> None:
        """Take over sound, and run the models on the windows that it completes.

        Sound that begins within `voice.gap` seconds of the end of the sound before goes on; later, it is another one
        after a gap, and listening begins anew.

        Args:
            samples: int16 or float32, [n] or [n, channels].
            sample_rate: Hz.
            timestamp: seconds at which the first sample begins; None: the last one is of this moment.
            clock: of the timestamp; None is `user`, or `monotonic` where there is no timestamp.

        Raises:
            TypeError, ValueError: the samples are none, or time is no number of seconds, of another clock, or goes
                back.
        """
        with self._busy:
            now, mono = time.monotonic(), to_mono(samples)
            check_sample_rate("sample_rate", sample_rate)
            check(
                timestamp is None or is_number(timestamp), "timestamp", timestamp, "a finite number of seconds, or None"
            )
            seconds = len(mono) / sample_rate
            begin = now - seconds if timestamp is None else to_seconds(timestamp)
            clock = clock or ("monotonic" if timestamp is None else "user")
            sound = self._sound
            if sound.clock and clock != sound.clock:
                raise ValueError(
                    f"the sound came with the {sound.clock!r} clock and now comes with {clock!r}: give every chunk a "
                    "timestamp, or none, and call reset() in between"
                )
            finite = np.isfinite(mono)
            if not finite.all():  # before all else: nothing of the chunk is taken then
                raise ValueError(f"samples[{int(np.argmin(finite))}] is not finite")
            if not len(mono):
                return
            if begin < sound.end - self.options.gap and self._on_jump == "reset":
                sound = self._sound = _Sound()
            stream = self._stream_at(sound, begin, sample_rate, clock)
            if stream is not None:
                # Second by second: a stream remembers the speech of the last few only.
                start, sound.clock = sound.end, clock
                for first in range(0, len(mono), sample_rate):
                    sound.stream = None  # until it is heard: after an error the next chunk begins anew
                    stream.accept(mono[first : first + sample_rate])
                    sound.stream = stream
                    sound.end = start + min(first + sample_rate, len(mono)) / sample_rate
                    self._collect(sound, stream)

    def _stream_at(self, sound: _Sound, begin: float, sample_rate: int, clock: str) -> VoiceStream | None:
        """The stream that goes on at a time; None where what begins then is dropped."""
        stream, off = sound.stream, begin - sound.end
        if off < -self.options.gap:
            if self._on_jump == "drop":
                return None
            raise ValueError(
                f"sound overlaps: this chunk begins at {begin:g} s, and the sound so far ends at {sound.end:g} s; for "
                "another sound call reset(), or choose on_time_jump='reset' or 'drop'"
            )
        if stream is not None and off <= self.options.gap:
            if sample_rate != stream.sample_rate:
                raise ValueError(
                    f"the sound so far has {stream.sample_rate} Hz and goes on at {sample_rate} Hz: call reset() in "
                    "between"
                )
            if abs(off) > _EXACT:
                stream.start += _DRIFT * off
                sound.end += _DRIFT * off
            return stream
        if stream is None or stream.sample_rate != sample_rate:
            stream = sound.stream = VoiceStream(self.models, sample_rate=sample_rate)
        stream.clock = clock
        stream.reset(begin)
        sound.end = begin
        return stream

    def _collect(self, sound: _Sound, stream: VoiceStream) -> None:
        speech = stream.take_speech()
        heard = []
        while stream.ready():
            heard.append(stream.read())
        with self._lock:
            if len(speech.times):
                sound.speech.append(speech)
            sound.voices += heard
            oldest = sound.end - _KEPT
            del sound.voices[: bisect.bisect_left(sound.voices, oldest, key=lambda voice: voice.timestamp)]
            gone = bisect.bisect_left(sound.speech, oldest, key=lambda part: float(part.times[-1]))
            del sound.speech[:gone]
            sound.forgotten += gone

    # ---- what was heard ----

    @property
    def end(self) -> float:
        """Seconds up to which the sound has come; minus infinity before the first."""
        return self._sound.end

    def newest(self, now: float, clock: str) -> Voice | None:
        """What was heard last up to a moment, unless it is older than `voice.max_age`.

        Args:
            now: seconds.
            clock: of the frames.

        Raises:
            ValueError: the sound is on another clock.
        """
        sound = self._sound
        if sound.clock and sound.clock != clock:
            raise ValueError(
                f"frames are on the {clock!r} clock and the sound is on {sound.clock!r}: give both timestamps of one "
                "clock, or neither; a film goes with its own track (microphone='track')"
            )
        with self._lock:
            at = bisect.bisect_right(sound.voices, now, key=lambda voice: voice.timestamp)
            voice = sound.voices[at - 1] if at else None
        return voice if voice is not None and now - voice.timestamp <= self.options.max_age else None

    def speech_since(self, cursor: Cursor | None) -> tuple[list[Speech], Cursor]:
        """Speech that is new since the last call, and the cursor for the next one; None is the first call."""
        sound = self._sound
        taken = cursor.count if cursor is not None and cursor.sound is sound else 0
        with self._lock:
            first = max(0, taken - sound.forgotten)
            return sound.speech[first:], Cursor(sound, sound.forgotten + len(sound.speech))

    # ---- state ----

    def reset(self) -> None:
        """Forget the sound and all that was heard; also while another thread gives sound, whose chunk is forgotten."""
        self._sound = _Sound()

    def warmup(self) -> None:
        """Run both models once."""
        stream = VoiceStream(self.models)
        stream.accept(np.zeros(round(self.options.window * stream.sample_rate), np.float32))
        self.models.read(np.zeros((100, self.models.input.mel_bands), np.float32))
