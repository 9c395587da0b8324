"""dlib's 68 points (Kazemi and Sullivan 2014), with the model in face_recognition_models, in boxes that are given."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from itertools import cycle
from typing import Any

import cv2
import dlib

_MODEL = "face_recognition_models/models/shape_predictor_68_face_landmarks.dat"


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    cv2.setNumThreads(1)
    # The package itself needs pkg_resources, which is gone from setuptools.
    models = importlib.metadata.distribution("face_recognition_models")
    predictor = dlib.shape_predictor(str(models.locate_file(_MODEL)))
    boxes = [dlib.rectangle(*(round(float(v)) for v in box)) for box in frames["boxes"]]
    pairs = cycle(zip(frames["stills"], boxes, strict=True))

    def landmarks() -> Any:
        frame, box = next(pairs)
        return predictor(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), box).parts()

    versions = {name: importlib.metadata.version(name) for name in ("dlib-bin", "face_recognition_models")}
    return {"landmarks": landmarks}, {"versions": versions}
