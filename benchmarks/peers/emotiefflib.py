"""EmotiEffLib's ONNX engine with a network of the same architecture and random weights; YuNet finds the faces.

Its weights are fetched from the network at first use, so an EfficientNet-B0 of our export zoo stands in: the same
layers at 224x224, hence the same time. Everything around the network is EmotiEffLib's own code.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from itertools import cycle
from typing import Any
from unittest import mock

import cv2
import onnxruntime
from emotiefflib import facial_analysis


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    cv2.setNumThreads(1)
    stills, boxes = frames["stills"], frames["boxes"].round().astype(int).clip(0)
    index, clip = cycle(range(len(stills))), cycle(frames["clip"])
    height, width = stills.shape[1:3]
    # The class opens its session with default options; the comparison is for one thread.
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = facial_analysis.ort.InferenceSession
    with (
        mock.patch.object(facial_analysis, "get_model_path_onnx", return_value=assets["efficientnet_b0"]),
        mock.patch.object(facial_analysis.ort, "InferenceSession", lambda m, **k: session(m, options, **k)),
    ):
        recognizer = facial_analysis.EmotiEffLibRecognizer(engine="onnx", model_name="enet_b0_8_best_vgaf")
    small = (320, height * 320 // width)
    yunet = cv2.FaceDetectorYN.create(assets["yunet"], "", small, 0.6)

    def read(image: Any, box: Any) -> Any:
        x0, y0, x1, y1 = box
        return recognizer.predict_emotions(cv2.cvtColor(image[y0:y1, x0:x1], cv2.COLOR_BGR2RGB), logits=True)

    def expression() -> Any:
        i = next(index)
        return read(stills[i], boxes[i])

    def frame() -> Any:
        image = next(clip)
        found = yunet.detect(cv2.resize(image, small, interpolation=cv2.INTER_AREA))[1]
        scale = width / small[0]
        corners = [(f[:2], f[:2] + f[2:4]) for f in (found if found is not None else [])]
        return [read(image, (*(a * scale).clip(0).astype(int), *(b * scale).astype(int))) for a, b in corners]

    versions = {n: importlib.metadata.version(n) for n in ("emotiefflib", "onnxruntime", "opencv-python")}
    return {"expression": expression, "frame": frame}, {"versions": versions}
