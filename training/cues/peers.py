"""Time per face beside MediaPipe's Face Landmarker and `affect-small-int8`, on one core and in turns.

`python -m training.cues.peers --data DIR --file FILE [FILE ...] --teacher PYTHON` adds `one_face` to `RESULTS.json`:
milliseconds of CPU time of all threads of a process, which other programs on the machine disturb little; the 10th
percentile, because caches are shared. The landmarker gets a frame of 256 px and answers with points, blendshapes and
transformation; ours gets the same frame and five landmarks, and answers with cues in frame coordinates (crop, network,
rigid head).
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from edgeaffect.models.registry import FILES
from training.cues.evaluate import RESULTS_FILE
from training.cues.runtime import CueModel
from training.cues.sdk import FaceDetector, similarity
from training.data import data_folder
from training.files import open_on_one_thread
from training.provenance import provenance

ROUNDS, CALLS = 4, 40
PEER, RULER = "MediaPipe Face Landmarker", "affect-small-int8"
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
        start = time.process_time(); teacher(frame); times.append((time.process_time() - start) * 1e3)
    print(json.dumps(times), flush=True)
"""


def timed(call: Callable[[], object], count: int) -> list[float]:
    """Milliseconds of CPU time of each of `count` calls."""
    times = []
    for _ in range(count):
        start = time.process_time()
        call()
        times.append((time.process_time() - start) * 1e3)
    return times


def our_calls(files: list[Path], beside: list[Path], frame: np.ndarray) -> dict[str, Callable[[], object]]:
    """What is timed of ours: cue files on the frame's face, whole and network alone, and files `beside` on noise."""
    with FaceDetector() as detector:
        landmarks = np.asarray(detector.detect(frame).landmarks[:1], np.float64)
    calls: dict[str, Callable[[], object]] = {}
    for path in files:
        model = CueModel(path)
        x = model.crops(frame, similarity(landmarks, model.template))
        calls[path.stem] = functools.partial(model, frame, landmarks)
        calls[f"{path.stem}, network alone"] = functools.partial(model.run, x)
    for path in beside:
        session = open_on_one_thread(path)
        given = session.get_inputs()[0]
        noise = {given.name: np.random.default_rng(0).normal(size=(1, *given.shape[1:])).astype(np.float32)}
        calls[f"{path.stem}, network alone"] = functools.partial(session.run, None, noise)
    return calls


def first_frame(data: Path) -> np.ndarray:
    """A labelled frame, BGR."""
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        name = next(n for n in archive.namelist() if n.endswith(".jpg"))
        frame = cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR)
    if frame is None:
        raise ValueError(f"{name} of faces_68points.zip is not a readable picture: get the archive again")
    return np.asarray(frame)


def measure(calls: dict[str, Callable[[], object]], frame: np.ndarray, teacher: str, task: Path) -> dict[str, float]:
    """Milliseconds of every call and of the landmarker, which runs in a process of its own; all in turns."""
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder, "frame.png")
        cv2.imwrite(str(picture), frame)
        command = [teacher, "-c", _PEER, str(Path(__file__).parent), str(task), str(picture)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as peer:
            assert peer.stdin and peer.stdout
            for _ in range(ROUNDS):
                for name, call in calls.items():
                    times.setdefault(name, []).extend(timed(call, CALLS))
                peer.stdin.write(f"{CALLS // 2}\n")
                peer.stdin.flush()
                times.setdefault(PEER, []).extend(json.loads(peer.stdout.readline()))
            peer.stdin.close()
    return {name: round(float(np.percentile(values, 10)), 3) for name, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--file", required=True, nargs="+", type=Path, help="cue files")
    parser.add_argument("--teacher", required=True, help="Python of the teacher's environment")
    arguments = parser.parse_args()
    data = data_folder(arguments.data)
    os.sched_setaffinity(0, {0})
    cv2.setNumThreads(1)
    frame = first_frame(data)
    calls = our_calls(arguments.file, [FILES / f"{RULER}.onnx"], frame)
    times = measure(calls, frame, arguments.teacher, data / "teachers" / "face_landmarker.task")
    best = min(times[path.stem] for path in arguments.file)
    record = {
        **provenance(Path(__file__).parent),
        "peer": PEER,
        "ruler": RULER,
        "milliseconds": times,
        "share_of_peer": round(best / times[PEER], 3),
        "times_ruler": round(best / times[f"{RULER}, network alone"], 2),
    }
    print(json.dumps(record, indent=1))
    report = json.loads(RESULTS_FILE.read_text())
    RESULTS_FILE.write_text(json.dumps(report | {"one_face": record}, indent=1) + "\n")


if __name__ == "__main__":
    main()
