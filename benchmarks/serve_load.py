"""What viewers of the live page cost the pipeline: frames per second with nobody and with ten of them, in one run.

    python -m benchmarks.serve_load [--viewers 10] [--rounds 10] [--seconds 3] [--json FILE]

First the pipeline reads 640x480 frames with one face from memory, as fast as it can. Blocks without and with viewers
take turns, so that a machine that slows down slows both; the ratio is that of each pair, given as the median with a
95 % interval (bootstrap over pairs). Then a camera of 30 frames per second, whose dropped frames are counted in the
same way. Viewers are a process of their own; each reads the video and the WebSocket, as a browser does.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect import Pipeline
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.options.serve import ServeOptions
from edgeaffect.serve import Live, PageServer
from edgeaffect.sources import Source
from edgeaffect.sources.arrays import Arrays
from edgeaffect.sources.paced import PacedSource
from training.provenance import commit, instruction_set

PICTURE = Path(__file__).resolve().parent.parent / "export" / "astronaut.jpg"
_CAMERA_FPS = 30.0
_SETTLE = 0.7


def frames(count: int = 30) -> list[NDArray[np.uint8]]:
    """A face some 120 pixels wide that sways before a grey wall, 640x480."""
    person = cv2.imread(str(PICTURE))
    moving = []
    for i in range(count):
        shift = 20 * np.sin(2 * np.pi * i / count)
        matrix = np.array([[2.4, 0, 100 + shift], [0, 2.4, 20.0]])
        moving.append(cv2.warpAffine(person, matrix, (640, 480), borderValue=(90, 90, 90)))
    return moving


async def _video(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    writer.write(b"GET /video HTTP/1.1\r\nHost: localhost\r\n\r\n")
    while await reader.read(1 << 16):
        pass


async def _results(port: int) -> None:
    from websockets.asyncio.client import connect

    async with connect(f"ws://127.0.0.1:{port}/ws", max_size=None) as websocket:
        async for _ in websocket:
            pass


def _watch(port: int, viewers: int) -> None:
    async def work() -> None:
        both = [task(port) for _ in range(viewers) for task in (_video, _results)]
        await asyncio.gather(*both, return_exceptions=True)

    asyncio.run(work())


@contextlib.contextmanager
def watched(live: Live, port: int, viewers: int) -> Iterator[None]:
    """Viewers, all of them there before the context begins and gone after it."""
    process = multiprocessing.get_context("spawn").Process(target=_watch, args=(port, viewers), daemon=True)
    process.start()
    publisher = live.publisher
    try:
        while publisher.pictures.count < viewers or publisher.messages.count < viewers:
            time.sleep(0.02)
        time.sleep(_SETTLE)
        yield
    finally:
        process.terminate()
        process.join()
        while publisher.pictures.count + publisher.messages.count:
            time.sleep(0.02)
        time.sleep(_SETTLE)


def measure(source: Source, viewers: int, rounds: int, seconds: float) -> dict[str, Any]:
    """Blocks without and with viewers: frames per second of each pair, and frames dropped."""
    with Pipeline(cues=True, explain=True) as pipeline:
        live = Live(pipeline, source, options=ServeOptions(port=0), paced=False)
        with PageServer(live) as server:
            thread = threading.Thread(target=live.run, daemon=True)
            thread.start()
            time.sleep(2.0)
            rows = []
            for _ in range(rounds):
                alone = _block(live, seconds)
                with watched(live, server.port, viewers):
                    rows.append((alone, _block(live, seconds)))
            encoded, skipped = live.publisher.encoded, live.publisher.pictures.skipped
            live.stop()
            thread.join()
        live.close()
    table = np.array([[alone[0], beside[0], alone[1], beside[1]] for alone, beside in rows])
    ratios = table[:, 1] / table[:, 0]
    rng = np.random.default_rng(0)
    spread = np.median(rng.choice(ratios, (4000, len(ratios))), axis=1)
    return {
        "fps_alone": round(float(np.median(table[:, 0])), 1),
        "fps_watched": round(float(np.median(table[:, 1])), 1),
        "ratio": round(float(np.median(ratios)), 3),
        "ratio_95": [round(float(value), 3) for value in np.percentile(spread, (2.5, 97.5))],
        "dropped_alone": int(table[:, 2].sum()),
        "dropped_watched": int(table[:, 3].sum()),
        "pictures_encoded": encoded,
        "pictures_skipped_by_viewers": skipped,
    }


def _block(live: Live, seconds: float) -> tuple[float, int]:
    """Frames per second, and frames dropped."""
    frames_before, dropped_before, began = live.tally.frames, live.tally.dropped, time.perf_counter()
    time.sleep(seconds)
    elapsed = time.perf_counter() - began
    return (live.tally.frames - frames_before) / elapsed, live.tally.dropped - dropped_before


def _endless(pictures: list[NDArray[np.uint8]]) -> Iterator[NDArray[np.uint8]]:
    while True:
        yield from pictures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=3.0, help="of one block")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    pictures, files = frames(), SystemFiles()
    how = {"viewers": arguments.viewers, "rounds": arguments.rounds, "seconds": arguments.seconds}
    outcome = {
        "commit": commit(Path(__file__).resolve().parent), "processor": hardware.cpu(files).name,
        "instruction_set": instruction_set(files), **how,
        "as_fast_as_it_can": measure(Arrays(_endless(pictures)), **how),
        "camera": measure(PacedSource(pictures, fps=_CAMERA_FPS, seconds=36000), **how),
    }  # fmt: skip
    text = json.dumps(outcome, indent=1)
    print(text)
    if arguments.json:
        arguments.json.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
