"""mediapipe's face detection and face mesh graphs, from the files bundled in its wheel, and its Face Landmarker.

The Face Landmarker (points, blendshapes, head transformation) needs its `.task` file among the assets. No expression.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from itertools import count, cycle
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
    if "face_landmarker" in assets:
        tasks |= landmarker_tasks(frames, assets["face_landmarker"])
    return tasks, {"versions": {"mediapipe": importlib.metadata.version("mediapipe")}, "faces_found": found}


def landmarker_tasks(frames: dict[str, Any], model: str) -> dict[str, Callable[[], Any]]:
    """The Face Landmarker with all its outputs: on single pictures, and on a face that it follows."""
    vision = mediapipe.tasks.vision

    def opened(mode: Any) -> Any:
        options = vision.FaceLandmarkerOptions(
            base_options=mediapipe.tasks.BaseOptions(model_asset_path=model), running_mode=mode, num_faces=1,
            output_face_blendshapes=True, output_facial_transformation_matrixes=True,
        )  # fmt: skip
        return vision.FaceLandmarker.create_from_options(options)

    def image(frame: Any) -> Any:
        return mediapipe.Image(mediapipe.ImageFormat.SRGB, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))

    single, following = opened(vision.RunningMode.IMAGE), opened(vision.RunningMode.VIDEO)
    stills, clip, milliseconds = cycle(frames["stills"]), cycle(frames["clip"]), count(0, 33)

    def landmarker() -> Any:
        return single.detect(image(next(stills))).face_blendshapes

    def landmarker_tracking() -> Any:
        return following.detect_for_video(image(next(clip)), next(milliseconds)).face_blendshapes

    return {"landmarker": landmarker, "landmarker_tracking": landmarker_tracking}
