"""This project's networks in eager PyTorch with random weights, preprocessing in PyTorch, without torchvision."""

from __future__ import annotations

import sys
from collections.abc import Callable
from itertools import cycle
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from export.zoo.affect_net import CONFIGS, build
from export.zoo.face_net import FaceNet


@torch.inference_mode()
def setup(frames: dict[str, Any], assets: dict[str, Any]) -> tuple[dict[str, Callable[[], Any]], dict[str, Any]]:
    torch.set_num_threads(1)
    torch.manual_seed(0)
    detector, affect = assets["inputs"]["detector"], assets["inputs"]["affect"]
    face_net = FaceNet().eval()
    stills, boxes = frames["stills"], frames["boxes"].round().astype(int).clip(0)
    index = cycle(range(len(stills)))
    height, width = stills.shape[1:3]
    small = (height * 320 // width, 320)

    mean, std = (torch.tensor(detector[name]).reshape(-1, 1, 1) for name in ("mean", "std"))

    @torch.inference_mode()
    def prepare() -> Any:
        image = torch.from_numpy(stills[next(index)]).permute(2, 0, 1)[None].float()
        image = functional.interpolate(image, small, mode="bilinear", antialias=True)
        image = functional.pad(image, (0, detector["size"][0] - small[1], 0, detector["size"][1] - small[0]))
        image = image.flip(1) if detector["color"] == "rgb" else image
        return (image * detector["scale"] - mean) / std

    @torch.inference_mode()
    def detect() -> Any:
        return face_net(prepare())

    tasks = {"prepare": prepare, "detect_320": detect}
    if affect["variant"] not in CONFIGS or affect["color"] != "gray":
        return tasks, {"versions": {"torch": torch.__version__}}
    affect_net = build(affect["variant"]).eval()

    @torch.inference_mode()
    def expression() -> Any:
        i = next(index)
        x0, y0, x1, y1 = boxes[i]
        crop = torch.from_numpy(stills[i][y0:y1, x0:x1]).permute(2, 0, 1).float()
        gray = crop[0] * 0.114 + crop[1] * 0.587 + crop[2] * 0.299
        x = functional.interpolate(gray[None, None], affect["size"][::-1], mode="bilinear", antialias=True)
        return affect_net((x * affect["scale"] - affect["mean"][0]) / affect["std"][0]).softmax(1)

    return {**tasks, "expression": expression}, {"versions": {"torch": torch.__version__}}
