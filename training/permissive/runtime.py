"""Measures the set as users run it: `Pipeline(models="permissive")` with the bundled files, no stand-in for anything.

`python -m training.permissive.runtime --data DIR` puts the figures under `runtime` of `RESULTS.json`.
"""

from __future__ import annotations

import argparse
import json
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import FaceAffect, FaceDetector, Faces, Pipeline, native
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.evaluation.affect_metrics import hard_ece, majority_labels
from edgeaffect.evaluation.fit_calibration import fit_calibration
from edgeaffect.face import head_pose
from edgeaffect.face.cues import FaceCues
from edgeaffect.face.face_mesh import FaceMesh, SharedMesh
from edgeaffect.face.mesh_affect import MeshAffect
from edgeaffect.face.mesh_cues import MeshCues
from edgeaffect.models import default_name
from edgeaffect.results import Affect, Result
from edgeaffect.sources.arrays import Arrays
from training.data import FerPlus, read_ferplus
from training.face.evaluate import interleaved
from training.permissive.evaluate import framed, interval, labelled_frames
from training.permissive.reference_file import RESULTS

STEP = 6
"""Every n-th frame with 68 labelled points."""
CALIBRATED_WITH = 2000
"""Faces of the development part that stand for a user's own."""


def largest(result: Result) -> int | None:
    """The face with the largest box; None without a face."""
    sides = [float(np.prod(face.box[2:] - face.box[:2])) for face in result.faces]
    return int(np.argmax(sides)) if sides else None


def readings(faces: FerPlus) -> list[Affect | None]:
    """What the pipeline says of FER+ faces, each in a frame of its own; None where it finds none."""
    with Pipeline(models="permissive", device="cpu") as pipeline:
        results = pipeline.stream(Arrays([framed(face) for face in faces.images], still=True))
        return [None if (row := largest(result)) is None else result.faces[row].affect for result in results]


def labelled(data: Path, split: str, count: int | None = None) -> tuple[FerPlus, np.ndarray]:
    """Faces with a majority label, and their labels."""
    faces = read_ferplus(data).part(split)
    labels, majority = majority_labels(faces.votes)
    rows = np.flatnonzero(majority)[:count]
    return faces.take(rows), labels[rows]


def expression_figures(data: Path) -> dict[str, Any]:
    """Accuracy on `valid`, and what a calibration by faces of others does for it."""
    faces, labels = labelled(data, "valid")
    said = readings(faces)
    found = np.array([one is not None for one in said])
    probabilities = np.array([one.probabilities for one in said if one is not None])
    right = np.zeros(len(labels), bool)
    right[found] = probabilities.argmax(1) == labels[found]
    own, own_labels = labelled(data, "development", CALIBRATED_WITH)
    pairs = [(one.probabilities, EMOTIONS[y]) for one, y in zip(readings(own), own_labels, strict=True) if one]
    fit = fit_calibration([p for p, _ in pairs], [label for _, label in pairs], model="figures")
    calibrated = fit.apply(probabilities)
    return {
        "faces": len(labels), "found": float(found.mean()),
        "accuracy_found": float(right[found].mean()), "accuracy_found_interval": interval(right[found]),
        "accuracy_if_not_found_is_wrong": float(right.mean()),
        "accuracy_if_not_found_is_wrong_interval": interval(right),
        "ece": hard_ece(probabilities, labels[found]),
        "calibrated": {
            "with": f"{fit.faces} faces of the development part", "temperature": fit.temperature,
            "has_bias": bool(fit.bias), "ece": hard_ece(calibrated, labels[found]),
            "accuracy_found": float((calibrated.argmax(1) == labels[found]).mean()),
        },
    }  # fmt: skip


def cue_figures(data: Path) -> dict[str, Any]:
    """Head pose beside a rigid head put onto the labelled 68 points, points beside these, gaze beside its mirror."""
    errors, points, mirrored = [], [], []
    with Pipeline(models="permissive", device="cpu", affect=False, cues=True) as pipeline:
        for image, given in labelled_frames(data, STEP):
            height, width = image.shape[:2]
            pictures = [image, np.ascontiguousarray(image[:, ::-1])]
            seen, other = (
                None if (row := largest(result)) is None else result.faces[row].cues
                for result in pipeline.stream(Arrays(pictures, still=True))
            )
            wanted = head_pose.solve(given, (width, height), width)
            middle = given.mean(0)
            if seen is None or wanted is None or np.abs(seen.landmarks68.mean(0) - middle).max() > np.ptp(given) / 2:
                continue
            pose = seen.head_pose
            errors.append(np.abs([pose.yaw, pose.pitch, pose.roll] - wanted))
            size = np.sqrt(np.prod(np.ptp(given, axis=0)))
            points.append(100 * np.linalg.norm(seen.landmarks68 - given, axis=1).mean() / size)
            if other is not None:
                mirrored.append(abs(seen.gaze.yaw + other.gaze.yaw))
    names = ("yaw", "pitch", "roll")
    return {
        "frames": len(errors), "points_percent": float(np.mean(points)),
        "head_pose_degrees": dict(zip(names, np.mean(errors, 0).tolist(), strict=True)),
        "head_pose_degrees_mean": float(np.mean(errors)), "gaze_yaw_and_mirrored_degrees": float(np.mean(mirrored)),
    }  # fmt: skip


def latency(data: Path) -> dict[str, Any]:
    """Milliseconds of one face in a frame, one thread, in turns with the default set; when busy read the least."""
    image, _ = labelled_frames(data, 1000)[0]
    with FaceDetector(default_name("face-detector", models="permissive"), device="cpu") as detector:
        face: Faces = detector.detect(image)[:1]
    mesh = FaceMesh(device="cpu")
    affect, cues = MeshAffect(SharedMesh(mesh)), MeshCues(SharedMesh(mesh))
    default, default_cues = FaceAffect(device="cpu"), FaceCues(device="cpu")
    calls: dict[str, Callable[[], object]] = {
        "affect": lambda: affect.predict(image, face),
        "cues": lambda: cues.predict(image, face),
        "affect of the default set": lambda: default.predict(image, face),
        "cues of the default set": lambda: default_cues.predict(image, face),
    }
    times = interleaved(calls, 400)
    return {"processor": processor(), "simd": native.simd(), "threads": 1, "milliseconds": times}


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


PARTS: dict[str, Callable[[Path], dict[str, Any]]] = {
    "expression": expression_figures, "cues": cue_figures, "latency": latency,
}  # fmt: skip


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this; others stay as they are recorded")
    args = parser.parse_args(argv)
    cv2.setNumThreads(1)
    record = json.loads(RESULTS.read_text())
    made = {part: PARTS[part](args.data) for part in args.part or PARTS}
    record["runtime"] = record.get("runtime", {}) | made
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")
    print(json.dumps(made, indent=1))


if __name__ == "__main__":
    main()
