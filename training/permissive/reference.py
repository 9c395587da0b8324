"""The originals' own answers on real faces, for `parity.py`: MediaPipe's program, and its networks in TensorFlow Lite.

Runs in an environment of its own, with `mediapipe==0.10.21` and `ai-edge-litert`, from the root of the source tree:
`python -m training.permissive.reference --data DIR --out DIR` writes `reference.npz`.
"""

from __future__ import annotations

import argparse
import zipfile
from pathlib import Path
from typing import Any

import mediapipe as mp
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from mediapipe.tasks.python import BaseOptions
from mediapipe.tasks.python.vision import FaceLandmarker, FaceLandmarkerOptions

from training.permissive.pictures import mediapipe_crop, pictures
from training.permissive.points import BLENDSHAPE_POINTS
from training.permissive.reference_file import FILE, TASK
from training.permissive.roi import from_landmarks


class LiteNetwork:
    """A TensorFlow Lite network of the task file."""

    def __init__(self, task: Path, name: str) -> None:
        with zipfile.ZipFile(task) as bundle:
            self.interpreter: Any = Interpreter(model_content=bundle.read(name), num_threads=1)
        self.interpreter.allocate_tensors()

    def __call__(self, feed: np.ndarray) -> list[np.ndarray]:
        self.interpreter.set_tensor(self.interpreter.get_input_details()[0]["index"], feed.astype(np.float32))
        self.interpreter.invoke()
        return [self.interpreter.get_tensor(d["index"]).copy() for d in self.interpreter.get_output_details()]


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="folder with the data sets")
    parser.add_argument("--out", type=Path, required=True, help="work folder")
    args = parser.parse_args(argv)
    task = args.data / TASK
    landmark_net = LiteNetwork(task, "face_landmarks_detector.tflite")
    blendshape_net = LiteNetwork(task, "face_blendshapes.tflite")
    options = FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_path=str(task)), output_face_blendshapes=True, num_faces=1
    )
    rows: dict[str, list[Any]] = {
        key: [] for key in ("name", "points", "blendshapes", "crop", "net_points", "net_presence", "net_blendshapes")
    }
    with FaceLandmarker.create_from_options(options) as landmarker:
        for name, image in pictures(args.data):
            seen = landmarker.detect(mp.Image(image_format=mp.ImageFormat.SRGB, data=image))
            if not seen.face_landmarks:
                continue
            height, width = image.shape[:2]
            points = np.array([(p.x * width, p.y * height, p.z * width) for p in seen.face_landmarks[0]])
            crop = mediapipe_crop(image, from_landmarks(points))
            answers = landmark_net(crop[None] / np.float32(255))
            subset = points[None, list(BLENDSHAPE_POINTS), :2]
            rows["name"].append(name)
            rows["points"].append(points)
            rows["blendshapes"].append([shape.score for shape in seen.face_blendshapes[0]])
            rows["crop"].append(crop)
            rows["net_points"].append(answers[0].reshape(-1, 3))
            rows["net_presence"].append(answers[1].ravel())
            rows["net_blendshapes"].append(blendshape_net(subset)[0].ravel())
    whole = {"name": np.str_, "crop": np.uint8, "points": np.float64}
    arrays = {k: np.array(v, whole.get(k, np.float32)) for k, v in rows.items()}
    np.savez_compressed(args.out / FILE, **arrays)  # type: ignore[arg-type]  # the stub takes the names for other arguments
    print(f"{args.out / FILE}: {len(rows['name'])} faces")


if __name__ == "__main__":
    main()
