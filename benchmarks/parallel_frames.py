"""Whether `parallel=True` brings frames sooner: wall times of frames in turn and at once, in alternating rounds.

    python -m benchmarks.parallel_frames [--json FILE] [--rounds 12] [--seconds 1] [--faces 1]

Four pipelines, with and without cues, in turn (the default) and with `parallel=True`, process the same 640x480 frames
of drawn faces in turns, back to back and at the pace of a camera, where a frame begins when it is due. Without cues
there is only one stage that reads faces: those rows show what the option costs where it has nothing to do. A time is
the wall time of `process`; a second core must be idle for any gain.
"""

from __future__ import annotations

import argparse
import itertools
import os
from contextlib import ExitStack
from typing import Any

from benchmarks.paces import PACES, row, table, times_of, write
from edgeaffect import Pipeline, native
from edgeaffect.bench import frames
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles

_WARM_UP = 30
# With cues, in parallel.
WAYS = tuple(itertools.product((False, True), (False, True)))


def measure(rounds: int, seconds: float, faces: int) -> list[dict[str, Any]]:
    """One row for each pace and way, times in milliseconds."""
    found: dict[tuple[str, tuple[bool, bool]], list[float]] = {(pace, way): [] for pace in PACES for way in WAYS}
    pictures = itertools.cycle(frames.synthetic((640, 480), faces, 16))
    with ExitStack() as stack:
        pipelines = {
            (cues, parallel): stack.enter_context(Pipeline(device="cpu", cues=cues, parallel=parallel))
            for cues, parallel in WAYS
        }
        for pipeline in pipelines.values():
            for _ in range(_WARM_UP):
                pipeline.process(next(pictures))
        for number in range(rounds):
            for way in WAYS if number % 2 == 0 else WAYS[::-1]:
                for pace, period in PACES.items():
                    found[pace, way] += times_of(pipelines[way], pictures, period, seconds)
    return [row(times, pace=pace, cues=cues, parallel=parallel) for (pace, (cues, parallel)), times in found.items()]


def main() -> None:
    """Print the rows; with --json also write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write the rows, the machine and the commit to FILE")
    parser.add_argument("--rounds", type=int, default=12, help="of all ways and paces (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=1.0, help="of each turn (default %(default)s)")
    parser.add_argument("--faces", type=int, default=1, help="in view (default %(default)s)")
    options = parser.parse_args()
    cores, load = len(os.sched_getaffinity(0)), os.getloadavg()[0]
    print(
        f"{hardware.cpu(SystemFiles()).name}, {native.VARIANT} {native.simd()}, {cores} cores, load {load:.1f} before\n"
    )
    rows = measure(options.rounds, options.seconds, options.faces)
    print(table(rows))
    if options.json:
        write(options.json, rows, load=load, faces=options.faces)


if __name__ == "__main__":
    main()
