"""Hours of cameras and a microphone, faster than they pass: `python -m benchmarks.soak [--frames N]`.

Four cameras give 30 frames per second of media time to one pipeline with everything on (cues, voice, explanations),
each with faces that come and go; somebody speaks half of the time. Now and then a face is explained, asked about or
judged. Once per period a live camera and a live microphone, in threads of their own, are opened, read and closed. At
the end of each period resident memory, Python objects, threads, open files and the processor time of a frame are read.
The line through them (benchmarks/trend.py) says how fast each grows, with its 95 % interval; the first tenth is left
out as warming up.

Each is `steady` where the interval ends below its limit, `growing` where it begins above and the growth is more than
the grain of what is read, else `open`: too short to tell. The exit status is 3 where something grows, or where threads
or files are more than they were.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.results import commit
from benchmarks.speech import RATE, speech
from benchmarks.trend import slope
from edgeaffect import Pipeline
from edgeaffect.bench.frames import synthetic
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.events import BUILTIN, EventDetector
from edgeaffect.results import Result
from edgeaffect.sources import PacedSource
from edgeaffect.sources.sound import SoundChunk, SoundSource
from training.provenance import instruction_set

CAMERAS, FPS = 4, 30
SIZE = (128, 96)
LOOP = 8  # frames of a clip
# Faces in sight, as shares of a period; every camera begins at another place of it.
SCHEDULE = (0, 1, 1, 0, 0, 2, 0, 1, 0, 0)
SOUND_STEPS = 6  # steps between two chunks of sound
OPTIONS: dict[str, Any] = {
    "device": "cpu", "cues": True, "explain": True, "voice": True, "max_side": 96, "detect_interval": 1.0,
    "affect_interval": 0.6, "cues_interval": 0.6, "max_age": 1.5,
}  # fmt: skip
# What each may grow by per hour of media time, its unit, and the least growth in all that is one: in a short run a page
# of memory is gigabytes per year.
LIMITS = {
    "memory": (0.5, "MB", 4.0), "objects": (100.0, "objects", 500.0), "threads": (0.05, "threads", 0.5),
    "files": (0.05, "files", 0.5), "latency": (0.02, "of the median", 0.25),
}  # fmt: skip
WARM = 0.1


class LiveSound(SoundSource):
    """A microphone made of samples in memory: what has not come yet is waited for.

    Args:
        samples: float32 [n] at `RATE`.
    """

    live = True

    def __init__(self, samples: np.ndarray) -> None:
        super().__init__()
        self.name, self.sample_rate, self.clock = "live sound", RATE, "monotonic"
        self._samples, self._begin, self._at = samples, time.monotonic(), 0

    def _take(self) -> SoundChunk | None:
        end = min(round((time.monotonic() - self._begin) * RATE), len(self._samples))
        if end <= self._at:
            return None
        part, start = self._samples[self._at : end], self._begin + self._at / RATE
        self._at = end
        return SoundChunk(part.copy(), RATE, start, self.clock, 0, self.name)


@dataclass
class Readings:
    """One entry per period."""

    hours: list[float] = field(default_factory=list)
    """Media time, of which every camera has seen as much."""
    memory: list[float] = field(default_factory=list)
    objects: list[float] = field(default_factory=list)
    threads: list[float] = field(default_factory=list)
    files: list[float] = field(default_factory=list)
    latency: list[float] = field(default_factory=list)
    """Milliseconds of processor time per frame, mean over the period."""

    def add(self, hours: float, latency: float) -> None:
        gc.collect()
        status = Path("/proc/self/status").read_text("ascii")
        value = {name: int(text.split()[0]) for name, text in (line.split(":", 1) for line in status.splitlines()
                 if line.startswith(("VmRSS", "Threads")))}  # fmt: skip
        self.hours.append(hours)
        self.memory.append(value["VmRSS"] / 1024)
        self.objects.append(len(gc.get_objects()))
        self.threads.append(value["Threads"])
        self.files.append(len(os.listdir("/proc/self/fd")))
        self.latency.append(latency)


@dataclass
class Counts:
    """What happened: a soak in which nothing did proves nothing."""

    frames: int = 0
    faces: int = 0
    events: int = 0
    speech: int = 0
    texts: int = 0
    live_frames: int = 0


class Soak:
    """One pipeline under everything at once.

    Args:
        period: seconds of media time after which the scene begins anew.
    """

    def __init__(self, period: float) -> None:
        self.steps = round(period * FPS)
        self.counts = Counts()
        self._clips = {faces: synthetic(SIZE, faces, LOOP) for faces in sorted(set(SCHEDULE))}
        talk = np.concatenate([speech(period / 2), np.zeros(round(period * RATE / 2), np.float32)])
        self._sound = np.resize(talk, round(self.steps / FPS * RATE))
        self.pipeline = Pipeline(**OPTIONS)
        self._detectors = [EventDetector(BUILTIN) for _ in range(CAMERAS)]

    def frames(self, step: int) -> list[np.ndarray]:
        """One frame per camera."""
        share = step / self.steps
        places = [int((share + camera / CAMERAS) % 1 * len(SCHEDULE)) for camera in range(CAMERAS)]
        return [self._clips[SCHEDULE[place]][step % LOOP] for place in places]

    def period(self, start: float) -> float:
        """Run one; milliseconds of processor time per frame."""
        self._live()
        self._asked = [False] * 4
        begin = time.process_time()
        for step in range(self.steps):
            now = start + step / FPS
            if step % SOUND_STEPS == 0:
                at = round(step / FPS * RATE)
                self.pipeline.accept_audio(self._sound[at : at + round(SOUND_STEPS / FPS * RATE)], RATE, now)
            for camera, result in enumerate(self.pipeline.process_batch(self.frames(step), now)):
                self._look(camera, step, result)
        return 1e3 * (time.process_time() - begin) / (self.steps * CAMERAS)

    def _look(self, camera: int, step: int, result: Result) -> None:
        counts = self.counts
        counts.frames += 1
        counts.faces += len(result.faces)
        counts.speech += result.voice is not None and result.voice.is_speech
        counts.events += len(self._detectors[camera].update(result))
        if step % 10 == 0:
            result.to_json()
        turn, at = divmod(step, self.steps // 3)
        if at >= 40 and camera == turn and not self._asked[turn] and result.faces and result.faces[0].cues is not None:
            self._asked[turn] = True
            face = result.faces[0]
            if turn == 0:
                self.pipeline.explain(face, camera=camera)
            elif turn == 1:
                self.pipeline.ask(face, "does she look at me?", camera=camera)
            else:
                self.pipeline.judge(face, "The person is smiling.", camera=camera)
            counts.texts += 1

    def _live(self) -> None:
        """Open a camera and a microphone with threads of their own, read and close them; all faces are forgotten."""
        camera = PacedSource(self._clips[1], fps=200, seconds=0.06)
        for _ in self.pipeline.stream(camera, microphone=LiveSound(self._sound[: RATE // 4])):
            self.counts.live_frames += 1
        for detector in self._detectors:
            detector.reset()

    def close(self) -> None:
        self.pipeline.close()


def run(frames: int, period: float, minutes: float = math.inf) -> tuple[Readings, Counts]:
    """Readings at the end of each period until so many frames have been seen, or so many minutes are over."""
    readings, soak, end = Readings(), Soak(period), time.monotonic() + 60 * minutes
    try:
        for start in _starts(frames, soak.steps):
            if time.monotonic() > end:
                break
            latency = soak.period(start)
            readings.add((start + soak.steps / FPS) / 3600, latency)
    finally:
        soak.close()
    return readings, soak.counts


def _starts(frames: int, steps: int) -> Iterator[float]:
    for index in range(-(-frames // (steps * CAMERAS))):
        yield index * steps / FPS


def judge(readings: Readings) -> dict[str, dict[str, Any]]:
    """Growth per hour of media time of everything that was read, its interval, limit and verdict."""
    first = int(WARM * len(readings.hours))
    hours = readings.hours[first:]
    found = {}
    for name, (limit, unit, least) in LIMITS.items():
        values = np.asarray(getattr(readings, name)[first:], np.float64)
        if name == "latency":
            values = values / np.median(values)
        line = slope(hours, values)
        is_growing = line.low > limit and line.value * (hours[-1] - hours[0]) > least
        verdict = "steady" if line.high <= limit else "growing" if is_growing else "open"
        found[name] = {
            "per_hour": round(line.value, 5), "interval": [round(line.low, 5), round(line.high, 5)], "limit": limit,
            "unit": unit, "verdict": verdict,
        }  # fmt: skip
    return found


def grew(readings: Readings, verdicts: dict[str, dict[str, Any]]) -> list[str]:
    """What ends the soak with status 3."""
    first = int(WARM * len(readings.hours))
    more = [name for name in ("threads", "files") if getattr(readings, name)[-1] > getattr(readings, name)[first]]
    return sorted({name for name, one in verdicts.items() if one["verdict"] == "growing"} | set(more))


def machine() -> dict[str, Any]:
    """Where it runs, and what."""
    files = SystemFiles()
    return {
        "commit": commit(), "processor": hardware.cpu(files).name, "instruction_set": instruction_set(files),
        "packages": hardware.packages(),
    }  # fmt: skip


def report(readings: Readings, counts: Counts, seconds: float) -> dict[str, Any]:
    """The record, without the machine."""
    return {
        "cameras": CAMERAS, "frame": list(SIZE), "options": OPTIONS, "seconds": round(seconds, 1),
        "media_hours": round(readings.hours[-1], 4), "counts": asdict(counts), "growth": judge(readings),
        "milliseconds_per_frame": round(float(np.median(readings.latency)), 4),
        "megabytes": [round(readings.memory[int(WARM * len(readings.memory))], 2), round(readings.memory[-1], 2)],
        "readings": {name: [round(v, 5) for v in values] for name, values in asdict(readings).items()},
    }  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--frames", type=int, default=1_000_000, help="of all cameras together (default 1000000)")
    parser.add_argument("--period", type=float, default=60.0, help="seconds of media time between readings")
    parser.add_argument("--minutes", type=float, default=math.inf, help="end after so long, whatever was seen")
    parser.add_argument(
        "--no-follow", action="store_true", help="without pixel tracking between detections: twice as fast"
    )
    parser.add_argument("--json", type=Path, help="file for the record")
    given = parser.parse_args(arguments)
    begin, place = time.monotonic(), machine()
    OPTIONS["follow_pixels"] = not given.no_follow
    readings, counts = run(given.frames, given.period, given.minutes)
    record = place | report(readings, counts, time.monotonic() - begin)
    if given.json:
        given.json.write_text(json.dumps(record, indent=1) + "\n", "utf-8")
    print(f"{counts.frames} frames, {record['media_hours']:.2f} h of media time, {record['seconds']:.0f} s: {counts}")
    for name, one in record["growth"].items():
        low, high = one["interval"]
        limit = f"limit {one['limit']:g} {one['unit']}"
        print(f"{name}: {one['per_hour']:+.4g} per hour ({low:+.4g} to {high:+.4g}; {limit}): {one['verdict']}")
    found = grew(readings, record["growth"])
    if found:
        print(f"growing: {', '.join(found)}")
    return 3 if found else 0


if __name__ == "__main__":
    sys.exit(main())
