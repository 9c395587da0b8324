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
from typing import Any

from benchmarks.paces import PACES, row, table, times_of, write
from benchmarks.speech import RATE, speech
from edgeaffect import Pipeline
from edgeaffect.bench import frames
from edgeaffect.bench.parts.voice import Microphone

WAYS = ("without a voice", "voice, no sound", "voice, while it hears")
_WARM_UP = 30


def measure(rounds: int, seconds: float, *, cues: bool) -> list[dict[str, Any]]:
    """One row for each pace and way."""
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
                    found[pace][way] += times_of(plain if way == WAYS[0] else listening, pictures, period, seconds)
    return [row(times, pace=pace, way=way) for pace, ways in found.items() for way, times in ways.items()]


def main() -> None:
    """Print the rows; with --json also write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write the rows, the machine and the commit to FILE")
    parser.add_argument("--rounds", type=int, default=8, help="of all ways and paces (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn (default %(default)s)")
    parser.add_argument("--cues", action="store_true", help="with cues: who speaks is asked and fused, too")
    options = parser.parse_args()
    rows = measure(options.rounds, options.seconds, cues=options.cues)
    print(table(rows))
    if options.json:
        write(options.json, rows, cues=options.cues)


if __name__ == "__main__":
    main()
