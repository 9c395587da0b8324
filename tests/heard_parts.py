"""What the tests of a pipeline that listens share: speech, frames, and sources of sound."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from squares import draw
from voice_nets import RATE, hush, murmur

import edgeaffect
from edgeaffect import SourceError, Voice
from edgeaffect.sources import Arrays

SIZE = (320, 240)
FRAME = draw(SIZE, (160, 120, 60))
SCHEMA = json.loads((Path(edgeaffect.__file__).parent / "result.schema.json").read_text("utf-8"))
TALK = np.concatenate([hush(1.0), murmur(2.0), hush(1.0), murmur(2.0, pitch=220), hush(6.0)])


def bits(voice: Voice | None) -> str:
    return json.dumps(voice and voice.to_dict())


@dataclass
class Chunk:
    samples: np.ndarray
    sample_rate: int
    timestamp: float
    clock: str


class FileSound:
    """A file of sound, read as fast as it is asked for."""

    name, live, clock = "file", False, "media"

    def __init__(self, samples: np.ndarray, chunk: float = 0.25) -> None:
        self.ended = self.closed = False
        self._chunks = iter(self._cut(samples, round(chunk * RATE)))
        self.taken = 0.0

    def _cut(self, samples: np.ndarray, size: int) -> Iterator[Chunk]:
        for start in range(0, len(samples), size):
            yield Chunk(samples[start : start + size], RATE, start / RATE, self.clock)

    def poll(self) -> Chunk | None:
        chunk = next(self._chunks, None)
        self.ended = chunk is None
        self.taken = self.taken if chunk is None else chunk.timestamp
        return chunk

    def close(self) -> None:
        self.ended = self.closed = True


class LiveSound(FileSound):
    """A microphone: chunks come as time goes by."""

    name, live, clock = "microphone", True, "monotonic"

    def __init__(self, samples: np.ndarray, *, fails_after: float = 1e9) -> None:
        super().__init__(samples, 0.05)
        self._start, self._fails = time.monotonic(), fails_after
        self._next: Chunk | None = None

    def poll(self) -> Chunk | None:
        if time.monotonic() - self._start > self._fails:
            raise SourceError("the microphone was unplugged")
        self._next = self._next or super().poll()
        if self._next is None or time.monotonic() - self._start < self._next.timestamp + 0.05:
            return None
        chunk, self._next = self._next, None
        return Chunk(chunk.samples, chunk.sample_rate, self._start + chunk.timestamp, "monotonic")


class Film(Arrays):
    """Frames with the clock of a film."""

    def __iter__(self) -> Iterator[Any]:
        for frame in super().__iter__():
            yield dataclasses.replace(frame, clock="media")


def film_with_sound(path: Path, samples: np.ndarray, seconds: float) -> Path:
    av = pytest.importorskip("av")
    with av.open(str(path), "w") as file:
        film, track = file.add_stream("libx264", rate=20), file.add_stream("aac", rate=RATE, layout="mono")
        film.width, film.height, film.pix_fmt = 64, 48, "yuv420p"
        for _ in range(round(seconds * 20)):
            file.mux(film.encode(av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="bgr24")))
        file.mux(film.encode(None))
        for at in range(0, len(samples) - 1023, 1024):
            frame = av.AudioFrame.from_ndarray(samples[None, at : at + 1024], format="fltp", layout="mono")
            frame.sample_rate, frame.pts = RATE, at
            file.mux(track.encode(frame))
        file.mux(track.encode(None))
    return path
