"""Voice: front end, activity, model and whole stream by themselves; and sound for a pipeline, as of a microphone."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...pipeline.pipeline import Pipeline
from ...voice import LogMelStream, VoiceAffect, VoiceStream
from ..context import INPUT_FPS, Bench
from ..stats.measurement import Measurement, record
from ..stats.timing import TimingPlan, measure

RATE = 16000
_CHUNK = 0.05
"""Seconds of a chunk, as microphones are read."""


def speech_like(seconds: float) -> NDArray[np.float32]:
    """Harmonics of a gliding pitch in syllables, float32 at `RATE`; a stand-in for speech, which is never bundled."""
    t = np.arange(round(seconds * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(140 * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t))) / RATE
    tone = np.sum([np.sin(k * phase) / k for k in range(1, 20)], 0)
    noise = np.random.default_rng(0).normal(size=len(t)) * 0.02
    sound: NDArray[np.float32] = (0.1 * (tone * (0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)) + noise)).astype(np.float32)
    return sound


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """One second of sound in chunks of 50 ms; of the model, one window. On the CPU, as in a pipeline."""
    sound = speech_like(10.0)
    chunks = np.split(sound[:RATE], round(1 / _CHUNK))
    with VoiceAffect(options=None, device="cpu", threads=bench.settings.threads) as voice:
        front_end, whole = LogMelStream(voice.input, RATE), VoiceStream(_AllSpeech(voice))
        activity = voice.new_activity()
        frames = LogMelStream(voice.input, RATE).accept(sound)
        window = frames[: round(voice.options.window * 100)]

        def stream() -> None:
            for chunk in chunks:
                whole.accept(chunk)
            while whole.ready():
                whole.read()

        calls: dict[str, Callable[[], Any]] = {
            "voice.front_end": lambda: [front_end.accept(chunk) for chunk in chunks],
            "voice.activity": lambda: [activity.accept(frames[k : k + 10]) for k in range(0, 100, 10)],
            "voice.model": lambda: voice.read(window),
            "voice.stream": stream,
        }
        entries = []
        for name, call in calls.items():
            seconds = voice.options.window if name == "voice.model" else 1.0
            entry = record(name, "models", measure(call, plan), seconds_of_sound=seconds)
            if name == "voice.stream":
                factor = round(float(entry.latency.p50) / seconds, 6)
                entry = dataclasses.replace(entry, facts={"real_time_factor": factor})
            entries.append(entry)
        return entries


class _AllSpeech(VoiceAffect):
    """The models of another `VoiceAffect`, with every moment taken for speech: the model runs on every window."""

    def __init__(self, voice: VoiceAffect) -> None:
        self.__dict__.update(voice.__dict__)
        self.options = dataclasses.replace(voice.options, threshold=0.0)


class Sound:
    """Gives a pipeline the sound that belongs to each frame, from a thread of its own; to be used as a context.

    Args:
        pipeline: one that listens; another is left alone.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._due: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="sound of bench", daemon=True)

    def frame(self, index: int) -> None:
        """A frame of that number is about to be processed: its sound is due."""
        if self._pipeline.hearing is not None:
            self._due.put(index)

    def _work(self) -> None:
        sound = speech_like(10.0)
        size = round(RATE / INPUT_FPS)
        while (index := self._due.get()) >= 0:
            start = index * size % (len(sound) - size)
            self._pipeline.accept_audio(sound[start : start + size], RATE, index / INPUT_FPS)

    def __enter__(self) -> Sound:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._due.put(-1)
        self._thread.join()
