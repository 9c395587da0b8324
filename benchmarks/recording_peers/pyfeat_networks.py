"""py-feat's default networks alone, with random weights: face detection, landmarks and expression, one face a frame.

A lower bound of its time: no weights can be had without huggingface.co, so what surrounds the networks (decoding of
faces, HOG features and gradient-boosted action units, pose, gaze and identity networks, its data frame) cannot run and
is not counted. torchvision's native operations are not in these networks; where its build does not fit they are
left unregistered.
"""

from __future__ import annotations

import csv
import importlib.metadata
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import torch

FACE, LANDMARKS = 224, 112
MOST = 4
"""Frames: each takes seconds, one like the other."""


def setup(assets: dict[str, Any]) -> tuple[Callable[[str, Path], int], dict[str, Any]]:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)  # random weights may make numbers that processors are slow with
    cv2.setNumThreads(1)
    tolerate()
    from feat.emo_detectors.ResMaskNet.resmasknet_test import ResMasking
    from feat.face_detectors.Retinaface.Retinaface_model import RetinaFace
    from feat.landmark_detectors.mobilefacenet_test import MobileFaceNet

    detector = RetinaFace().eval()
    landmarks = MobileFaceNet([LANDMARKS, LANDMARKS], 136, device="cpu").eval()
    expression = ResMasking("", in_channels=3).eval()

    def run(film: str, folder: Path) -> int:
        capture, frames = cv2.VideoCapture(film), 0
        with open(folder / "table.csv", "w", newline="") as file, torch.inference_mode():
            writer = csv.writer(file)
            while True:
                is_there, frame = capture.read()
                if not is_there or frames == MOST:
                    return frames
                pixels = torch.from_numpy(frame).permute(2, 0, 1)[None].float()
                detector(pixels - 117.0)
                small = torch.nn.functional.interpolate(pixels, (FACE, FACE)) / 255
                points = landmarks(torch.nn.functional.interpolate(small, (LANDMARKS, LANDMARKS)))
                points = points[0] if isinstance(points, tuple) else points
                emotions = expression(small)
                writer.writerow([frames, *points.flatten().tolist(), *emotions.flatten().tolist()])
                frames += 1

    names = ("py-feat", "torch")
    return run, {
        "versions": {name: importlib.metadata.version(name) for name in names},
        "writes": "landmarks and emotions without meaning; no action units, pose, gaze",
    }


def tolerate() -> None:
    """Let packages import whose native parts are of another build and are not needed here."""
    register = torch.library.register_fake

    def unless_torchvision(operation: Any, *rest: Any, **how: Any) -> Any:
        if isinstance(operation, str) and operation.startswith("torchvision::"):
            return lambda function: function
        return register(operation, *rest, **how)

    torch.library.register_fake = unless_torchvision
    for name in ("torchcodec", "torchcodec.decoders"):
        module = types.ModuleType(name)
        module.VideoDecoder = object  # type: ignore[attr-defined]
        module.AudioDecoder = object  # type: ignore[attr-defined]
        sys.modules.setdefault(name, module)
