"""Gates of the cue model on held-out people and clips: `python -m training.cues.evaluate --data DIR --out DIR`.

Every frame goes the way it goes at run time: detector, crop, file. `--file` is scored on the test part (`--split dev`
for choices) of `faces_68points.zip`; results go to `RESULTS.json`, to which `training.cues.peers` then adds times.
Intervals are 95 %, by resampling clips.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.cues import gaze, pose
from training.cues.label import normalised
from training.cues.labels import split_of
from training.cues.runtime import CueModel, Cues, blend, detect
from training.cues.sdk import FaceDetector, five_of_68
from training.data import data_folder
from training.face.data import split_of as detector_split
from training.provenance import provenance

RESULTS_FILE = Path(__file__).with_name("RESULTS.json")
RESAMPLES = 300
# Face sizes in pixels (sqrt of the points' box); None is the frame as it is.
SIZES: dict[str, float | None] = {"": None, "_48px": 48.0, "_24px": 24.0}


@dataclass(frozen=True)
class Frame:
    """A labelled frame: BGR picture, 68 points, clip, row in `faces.npz`, whether the detector's training has it."""

    image: np.ndarray
    points: np.ndarray
    clip: str
    row: int
    of_detector: bool

    def mirrored(self) -> np.ndarray:
        return np.ascontiguousarray(self.image[:, ::-1])

    def shrunk(self, size: float) -> tuple[np.ndarray, float]:
        """The picture with a face of `size` pixels (sqrt of the points' box), and the factor; never enlarged."""
        own = float(np.sqrt(np.prod(self.points.max(0) - self.points.min(0))))
        factor = min(1.0, size / own)
        h, w = self.image.shape[:2]
        small = (max(8, round(w * factor)), max(8, round(h * factor)))
        return cv2.resize(self.image, small, interpolation=cv2.INTER_AREA), small[0] / w


def read_frames(data: Path, keys: list[str], split: str) -> list[Frame]:
    """Frames of the held-out clips."""
    places = {key: row for row, key in enumerate(keys)}
    frames = []
    with zipfile.ZipFile(data / "faces_68points.zip") as archive:
        for row in csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")):
            clip, key = normalised(row["clip"]), f"points68/{row['file']}#0"
            if split_of(clip) != split or key not in places:
                continue
            image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(row["file"]), np.uint8), cv2.IMREAD_COLOR))
            points = np.array([[float(row[f"x{i}"]), float(row[f"y{i}"])] for i in range(68)])
            of_detector = detector_split("points68", row["clip"]) == "train"
            frames.append(Frame(image, points, clip, places[key], of_detector))
    return frames


def correlations(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Pearson's r of each column; a constant counts as 0."""
    a, b = a - a.mean(0), b - b.mean(0)
    norm = np.linalg.norm(a, axis=0) * np.linalg.norm(b, axis=0)
    return np.where(norm > 1e-9, (a * b).sum(0) / np.maximum(norm, 1e-9), 0.0)


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve; NaN without both kinds."""
    _, place, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]  # ties share their mean rank
    p, n = int(positive.sum()), int((~positive).sum())
    return float((ranks[positive].sum() - p * (p + 1) / 2) / (p * n)) if p and n else float("nan")


def interval(statistic: Callable[[np.ndarray], float], clips: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """Value and 95 % interval of a statistic of rows, resampling clips."""
    random, names = np.random.default_rng(seed), np.unique(clips)
    rows = {name: np.flatnonzero(clips == name) for name in names.tolist()}
    draws = []
    for _ in range(RESAMPLES):
        chosen = random.choice(names, len(names))
        draws.append(statistic(np.concatenate([rows[name] for name in chosen.tolist()])))
    value = statistic(np.arange(len(clips)))
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return {"value": round(value, 4), "interval": [round(float(low), 4), round(float(high), 4)]}


def through(
    model: CueModel, detector: FaceDetector | None, frames: list[Frame], size: float | None = None, mirror: bool = False
) -> tuple[list[int], list[Cues]]:
    """Cues of the frames whose face is found; `detector` None cuts by the labelled points (ideal crops)."""
    rows, answers = [], []
    for index, frame in enumerate(frames):
        picture, factor = (frame.image, 1.0) if size is None else frame.shrunk(size)
        points = frame.points * factor
        if mirror:
            picture = np.ascontiguousarray(picture[:, ::-1])
            points = np.stack([picture.shape[1] - points[:, 0], points[:, 1]], 1)
        if detector is None:
            landmarks = five_of_68(points)[None]
            if mirror:
                landmarks = landmarks[:, [1, 0, 2, 4, 3]]
        else:
            found = detect(detector, picture, points)
            if found is None:
                continue
            landmarks = found
        rows.append(index)
        answers.append(model(picture, landmarks))
    return rows, answers


def gathered(answers: list[Cues], field: str) -> np.ndarray:
    """One field of all answers."""
    return np.concatenate([getattr(answer, field) for answer in answers])


def point_errors(frames: list[Frame], rows: list[int], answers: list[Cues], size: float | None) -> np.ndarray:
    """Mean error of each frame as a share of sqrt(w h) of its labelled box."""
    result = []
    for row, answer in zip(rows, answers, strict=True):
        frame = frames[row]
        factor = 1.0 if size is None else frame.shrunk(size)[1]
        box = np.sqrt(np.prod(frame.points.max(0) - frame.points.min(0)))
        result.append(np.linalg.norm(answer.points[0] / factor - frame.points, axis=1).mean() / box)
    return np.array(result)


def score(
    model: CueModel, frames: list[Frame], teacher: dict[str, np.ndarray], detector: FaceDetector | None
) -> dict[str, Any]:
    """All gates of one file on one way to cut the crops."""
    names = model.names
    clips_all = np.array([f.clip for f in frames])
    report: dict[str, Any] = {"frames": len(frames), "clips": len(set(clips_all))}
    report["frames_of_detector_training"] = sum(f.of_detector for f in frames)
    places = [f.row for f in frames]
    both, target = teacher["shaped"][places] == 2, teacher["shapes"][places]
    judged = (target[both].std(0) > 0.05) & (teacher["agreement"] > 0.7)
    report["judged_blendshapes"] = [n for n, j in zip(names, judged, strict=True) if j]

    for label, size in SIZES.items():
        rows, answers = through(model, detector, frames, size)
        known, wanted = both[rows], target[rows][both[rows]]
        wrong, said = point_errors(frames, rows, answers, size), gathered(answers, "shapes")[known]
        report[f"found{label}"] = round(len(rows) / len(frames), 4)
        report[f"landmark_error{label}"] = mean_interval(wrong, clips_all[rows])
        report[f"blendshape_r{label}"] = r_interval(said[:, judged], wanted[:, judged], clips_all[rows][known])
        if size is None:
            each = correlations(said, wanted)
            report["r_of_each"] = {n: round(float(v), 3) for n, v, j in zip(names, each, judged, strict=True) if j}
            report |= full_size(model, frames, teacher, detector, rows, answers, judged)
    return report


def mean_interval(values: np.ndarray, clips: np.ndarray) -> dict[str, Any]:
    """Mean and interval."""
    return interval(lambda rows: float(values[rows].mean()), clips)


def r_interval(said: np.ndarray, wanted: np.ndarray, clips: np.ndarray) -> dict[str, Any]:
    """Mean of the columns' correlations and interval."""
    return interval(lambda rows: float(correlations(said[rows], wanted[rows]).mean()), clips)


def full_size(
    model: CueModel,
    frames: list[Frame],
    teacher: dict[str, np.ndarray],
    detector: FaceDetector | None,
    rows: list[int],
    answers: list[Cues],
    judged: np.ndarray,
) -> dict[str, Any]:
    """Head pose, eyes, gaze, mirror and coverage on frames as they are."""
    names = model.names
    report: dict[str, Any] = {}
    clips = np.array([frames[r].clip for r in rows])
    places = [frames[r].row for r in rows]
    known = teacher["shaped"][places] == 2
    said, wanted = gathered(answers, "shapes")[known], teacher["shapes"][places][known]

    full = [(frames[r].image.shape[1], frames[r].image.shape[0]) for r in rows]
    true = np.array([pose.solve(frames[r].points, s) for r, s in zip(rows, full, strict=True)])
    net, solved, head = (gathered(answers, f) for f in ("head_net", "head_points", "head"))
    report["pose_choice"] = {
        f"learnt share {share}": np.abs(blend(net, solved, share) - true).mean(0).round(3).tolist()
        for share in (0.0, 0.25, 0.5, 0.75, 1.0)
    }
    report["head_pose_error"] = mean_interval(np.abs(head - true).mean(1), clips)
    report["head_pose_each"] = np.abs(head - true).mean(0).round(3).tolist()

    blink = [names.index("eyeBlinkLeft"), names.index("eyeBlinkRight")]
    closed, shut = wanted[:, blink].mean(1) > 0.5, said[:, blink].mean(1)
    report["closed_eyes"] = int(closed.sum())
    report["closed_eyes_auc"] = interval(lambda r: auc(shut[r], closed[r]), clips[known])

    large = np.array([np.sqrt(np.prod(np.ptp(frames[r].points, axis=0))) >= 100 for r in rows])[known]
    eyes, looks = gathered(answers, "eyes")[known], gaze.from_blendshapes(wanted, names)
    report["gaze_faces"] = int(large.sum())
    for axis, name in enumerate(("yaw", "pitch")):
        column = slice(axis, axis + 1)
        report[f"gaze_{name}_r"] = r_interval(eyes[large, column], looks[large, column], clips[known][large])
    again, turned = through(model, detector, frames, mirror=True)
    common = [(rows.index(r), k) for k, r in enumerate(again) if r in set(rows)]
    first, second = (np.array(c) for c in zip(*common, strict=True))
    for field in ("eyes", "gaze", "head"):
        total = gathered(answers, field)[first, 0] + gathered(turned, field)[second, 0]
        report[f"mirror_{field}_yaw"] = round(float(np.abs(total).mean()), 3)

    labelled = np.stack([frames[r].points for r in rows])
    off = np.abs(gathered(answers, "points") - labelled)
    inside = np.abs(said - wanted) <= gathered(answers, "shapes_std")[known]
    looked = np.abs(eyes - teacher["gaze"][places][known]) <= gathered(answers, "eyes_std")[known]
    report["coverage"] = {
        "landmarks": round(float((off <= gathered(answers, "points_std")[:, :, None]).mean()), 4),
        "blendshapes": round(float(inside[:, judged].mean()), 4),
        "blendshapes_all": round(float(inside.mean()), 4),
        "head_pose": round(float((np.abs(head - true) <= gathered(answers, "head_std")).mean()), 4),
        "gaze": round(float(looked.mean()), 4),
    }
    return report


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with faces.npz")
    parser.add_argument("--file", required=True, nargs="+", type=Path)
    parser.add_argument("--split", default="test", choices=("test", "dev"))
    parser.add_argument("--quick", action="store_true", help="through the detector only, nothing written")
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    with np.load(arguments.out / "faces.npz") as file:
        keys = file["keys"].tolist()
        teacher = {k: file[k] for k in ("shapes", "shaped", "agreement", "gaze")}
    frames = read_frames(data_folder(arguments.data), keys, arguments.split)
    report: dict[str, Any] = {**provenance(Path(__file__).parent), "split": arguments.split, "files": {}}
    with FaceDetector() as detector:
        for path in arguments.file:
            model = CueModel(path)
            scores = {"detector": score(model, frames, teacher, detector)}
            if not arguments.quick:
                scores["ideal"] = score(model, frames, teacher, None)
            report["files"][path.stem] = {"bytes": path.stat().st_size, **scores}
            print(path.stem, json.dumps(report["files"][path.stem], indent=1), flush=True)
    if not arguments.quick:
        RESULTS_FILE.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
