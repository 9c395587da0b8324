"""Where the five landmarks lie in FER+ faces: the template of the models' alignment, and per-face alignments.

`python -m training.affect.alignment --data DIR --out DIR` runs YuNet over the training faces, writes their landmarks to
`OUT/landmarks.npz` (input of the training) and the mean of the fit part, made symmetric (the training mirrors faces),
to `template.json` beside this file.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from training.data import FACE_SIZE, data_folder, read_ferplus

TEMPLATE_FILE = Path(__file__).with_name("template.json")

# YuNet needs some background around a face: twice the size in the middle of a 128 px square finds 96 % of the faces.
_UPSCALE = 2
_CANVAS = 128
_SCORE = 0.5


def read_template() -> np.ndarray:
    """float64 [5, 2]: eyes, nose, mouth corners (image-left first) in pixels of the 48 px crop, centres at +0.5."""
    return np.array(json.loads(TEMPLATE_FILE.read_text())["template"])


def detect_landmarks(images: np.ndarray, detector_file: Path) -> np.ndarray:
    """Landmarks [N, 5, 2] of 48 px faces in their own pixels (centres at +0.5); NaN where YuNet finds none."""
    detector = cv2.FaceDetectorYN.create(str(detector_file), "", (_CANVAS, _CANVAS), _SCORE, 0.3, 50)
    side = FACE_SIZE * _UPSCALE
    start = (_CANVAS - side) // 2
    landmarks = np.full((len(images), 5, 2), np.nan, np.float32)
    for index, image in enumerate(images):
        canvas = np.full((_CANVAS, _CANVAS), int(np.median(image)), np.uint8)
        canvas[start : start + side, start : start + side] = cv2.resize(
            image, (side, side), interpolation=cv2.INTER_CUBIC
        )
        _, faces = detector.detect(cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR))
        if faces is not None:
            best = faces[faces[:, -1].argmax()]
            landmarks[index] = (best[4:14].reshape(5, 2) - start) / _UPSCALE
    return landmarks


def measure(data: Path, out: Path) -> dict[str, Any]:
    """Writes `OUT/landmarks.npz` and `template.json`; returns what the latter holds."""
    faces = read_ferplus(data)
    train = faces.split != "valid"
    landmarks = np.full((len(faces.images), 5, 2), np.nan, np.float32)
    landmarks[train] = detect_landmarks(faces.images[train], data / "baselines" / "yunet_n_dynamic.onnx")
    out.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(out / "landmarks.npz", landmarks=landmarks)
    fit = landmarks[faces.split == "fit"]
    found = ~np.isnan(fit[:, 0, 0])
    mean = fit[found].mean(0, dtype=np.float64)
    mirrored = np.array([FACE_SIZE, 0]) + np.array([-1, 1]) * mean[[1, 0, 2, 4, 3]]
    record = {
        "template": ((mean + mirrored) / 2).round(3).tolist(),
        "faces": int(found.sum()),
        "found_share": round(float(found.mean()), 4),
        "spread_px": fit[found].std(0, dtype=np.float64).round(3).tolist(),
        "command": "python -m training.affect.alignment --data DIR --out DIR",
        "detector": "yunet_n_dynamic.onnx",
    }
    TEMPLATE_FILE.write_text(json.dumps(record, indent=1) + "\n")
    return record


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--out", required=True, type=Path)
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    print(json.dumps(measure(data_folder(arguments.data), arguments.out)))


if __name__ == "__main__":
    main()
