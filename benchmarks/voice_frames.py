"""Whether frames wait for sound: wall times of frames without a voice and beside a microphone, in alternating rounds.

    python -m benchmarks.voice_frames [--json FILE] [--rounds 8] [--seconds 1] [--cues]

One pipeline without a voice and one with it process the same 640x480 frames with one face, in turns: without a voice,
with a voice to which no sound comes, and while sound comes in chunks of 50 ms from a thread of its own, as a microphone
gives it. `back to back` is the frame loop at its fastest, `30 a second` the pace of a camera, where a frame begins when
it is due. Both voice models run on every window. A time is the wall time of `process`.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.speech import RATE, speech
from edgeaffect import Pipeline
from edgeaffect.bench import frames
from edgeaffect.bench.codec import to_dict
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.parts.voice import Microphone
from edgeaffect.bench.stats.timing import collector_off

PACES = {"back to back": 0.0, "30 a second": 1 / 30}
WAYS = ("without a voice", "voice, no sound", "voice, while it hears")
_WARM_UP = 30


def times_of(pipeline: Pipeline, pictures: Iterator[np.ndarray], pace: float, seconds: float) -> list[float]:
    """Milliseconds of each frame; one that is late is followed by the next at once."""
    found = []
    begin = due = time.perf_counter()
    while due - begin < seconds:
        time.sleep(max(0.0, due - time.perf_counter()))
        start = time.perf_counter()
        pipeline.process(next(pictures))
        found.append((time.perf_counter() - start) * 1000)
        due = max(due + pace, time.perf_counter())
    return found


def measure(rounds: int, seconds: float, *, cues: bool) -> dict[str, dict[str, list[float]]]:
    """Pace -> way -> milliseconds of each frame."""
    found: dict[str, dict[str, list[float]]] = {pace: {way: [] for way in WAYS} for pace in PACES}
    pictures = itertools.cycle(frames.synthetic((640, 480), 1, 16))
    sound = speech(10.0)
    with (
        Pipeline(device="cpu", cues=cues) as plain,
        Pipeline(device="cpu", cues=cues, voice=True, voice_threshold=0.0) as listening,
        Microphone(listening, sound, RATE) as microphone,
    ):
        for pipeline in (plain, listening):
            for _ in range(_WARM_UP):
                pipeline.process(next(pictures))
        for number in range(rounds):
            for way in WAYS if number % 2 == 0 else reversed(WAYS):
                microphone.turn(way == WAYS[2])
                for pace, period in PACES.items():
                    with collector_off():
                        times = times_of(plain if way == WAYS[0] else listening, pictures, period, seconds)
                    found[pace][way] += times
    return found


def rows_of(found: dict[str, dict[str, list[float]]]) -> list[dict[str, Any]]:
    """One row for each pace and way."""
    return [
        {
            "pace": pace, "way": way, "frames": len(times),
            **{name: round(float(np.quantile(times, share)), 3) for name, share in (("p50", 0.5), ("p99", 0.99))},
        }
        for pace, ways in found.items()
        for way, times in ways.items()
    ]  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write the rows, the machine and the commit to FILE")
    parser.add_argument("--rounds", type=int, default=8, help="of all ways and paces (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn (default %(default)s)")
    parser.add_argument("--cues", action="store_true", help="with cues: who speaks is asked and fused, too")
    options = parser.parse_args()
    rows = rows_of(measure(options.rounds, options.seconds, cues=options.cues))
    for row in rows:
        print(
            f"{row['pace']:13} {row['way']:22} {row['frames']:6} frames  p50 {row['p50']:.3f} ms  p99 {row['p99']:.3f}"
        )
    if options.json:
        facts = {"commit": hardware.commit(), "machine": to_dict(hardware.identity(SystemFiles()))}
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({**facts, "cues": options.cues, "rows": rows}, file, indent=1)


if __name__ == "__main__":
    main()
