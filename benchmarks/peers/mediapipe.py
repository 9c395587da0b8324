"""mediapipe's face detection and face mesh graphs, from the files bundled in its wheel. No expression."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from itertools import cycle
from typing import Any

import cv2
import mediapipe


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    cv2.setNumThreads(1)
    stills, clip = cycle(frames["stills"]), cycle(frames["clip"])
    detector = mediapipe.solutions.face_detection.FaceDetection(model_selection=0, min_detection_confidence=0.5)
    mesh = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=False, max_num_faces=1)
    every = mediapipe.solutions.face_mesh.FaceMesh(static_image_mode=True, max_num_faces=1)

    def detect() -> Any:
        return detector.process(cv2.cvtColor(next(stills), cv2.COLOR_BGR2RGB)).detections

    def mesh_tracking() -> Any:
        return mesh.process(cv2.cvtColor(next(clip), cv2.COLOR_BGR2RGB)).multi_face_landmarks

    def mesh_every_frame() -> Any:
        return every.process(cv2.cvtColor(next(clip), cv2.COLOR_BGR2RGB)).multi_face_landmarks

    found = sum(len(detect() or []) for _ in frames["stills"])
    tasks = {"detect": detect, "mesh": mesh_every_frame, "mesh_tracking": mesh_tracking}
    return tasks, {"versions": {"mediapipe": importlib.metadata.version("mediapipe")}, "faces_found": found}
