"""OpenCV's FaceDetectorYN (YuNet) and RFB-320 with the preprocessing of its own repository."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any

import cv2
import numpy as np
import onnxruntime


def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    cv2.setNumThreads(1)
    stills = cycle(frames["stills"])
    height, width = frames["stills"].shape[1:3]
    small = (320, height * 320 // width)
    yunet = {
        side: cv2.FaceDetectorYN.create(assets["yunet"], "", size, 0.6)
        for side, size in ((320, small), (640, (width, height)))
    }

    given = assets["inputs"]["detector"]
    mean, std, scale = np.float32(given["mean"]), np.float32(given["std"]), np.float32(given["scale"])

    def prepare() -> Any:
        image = cv2.resize(next(stills), small, interpolation=cv2.INTER_AREA)
        bottom, right = given["size"][1] - small[1], given["size"][0] - small[0]
        if bottom or right:
            image = cv2.copyMakeBorder(image, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        if given["color"] == "rgb":
            image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
        return np.ascontiguousarray(((image.astype(np.float32) * scale - mean) / std).transpose(2, 0, 1)[None])

    def yunet_320() -> Any:
        return yunet[320].detect(cv2.resize(next(stills), small, interpolation=cv2.INTER_AREA))[1]

    def yunet_640() -> Any:
        return yunet[640].detect(next(stills))[1]

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    rfb = onnxruntime.InferenceSession(assets["rfb"], options, providers=["CPUExecutionProvider"])
    name = rfb.get_inputs()[0].name

    def rfb_320() -> Any:
        # Ultra-Light-Fast-Generic-Face-Detector-1MB, detect_imgs_onnx.py: RGB, 320x240, (x - 127) / 128, then NMS
        image = cv2.resize(cv2.cvtColor(next(stills), cv2.COLOR_BGR2RGB), (320, 240))
        image = np.expand_dims(np.transpose((image - np.array([127, 127, 127])) / 128, [2, 0, 1]), 0)
        scores, boxes = rfb.run(None, {name: image.astype(np.float32)})
        keep = scores[0, :, 1] > 0.7
        corners, confidence = boxes[0, keep], scores[0, keep, 1]
        sizes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1)
        return corners[np.asarray(cv2.dnn.NMSBoxes(sizes.tolist(), confidence.tolist(), 0.7, 0.5), int).ravel()]

    found = sum(len(r) for s in frames["stills"] if (r := yunet[640].detect(s)[1]) is not None)
    versions = {"opencv": cv2.__version__, "onnxruntime": onnxruntime.__version__}
    tasks = {"prepare": prepare, "yunet_320": yunet_320, "yunet_640": yunet_640, "rfb_320": rfb_320}
    return tasks, {"versions": versions, "faces_found": found}
