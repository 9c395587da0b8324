"""Starts the peers, runs their tasks in turns, and relates their times to ours round by round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.worker import CORE

HERE = Path(__file__).resolve().parent
US = "edgeaffect"
PEERS = (US, "opencv", "fer", "emotiefflib", "mediapipe", "dlib", "pytorch")
_NEEDS = {"opencv": ("yunet", "rfb"), "emotiefflib": ("yunet", "efficientnet_b0")}

# question -> our task, and (peer, task, remark) that answer the same question
QUESTIONS: dict[str, tuple[str, list[tuple[str, str, str]]]] = {
    "prepare a frame for the detector, longest side 320": ("prepare", [
        ("opencv", "prepare", "OpenCV + NumPy: resize by area, pad, colour, float, mean and deviation, planes"),
        ("pytorch", "prepare", "eager PyTorch: antialiased resize, pad, planes"),
    ]),
    "detect faces, longest side 320": ("detect_320", [
        ("opencv", "yunet_320", "YuNet-n in FaceDetectorYN, with the resize"),
        ("opencv", "rfb_320", "RFB-320 in ONNX Runtime, boxes only"),
        ("mediapipe", "detect", "BlazeFace short range, its own 128x128 input"),
        ("pytorch", "detect_320", "our network in eager PyTorch, without decoding"),
    ]),
    "detect faces, longest side 640": ("detect_640", [("opencv", "yunet_640", "YuNet-n in FaceDetectorYN")]),
    "read the expression of one face": ("expression", [
        ("fer", "expression", "mini-XCEPTION, tflite"),
        ("emotiefflib", "expression", "EfficientNet-B0, random weights"),
        ("pytorch", "expression", "our network in eager PyTorch, without calibration and results"),
    ]),
    "read landmarks, blendshapes, head pose and gaze of one face": ("cues", [
        (US, "expression", "our model of expression, for scale"),
        ("dlib", "landmarks", "68 points only"),
        ("mediapipe", "landmarker_tracking", "Face Landmarker on a face it follows: points, blendshapes, head pose"),
    ]),
    "frame to cues, detection on every frame": ("frame_cues", [
        ("mediapipe", "landmarker", "Face Landmarker, picture by picture"),
    ]),
    "frame to result, everything on every frame": ("frame", [
        ("emotiefflib", "frame", "YuNet at 320 and EfficientNet-B0, random weights"),
        ("fer", "frame", "its default: Haar cascade and mini-XCEPTION"),
        ("mediapipe", "mesh", "face mesh, no expression"),
    ]),
    "frame to result, 30 fps video with tracking": ("frame_defaults", [
        ("mediapipe", "mesh_tracking", "face mesh, no expression"),
    ]),
}  # fmt: skip


@dataclass
class Worker:
    """One peer's process."""

    name: str
    process: subprocess.Popen[str]
    about: dict[str, Any]
    rounds: dict[str, list[dict[str, list[int]]]] = field(default_factory=dict)
    """Task -> per round, nanoseconds of each call: `wall` and `cpu`."""

    def ask(self, task: str, calls: int) -> dict[str, list[int]]:
        """Time a task.

        Raises:
            RuntimeError: the process has ended.
        """
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{task} {calls}\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{self.name}: its process ended during {task} (status {self.process.wait(timeout=30)})")
        return json.loads(answer)

    def finish(self) -> dict[str, int]:
        """Memory at the end."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        answer = json.loads(self.process.stdout.readline())
        self.process.wait(timeout=30)
        return answer


def start(name: str, python: Path, frames: Path, assets: Path) -> Worker:
    """Start one peer.

    Raises:
        RuntimeError: it could not be set up; the message holds the end of what it said.
    """
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL")}
    core = str(max(os.sched_getaffinity(0)))
    with tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [str(python), str(HERE / "worker.py"), str(HERE / "peers" / f"{name}.py"), str(frames), str(assets)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True,
            env={**os.environ, **threads, CORE: core},
        )  # fmt: skip
        assert process.stdout
        line = process.stdout.readline()
        if not line:
            process.wait()
            errors.seek(0)
            last = errors.read().strip().splitlines()[-1:] or ["no message"]
            raise RuntimeError(f"{name} could not be set up: {last[0]}")
    return Worker(name, process, json.loads(line))


def pythons(folder: Path, given: dict[str, Path]) -> dict[str, Path]:
    """Interpreter of each peer: given, else in `folder`/NAME, ours for ourselves. Peers without one are left out."""
    found = {US: Path(sys.executable), **given}
    for name in PEERS:
        candidate = folder / name / "bin" / "python"
        if name not in found and candidate.exists():
            found[name] = candidate
    return found


def install(folder: Path, name: str) -> None:
    """Make the virtual environment of one peer from its pins; none is left behind when that fails.

    Raises:
        CalledProcessError: pip could not find or install something.
    """
    subprocess.run([sys.executable, "-m", "venv", str(folder / name)], check=True)
    pip = [str(folder / name / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
    try:
        subprocess.run([*pip, "-r", str(HERE / "peers" / f"{name}.txt")], check=True)
    except subprocess.CalledProcessError:
        shutil.rmtree(folder / name)
        raise


def run(
    interpreters: dict[str, Path], frames: Path, assets: dict[str, Any], folder: Path, rounds: int, seconds: float
) -> tuple[dict[str, Any], list[str]]:
    """Run all tasks of all peers in turns.

    Args:
        interpreters: from `pythons`.
        frames: npz of `benchmarks.frames.load`.
        assets: from `benchmarks.assets.prepare`.
        folder: for temporary files.
        rounds: turns; each peer runs each of its tasks once per turn.
        seconds: about how long one task runs in one turn.

    Returns:
        Peers (versions, memory, times per task) and one line for each that was left out.
    """
    assets_file = folder / "assets.json"
    assets_file.write_text(json.dumps(assets), "utf-8")
    workers, missing = [], []
    for name in PEERS:
        if name not in interpreters:
            missing.append(f"{name}: no environment (make it with: python -m benchmarks.run_all --install)")
            continue
        lacking = [a for a in _NEEDS.get(name, ()) if a not in assets]
        if lacking:
            missing.append(f"{name}: needs {', '.join(lacking)}")
            continue
        try:
            workers.append(start(name, interpreters[name], frames, assets_file))
        except RuntimeError as error:
            missing.append(str(error))
    calls: dict[tuple[str, str], int] = {}
    for worker in list(workers):
        try:
            for task in worker.about["tasks"]:
                warm = worker.ask(task, 8)["wall"]
                calls[worker.name, task] = max(3, int(seconds / (np.median(warm[2:]) * 1e-9)))
        except RuntimeError as error:
            workers.remove(worker)
            missing.append(str(error))
    for turn in range(rounds):
        # Every other turn goes backwards, so that a drift of the machine's speed is shared.
        for worker in workers if turn % 2 == 0 else reversed(workers):
            for task in worker.about["tasks"]:
                worker.rounds.setdefault(task, []).append(worker.ask(task, calls[worker.name, task]))
    peers = {}
    for worker in workers:
        memory = worker.finish()
        peers[worker.name] = {
            "versions": worker.about["versions"], "faces_found": worker.about.get("faces_found"),
            "peak_bytes": memory["VmHWM"], "tasks": {t: _times(r) for t, r in worker.rounds.items()},
        }  # fmt: skip
    return peers, missing


def _times(rounds: list[dict[str, list[int]]]) -> dict[str, Any]:
    every = np.concatenate([np.asarray(r["wall"]) for r in rounds]) * 1e-9
    p50, p90, p99 = np.percentile(every, (50, 90, 99))
    medians = [float(np.median(r["cpu"])) * 1e-9 for r in rounds]
    return {"unit": "s", "count": len(every), "min": float(every.min()), "p50": float(p50), "p90": float(p90),
            "p99": float(p99), "max": float(every.max()), "round_cpu_medians": medians}  # fmt: skip


def ratios(ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, float, float]:
    """(median, least, largest) over the turns of their median CPU time over ours in the same turn."""
    pairs = zip(theirs["round_cpu_medians"], ours["round_cpu_medians"], strict=True)
    values = sorted(their / our for their, our in pairs)
    return float(np.median(values)), values[0], values[-1]
