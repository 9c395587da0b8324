"""MediaPipe's Face Landmarker in video mode: landmarks, blendshapes, action units by our table, head pose.

One face is followed (`num_faces=1`), which is its fastest setting.
"""

from __future__ import annotations

import csv
import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import mediapipe
import numpy as np


def setup(assets: dict[str, Any]) -> tuple[Callable[[str, Path], int], dict[str, Any]]:
    def run(film: str, folder: Path) -> int:
        with landmarker(assets) as model, open(folder / "table.csv", "w", newline="") as file:
            return write(film, model, csv.writer(file), assets)

    return run, {"versions": versions(), "writes": "landmarks, 51 blendshapes, 23 action units, head pose"}


def versions() -> dict[str, str]:
    return {name: importlib.metadata.version(name) for name in ("mediapipe", "opencv-contrib-python")}


def landmarker(assets: dict[str, Any]) -> Any:
    cv2.setNumThreads(1)
    vision = mediapipe.tasks.vision
    options = vision.FaceLandmarkerOptions(
        base_options=mediapipe.tasks.BaseOptions(model_asset_path=assets["face_landmarker"]),
        running_mode=vision.RunningMode.VIDEO, num_faces=1, output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )  # fmt: skip
    return vision.FaceLandmarker.create_from_options(options)


def write(
    film: str, model: Any, writer: Any, assets: dict[str, Any],
    more: Callable[[Any, tuple[int, int, int, int]], list[float]] = lambda frame, box: [],
) -> int:  # fmt: skip
    """A row for each frame; `more` gives further cells from the BGR frame and the box x, y, width, height."""
    capture = cv2.VideoCapture(film)
    fps = capture.get(cv2.CAP_PROP_FPS) or 25.0
    frames = 0
    while True:
        is_there, frame = capture.read()
        if not is_there:
            return frames
        time = frames / fps
        image = mediapipe.Image(mediapipe.ImageFormat.SRGB, cv2.cvtColor(frame, cv2.COLOR_BGR2RGB))
        found = model.detect_for_video(image, round(1000 * time))
        frames += 1
        if not found.face_landmarks:
            writer.writerow([frames - 1, f"{time:.6f}"])
            continue
        height, width = frame.shape[:2]
        points = np.array([[p.x * width, p.y * height] for p in found.face_landmarks[0]], np.float32)
        (x0, y0), (x1, y1) = points.min(0), points.max(0)
        shapes = {shape.category_name: shape.score for shape in found.face_blendshapes[0]}
        units = [max(sum(shapes[n] for n in group) / len(group) for group in unit) for unit in assets["action_units"]]
        cells = [x0, y0, x1, y1, *points[:68].ravel(), *shapes.values(), *units, *angles(found)]
        cells += more(frame, (int(x0), int(y0), int(x1 - x0), int(y1 - y0)))
        writer.writerow([frames - 1, f"{time:.6f}", *(f"{float(cell):.7g}" for cell in cells)])


def angles(found: Any) -> list[float]:
    """Yaw, pitch, roll in degrees."""
    matrix = np.asarray(found.facial_transformation_matrixes[0])[:3, :3]
    return list(np.degrees([
        np.arctan2(matrix[0, 2], matrix[2, 2]), np.arcsin(np.clip(-matrix[1, 2], -1, 1)),
        np.arctan2(matrix[1, 0], matrix[1, 1]),
    ]))  # fmt: skip
