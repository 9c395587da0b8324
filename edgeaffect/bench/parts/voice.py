"""Voice: front end, activity, model and whole stream by themselves; and sound for a pipeline, as of a microphone."""

from __future__ import annotations

import dataclasses
import itertools
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...options import VoiceOptions
from ...pipeline.pipeline import Pipeline
from ...voice import LogMelStream, VoiceAffect, VoiceStream
from ..context import INPUT_FPS, Bench
from ..stats.measurement import Measurement, record
from ..stats.timing import Timing, TimingPlan, measure

RATE = 16000
_CHUNK = 0.05
"""Seconds of a chunk, as microphones are read."""
_TURNS = 8
"""Of frames with sound, and as many without: whatever else the machine does meets both."""


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
    all_speech = VoiceOptions(threshold=0.0)  # so that the model runs on every window
    with VoiceAffect(options=all_speech, device="cpu", threads=bench.settings.threads) as voice:
        front_end, whole = LogMelStream(voice.input, RATE), VoiceStream(voice)
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
        return entries + _frames(bench, plan)


def _frames(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """Frames back to back, quiet and beside a microphone that is heard in another thread, in turns."""
    clip = bench.clip()
    found: dict[bool, list[Timing]] = {False: [], True: []}
    spent = {False: 0.0, True: 0.0}
    with (
        bench.pipeline(voice=True, voice_threshold=0.0, detect_interval=0.0) as pipeline,
        Microphone(pipeline, speech_like(10.0), RATE) as microphone,
    ):
        pictures = itertools.cycle(clip.frames)

        def frame() -> None:
            pipeline.process(next(pictures), color=clip.color)

        for turn in range(2 * _TURNS):
            hears = bool(turn % 2)
            microphone.turn(hears)
            before = time.thread_time()
            timing = measure(frame, plan.scaled(1 / _TURNS))
            spent[hears] += (time.thread_time() - before) / (timing.warmup_count + len(timing.seconds))
            found[hears].append(timing)
    entries = []
    for hears, timings in found.items():
        whole = Timing(
            np.concatenate([timing.seconds for timing in timings]),
            sum(timing.warmup_count for timing in timings),
            sum(timing.warmup_seconds for timing in timings),
            all(timing.stable for timing in timings),
        )
        entry = record("voice.frame", "models", whole, mode="while it hears" if hears else "quiet")
        facts = {"own_cpu_ms": round(spent[hears] / _TURNS * 1000, 3)}
        entries.append(dataclasses.replace(entry, facts=facts))
    return entries


class Microphone:
    """Sound of the present, in chunks as a microphone gives them, while it is on; to be used as a context.

    Args:
        pipeline: who hears it.
        sound: what is heard, over and over; whole chunks of 50 ms.
        sample_rate: of the sound, Hz.
    """

    def __init__(self, pipeline: Pipeline, sound: NDArray[np.float32], sample_rate: int) -> None:
        self._pipeline, self._rate = pipeline, sample_rate
        self._chunks = np.split(sound, round(len(sound) / sample_rate / _CHUNK))
        self._is_on, self._ends = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._work, name="microphone of bench", daemon=True)

    def turn(self, on: bool) -> None:
        """Switch it on or off."""
        self._is_on.set() if on else self._is_on.clear()

    def _work(self) -> None:
        chunks = itertools.cycle(self._chunks)
        while not self._ends.wait(_CHUNK):
            if self._is_on.is_set():
                self._pipeline.accept_audio(next(chunks), self._rate)

    def __enter__(self) -> Microphone:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()


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
