"""Milliseconds of one face, with and without a first look: `python -m benchmarks.first_look --ended 0.6`.

Rows: the small and the larger network alone, a face that the first look ends, one that it passes on, and the mean where
the share `--ended` ends (`python -m training.affect.first_look` measures it on real faces). Columns: the networks
alone, and from a frame of 640 x 480 with a known face to its `Affect`. Least of 300 calls, one thread, three turns.

`--peer PYTHON` adds mini-XCEPTION as `fer` ships it (tflite, one thread), in the same turns; PYTHON is that of an
environment with benchmarks/peers/fer.txt.
"""

from __future__ import annotations

import argparse
import functools
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect import FaceAffect, Faces, native
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.face.first_look import FirstLook
from edgeaffect.image import Image
from edgeaffect.options import AffectOptions

TURNS, CALLS, WARM = 3, 100, 10
FIRST = "affect-nano"
BOX = (240, 140, 400, 340)
_PEER = """
import importlib.metadata, json, sys, time
import cv2, numpy as np
from ai_edge_litert.interpreter import Interpreter
cv2.setNumThreads(1)
file = importlib.metadata.distribution("fer").locate_file("fer/data/emotion_model_quantized.tflite")
net = Interpreter(str(file), num_threads=1)
net.allocate_tensors()
into, out = net.get_input_details()[0]["index"], net.get_output_details()[0]["index"]
frame = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
x0, y0, x1, y1 = %s
def alone():
    net.invoke()
def whole():
    face = cv2.resize(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)[y0:y1, x0:x1], (64, 64))
    net.set_tensor(into, ((face.astype("float32") / 255 - 0.5) * 2)[None, ..., None])
    net.invoke()
    return net.get_tensor(out)
for line in sys.stdin:
    least = []
    for call in (alone, whole):
        times = []
        for _ in range(int(line)):
            start = time.perf_counter()
            call()
            times.append(time.perf_counter() - start)
        least.append(min(times[10:]) * 1e3)
    print(json.dumps(least), flush=True)
"""


def least(call: Callable[[], Any]) -> float:
    """Milliseconds of the fastest call of one turn."""
    times = []
    for _ in range(WARM + CALLS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times[WARM:]) * 1e3


def run(stages: Sequence[FaceAffect], crop: NDArray[np.float32]) -> None:
    """The networks of these stages, one after the other, and nothing else."""
    for stage in stages:
        stage.session.run({stage.model.spec.image.name: crop}, stage.wanted())


def tasks(stages: dict[str, FaceAffect]) -> dict[str, tuple[Callable[[], Any], Callable[[], Any]]]:
    """Row -> what runs for its two columns."""
    frame = Image.of(np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8))
    x0, y0, x1, y1 = BOX
    points = np.array([[x0 + 50, y0 + 75], [x1 - 50, y0 + 75], [320, 250], [x0 + 55, y1 - 50], [x1 - 55, y1 - 50]])
    faces = Faces(np.array([BOX], np.float32), np.ones(1, np.float32), points[None].astype(np.float32))
    rows: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {}
    for name, stage in stages.items():
        crop = np.zeros(stage.model.spec.image.shape(1), np.float32)
        nets = [stage] if not isinstance(stage, FirstLook) else [stage.first, stage]
        if name.startswith("ends"):
            nets = nets[:1]
        rows[name] = (functools.partial(run, nets, crop), functools.partial(stage.predict, frame, faces))
    return rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ended", type=float, required=True, help="share of faces that the first look ends")
    parser.add_argument("--peer", metavar="PYTHON", help="environment with mini-XCEPTION")
    arguments = parser.parse_args()
    every = AffectOptions(first_confidence=0.0, first_quality=0.0)
    none = AffectOptions(first_confidence=1.0, first_quality=1.0)
    rows = tasks({
        "the first alone": FaceAffect(FIRST, device="cpu"), "the second alone": FaceAffect(device="cpu"),
        "ends with the first look": FirstLook(FIRST, device="cpu", options=every),
        "is passed on": FirstLook(FIRST, device="cpu", options=none),
    })  # fmt: skip
    peer = None
    if arguments.peer:
        peer = subprocess.Popen(
            [arguments.peer, "-c", _PEER % (BOX,)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
    found: dict[str, list[list[float]]] = {}
    for _ in range(TURNS):
        for name, columns in rows.items():
            found.setdefault(name, []).append([least(call) for call in columns])
        if peer is not None:
            assert peer.stdin and peer.stdout
            print(WARM + CALLS, file=peer.stdin, flush=True)
            found.setdefault("mini-XCEPTION", []).append(json.loads(peer.stdout.readline()))
    if peer is not None:
        peer.communicate()
    table = {name: np.min(turns, axis=0) for name, turns in found.items()}
    share = arguments.ended
    mean = share * table["ends with the first look"] + (1 - share) * table["is passed on"]
    table[f"mean where {share:.0%} end"] = mean
    print(f"{hardware.cpu(SystemFiles()).name}, {native.VARIANT} {native.simd()}\n")
    print("| a face | networks alone, ms | frame to `Affect`, ms |\n| --- | --- | --- |")
    for name, (alone, whole) in table.items():
        print(f"| {name} | {alone:.3f} | {whole:.3f} |")
    if "mini-XCEPTION" in table:
        ratio = mean / table["mini-XCEPTION"]
        print(f"\nmean / mini-XCEPTION: {ratio[0]:.2f} (networks alone), {ratio[1]:.2f} (frame to answer)")


if __name__ == "__main__":
    main()
