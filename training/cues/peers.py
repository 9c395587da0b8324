"""Time per face beside MediaPipe's Face Landmarker, on one core and in turns.

`python -m training.cues.peers --data DIR --file FILE [FILE ...] --teacher PYTHON` prints milliseconds (10th
percentile: the machine may be shared).
The landmarker gets a frame of 256 px and answers with points, blendshapes and transformation; ours gets the same frame
and five landmarks, and answers with cues in frame coordinates (crop, network, rigid head).
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import subprocess
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from training.cues import pose
from training.cues.runtime import CueModel
from training.cues.sdk import FaceDetector, similarity
from training.data import data_folder
from training.files import open_on_one_thread

ROUNDS, CALLS = 4, 40
_PEER = """
import sys, time, json, os
os.sched_setaffinity(0, {0})
sys.path.insert(0, sys.argv[1])
import cv2, numpy as np
from label import Teacher
cv2.setNumThreads(1)
teacher, frame = Teacher(sys.argv[2]), cv2.imread(sys.argv[3])
for _ in range(5): teacher(frame)
for line in sys.stdin:
    times = []
    for _ in range(int(line)):
        start = time.perf_counter(); teacher(frame); times.append((time.perf_counter() - start) * 1e3)
    print(json.dumps(times), flush=True)
"""


def timed(call: Callable[[], object], count: int) -> list[float]:
    """Milliseconds of each of `count` calls."""
    times = []
    for _ in range(count):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, nargs="+", type=Path, help="cue files")
    parser.add_argument("--beside", nargs="*", type=Path, default=[], help="further ONNX files, fed with noise")
    parser.add_argument("--teacher", required=True, help="Python of the teacher's environment")
    arguments = parser.parse_args()
    data = data_folder(arguments.data)
    os.sched_setaffinity(0, {0})
    cv2.setNumThreads(1)
    picture = Path("/tmp") / f"cues-peer-{os.getpid()}.png"
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".jpg"))
        frame = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
    if frame is None:
        raise ValueError(f"{name} is not a readable picture")
    cv2.imwrite(str(picture), frame)
    with FaceDetector() as detector:
        landmarks = np.asarray(detector.detect(frame).landmarks[:1], np.float64)
    calls: dict[str, Callable[[], object]] = {}
    for path in arguments.file:
        model = CueModel(path)
        matrices = similarity(landmarks, model.template)
        x = model.crops(frame, matrices)
        calls[f"{path.stem}: whole"] = functools.partial(model, frame, landmarks)
        calls[f"{path.stem}: network"] = functools.partial(model.run, x)
    points = model(frame, landmarks).points[0]
    canonical = pose.read_canonical()
    calls["rigid head alone"] = lambda: pose.solve(points, (frame.shape[1], frame.shape[0]), canonical)
    for path in arguments.beside:
        session = open_on_one_thread(path)
        given = session.get_inputs()[0]
        noise = {given.name: np.random.default_rng(0).normal(size=(1, *given.shape[1:])).astype(np.float32)}
        calls[path.stem] = functools.partial(session.run, None, noise)
    folder = str(Path(__file__).parent)
    task = str(data / "teachers" / "face_landmarker.task")
    peer = subprocess.Popen(
        [arguments.teacher, "-c", _PEER, folder, task, str(picture)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert peer.stdin and peer.stdout
    times: dict[str, list[float]] = {}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            times.setdefault(name, []).extend(timed(call, CALLS))
        peer.stdin.write(f"{CALLS // 2}\n")
        peer.stdin.flush()
        times.setdefault("MediaPipe Face Landmarker", []).extend(json.loads(peer.stdout.readline()))
    peer.stdin.close()
    peer.wait()
    picture.unlink()
    print(json.dumps({name: round(float(np.percentile(values, 10)), 3) for name, values in times.items()}, indent=1))


if __name__ == "__main__":
    main()
