"""The part of `edgeaffect eval affect FOLDER` that opens models and reads pictures of AffectNet, RAF-DB or a table."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from ..evaluation.affect_folders import FolderFace, read_folder
from ..evaluation.archives import ArchiveError
from ..evaluation.evaluate_folder import CONDITIONS, Judged, brightness, score_folder, sharpness
from ..face.affect import FaceAffect
from ..face.cues import FaceCues
from ..face.detector import FaceDetector
from ..image import Frame
from ..results import Affect, Cues, Faces
from ..sources import Images

CROPS = ("detect", "landmarks", "whole")


def folder_scores(
    folder: Path, arguments: argparse.Namespace, progress: Callable[[int, int], object]
) -> dict[str, Any]:
    """Everything that `eval affect` measures of one folder.

    Raises:
        ArchiveError: the folder cannot be read, or its set has no landmarks for `--crops landmarks`.
    """
    data = read_folder(folder, split=arguments.split, contempt=not arguments.seven, aligned=arguments.crops == "whole")
    faces = data.faces[: arguments.faces or None]
    if arguments.crops == "landmarks" and not all(face.points is not None for face in faces):
        raise ArchiveError(f"{folder} has no landmarks for every picture: take --crops detect or --crops whole")
    place = {"device": arguments.device, "runtime": arguments.runtime}
    with FaceAffect(arguments.model, **place) as affect, FaceCues(**place) as cues, FaceDetector(**place) as detector:
        reader = _Reader(arguments.crops, affect, cues, detector)
        rows = reader.read(faces, progress)
        judged = judge(faces, rows)
        model = f"{affect.model.name} {affect.model.spec.version}"
    scores = score_folder(judged, data.classes, samples=arguments.samples)
    return {
        "model": model,
        "data": folder.name,
        "layout": data.layout,
        "crops": arguments.crops,
        "left_out": {**data.left_out, "unreadable": reader.unreadable},
        "intervals_over": "people" if any(face.person for face in faces) else "pictures (no person is told)",
        "va_source": rows_source(rows),
        **scores,
    }


class Row:
    """What was read of one picture."""

    def __init__(self, affect: Affect, cues: Cues | None, crop: Frame, side: float) -> None:
        self.affect, self.cues, self.crop, self.side = affect, cues, crop, side


class _Reader:
    """Reads the face of each picture the way that was asked for."""

    def __init__(self, how: str, affect: FaceAffect, cues: FaceCues, detector: FaceDetector) -> None:
        self._how, self._affect, self._cues, self._detector = how, affect, cues, detector
        self.unreadable = 0

    def read(self, faces: list[FolderFace], progress: Callable[[int, int], object]) -> list[Row | None]:
        """One row per face; None where no face was found or the picture is unreadable."""
        source = Images([face.path for face in faces])
        rows: list[Row | None] = [None] * len(faces)
        for frame in source:
            rows[frame.index] = self._one(frame.image.copy(), frame.color, faces[frame.index])
            progress(frame.index + 1, len(faces))
        self.unreadable = len(source.errors)
        return rows

    def _one(self, image: Frame, color: str, face: FolderFace) -> Row | None:
        if self._how == "whole":
            affect, cues = self._affect.predict_crops([image], color)[0], self._cues.run_crops([image], color)[0]
            return Row(affect, cues, image, float(np.sqrt(image.shape[0] * image.shape[1])))
        if self._how == "landmarks":
            assert face.points is not None  # checked before
            found = faces_of(face.points)
        else:
            found = self._detector.detect(image, color)
        if not len(found):
            return None
        sides = (found.boxes[:, 2:] - found.boxes[:, :2]).prod(1)
        best = int(np.argmax(sides))
        one = Faces(found.boxes[best : best + 1], found.scores[best : best + 1], found.landmarks[best : best + 1])
        x0, y0, x1, y1 = one.boxes[0].clip(0).astype(int).tolist()
        crop = image[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)]
        return Row(
            self._affect.predict(image, one, color)[0], self._cues.predict(image, one, color)[0],
            crop if crop.size else image, float(np.sqrt(sides[best])),
        )  # fmt: skip


def faces_of(points: Any) -> Faces:
    """A face from its five points: the box is 2.6 distances of eyes and mouth wide, as the detector's are."""
    middle = points.mean(0)
    half = 1.3 * max(float(np.linalg.norm(points[:2].mean(0) - points[3:].mean(0))), 1.0)
    box = np.array([*(middle - half), *(middle + half)], np.float32)
    return Faces(box[None], np.ones(1, np.float32), np.asarray(points, np.float32)[None])


def rows_source(rows: list[Row | None]) -> str:
    """Where the model's valence and arousal come from."""
    return next((row.affect.va_source for row in rows if row is not None), "unknown")


def judge(faces: list[FolderFace], rows: list[Row | None]) -> Judged:
    """Rows as arrays; a face that was not found is NaN."""
    nan = float("nan")

    def column(read: Callable[[Row], float]) -> Any:
        return np.array([nan if row is None else read(row) for row in rows], np.float64)

    def pose(name: str) -> Any:
        return column(lambda row: nan if row.cues is None else abs(float(getattr(row.cues.head_pose, name))))

    conditions = {
        "size": column(lambda row: row.side),
        "brightness": column(lambda row: brightness(row.crop)),
        "sharpness": column(lambda row: sharpness(row.crop)),
        "yaw": pose("yaw"),
        "pitch": pose("pitch"),
    }
    missing = np.full(8, nan)
    return Judged(
        np.stack([missing if row is None else row.affect.probabilities for row in rows]).astype(np.float64),
        [face.label for face in faces],
        np.array([row is not None and row.affect.is_sure for row in rows]),
        np.stack([column(lambda row: row.affect.valence), column(lambda row: row.affect.arousal)], 1),
        np.array([[face.valence, face.arousal] for face in faces]),
        [face.person or f"picture {i}" for i, face in enumerate(faces)],
        [face.groups for face in faces],
        {name: conditions[name] for name in CONDITIONS},
    )
