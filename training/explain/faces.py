"""Faces for the explainer's training: `python -m training.explain.faces --data DIR --out DIR [--part NAME]`.

Parts: `ferplus` (all faces with people's votes), `pools` (the faces that `training/cues/label.py` has shown to the
teacher and `training.cues.prepare` has prepared), `masks` (labelled faces of the multi-face photographs), `none`
(places without a face). Every face goes the way of the run time: detector, `FaceCues`, `FaceAffect`; what these say is
what the explainer will get. Arrays of `OUT/explain-PART.npz`, `n` faces:

    crops: uint8 [n, 128, 128], the gray crop of face-cues with 16 px more on each side.
    fields: float32 [n, FIELDS], numbers of `Cues`, see `FIELDS`.
    points: float32 [n, 68, 2], landmarks in pixels of the 96 px crop.
    affect: float32 [n, 12]: eight votes, valence, arousal, entropy, confidence; label: int [n].
    votes: float32 [n, 10] of people, NaN where nobody voted.
    teacher: float32 [n, 56], blendshapes, head pose, gaze of MediaPipe in the camera's frame; NaN without an answer.
    masked: 1 worn, 0 bare, -1 unknown.
    split: train, dev, test; by person, clip or photograph. pool, keys: where a face comes from.
"""

from __future__ import annotations

import argparse
import csv
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edgeaffect import Cues, FaceAffect, FaceCues, FaceDetector, Faces, native
from edgeaffect.action_units import BLENDSHAPES
from edgeaffect.circumplex import EMOTIONS
from edgeaffect.face.head_pose import gaze_in_camera
from training.cues.label import read_boxes
from training.cues.labels import split_of
from training.data import data_folder, read_ferplus

SIDE, MARGIN = 96, 16
STORED = SIDE + 2 * MARGIN
TURNS = ("gaze_yaw", "gaze_pitch", "head_yaw", "head_pitch", "head_roll")
VALUES = (*BLENDSHAPES, *TURNS)
FIELDS = (*VALUES, "looking_at_camera", *(f"{name}_std" for name in VALUES))
_FRAME, _PAD = 200, 12
_SPLITS = {"fit": "train", "development": "dev", "valid": "test"}


@dataclass
class Given:
    """One face to be read: a BGR frame, the detector's five landmarks, and what is known of it."""

    frame: np.ndarray
    landmarks: np.ndarray
    key: str
    split: str
    votes: np.ndarray | None = None
    teacher: np.ndarray | None = None
    masked: int = -1


def fields_of(cues: Cues) -> np.ndarray:
    """float32 [FIELDS] of one face's cues."""
    turns = [cues.gaze.yaw, cues.gaze.pitch, cues.head_pose.yaw, cues.head_pose.pitch, cues.head_pose.roll]
    std = cues.std
    assert std is not None
    spread = [std.gaze.yaw, std.gaze.pitch, std.head_pose.yaw, std.head_pose.pitch, std.head_pose.roll]
    shapes = [cues.blendshapes[name] for name in BLENDSHAPES]
    return np.array(
        [*shapes, *turns, cues.looking_at_camera, *(std.blendshapes[name] for name in BLENDSHAPES), *spread], np.float32
    )


def box_about(landmarks: np.ndarray) -> np.ndarray:
    """A face's box [4] about its five landmarks."""
    middle, eyes = landmarks.mean(0), max(float(np.linalg.norm(landmarks[0] - landmarks[1])), 1.0)
    return np.array([*(middle - 1.3 * eyes), *(middle + 1.4 * eyes)], np.float32)


class Reader:
    """The package's own stages on one face at a time."""

    def __init__(self) -> None:
        self.cues, self.affect = FaceCues(), FaceAffect()

    def __call__(self, given: Given) -> dict[str, Any]:
        landmarks = given.landmarks.astype(np.float32)
        faces = Faces(box_about(landmarks)[None], np.ones(1, np.float32), landmarks[None])
        h, w = given.frame.shape[:2]
        matrix = self.cues.align((w, h), faces)[0].astype(np.float64)
        wider = matrix.copy()
        wider[:, 2] -= matrix[:, :2] @ np.full(2, float(MARGIN))
        size = (STORED, STORED)
        crop = native.crop_normalize(given.frame, wider[None], size, to="gray", scale=1.0, border="replicate")[0, 0]
        cues, affect = self.cues.predict(given.frame, faces)[0], self.affect.predict(given.frame, faces)[0]
        back = np.linalg.inv(matrix[:, :2])
        said = [*affect.votes.tolist(), affect.valence, affect.arousal, affect.entropy, affect.confidence]
        return {
            "crops": np.rint(crop).clip(0, 255).astype(np.uint8),
            "fields": fields_of(cues),
            "points": ((cues.landmarks68 - matrix[:, 2]) @ back.T).astype(np.float32),
            "affect": np.array(said, np.float32),
            "label": EMOTIONS.index(affect.label),
            "votes": np.full(10, np.nan, np.float32) if given.votes is None else given.votes,
            "teacher": np.full(len(VALUES), np.nan, np.float32) if given.teacher is None else given.teacher,
            "masked": given.masked,
            "split": given.split,
            "keys": given.key,
        }


def central(detector: FaceDetector, frame: np.ndarray) -> np.ndarray | None:
    """Landmarks [5, 2] of the face nearest to the middle of a frame."""
    found = np.asarray(detector.detect(frame).landmarks, np.float64)
    if not len(found):
        return None
    away = np.linalg.norm(found.mean(1) - np.array(frame.shape[1::-1]) / 2, axis=1)
    return found[away.argmin()] if away.min() < frame.shape[0] / 4 else None


def ferplus(data: Path) -> Iterator[Given]:
    """Faces with votes, except those of `valid`: the teacher has labelled these, `pools` has them."""
    faces = read_ferplus(data)
    with FaceDetector() as detector:
        for index in np.flatnonzero(faces.split != "valid").tolist():
            crop = cv2.copyMakeBorder(faces.images[index], _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REPLICATE)
            frame = cv2.resize(cv2.cvtColor(crop, cv2.COLOR_GRAY2BGR), (_FRAME, _FRAME), interpolation=cv2.INTER_CUBIC)
            five = central(detector, frame)
            if five is not None:
                split = _SPLITS[str(faces.split[index])]
                yield Given(frame, five, f"ferplus/{index}", split, votes=faces.votes[index])


def pools(data: Path, out: Path) -> Iterator[Given]:
    """Faces that the teacher has labelled; those of FER+ come with their votes."""
    votes = read_ferplus(data)
    with np.load(out / "faces.npz") as file:
        images, landmarks = file["images"], file["landmarks"]
        pose, gaze, shapes, shaped = file["pose"], file["gaze"], file["shapes"], file["shaped"]
        keys, split, names = file["keys"].tolist(), file["split"].tolist(), file["names"].tolist()
    assert tuple(names) == BLENDSHAPES
    look = gaze_in_camera(pose.astype(np.float64), gaze.astype(np.float64))
    for row, key in enumerate(keys):
        pool = key.split("/")[0]
        if np.isnan(landmarks[row]).any() or pool == "multi":
            continue
        teacher = np.concatenate([shapes[row], look[row], pose[row]]).astype(np.float32) if shaped[row] else None
        part, people = split[row], None
        if pool in ("ferplus", "valid"):
            index = int(key.split("/")[1].split("#")[0])
            part, people = _SPLITS[str(votes.split[index])], votes.votes[index]
        yield Given(images[row], landmarks[row], key, part, votes=people, teacher=teacher)


def _overlap(boxes: np.ndarray, box: np.ndarray) -> np.ndarray:
    low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
    inside = np.prod(np.clip(high - low, 0, None), axis=1)
    return inside / (np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(box[2:] - box[:2]) - inside)


def masks(data: Path) -> Iterator[Given]:
    """Faces of the multi-face photographs whose mask people have labelled as worn or as absent."""
    with zipfile.ZipFile(data / "faces_multi.zip") as archive, FaceDetector(max_side=0) as detector:
        rows = list(csv.DictReader(io.TextIOWrapper(archive.open("labels.csv"), "utf-8")))
        for name in dict.fromkeys(row["file"] for row in rows):
            image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR))
            found = detector.detect(image)
            for number, row in enumerate(r for r in rows if r["file"] == name):
                box = np.array([float(row[k]) for k in ("x0", "y0", "x1", "y1")])
                if row["mask"] == "none" or not len(found.boxes) or max(box[2:] - box[:2]) < 32:
                    continue
                overlap = _overlap(found.boxes.astype(np.float64), box)
                if overlap.max() > 0.4:
                    five = found.landmarks[overlap.argmax()]
                    yield Given(
                        image, five, f"masks/{name}#{number}", split_of(name), masked=int(row["mask"] == "good")
                    )


def none(data: Path, out: Path, count: int = 3000) -> Iterator[Given]:
    """Places of photographs that touch no face, cut as if there were one."""
    random, boxes = np.random.default_rng(5), read_boxes(out / "boxes.npz")
    template = np.array([[-0.5, -0.35], [0.5, -0.35], [0.0, 0.2], [-0.4, 0.7], [0.4, 0.7]])
    with zipfile.ZipFile(data / "photos_unlabelled.zip") as archive:
        names = [r["file"] for r in csv.DictReader(io.TextIOWrapper(archive.open("list.csv"), "utf-8"))]
        for number in range(count):
            name = names[random.integers(len(names))]
            image = np.asarray(cv2.imdecode(np.frombuffer(archive.read(name), np.uint8), cv2.IMREAD_COLOR))
            eyes = random.uniform(8, 40)
            middle = random.uniform(0.1, 0.9, 2) * image.shape[1::-1]
            half = 1.6 * eyes
            square = np.array([*(middle - half), *(middle + half)])
            taken = boxes.get(f"photos/{name}", np.zeros((0, 4)))
            if len(taken) and (_overlap(taken, square) > 0).any():
                continue
            angle = random.normal(0, 0.2)
            turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
            five = middle + eyes * (template + random.normal(0, 0.06, template.shape)) @ turn.T
            yield Given(image, five, f"none/{name}#{number}", split_of(name))


def read(data: Path, out: Path, part: str) -> Path:
    """Writes `OUT/explain-PART.npz` unless it is there, and returns its path."""
    path = out / f"explain-{part}.npz"
    if path.exists():
        return path
    source = {
        "ferplus": lambda: ferplus(data),
        "pools": lambda: pools(data, out),
        "masks": lambda: masks(data),
        "none": lambda: none(data, out),
    }[part]
    reader = Reader()
    rows: dict[str, list[Any]] = {}
    for given in source():
        for key, value in reader(given).items():
            rows.setdefault(key, []).append(value)
    arrays: dict[str, Any] = {key: np.array(values) for key, values in rows.items()}
    arrays["pool"] = np.array([key.split("/")[0] for key in arrays["keys"].tolist()])
    partial = path.with_suffix(".partial.npz")
    np.savez(partial, **arrays)
    partial.replace(path)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path, help="folder with boxes.npz, faces.npz; results go here")
    parser.add_argument("--part", nargs="*", default=["ferplus", "pools", "masks", "none"])
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    for part in arguments.part:
        print(read(data_folder(arguments.data), arguments.out, part), flush=True)


if __name__ == "__main__":
    main()
