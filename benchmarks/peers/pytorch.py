"""This project's networks in eager PyTorch with random weights, preprocessing in PyTorch, without torchvision."""

import sys
from itertools import cycle
from pathlib import Path

import torch
from torch.nn import functional

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from export.zoo.affect_net import build
from export.zoo.face_net import FaceNet


@torch.inference_mode()
def setup(frames, assets):
    torch.set_num_threads(1)
    torch.manual_seed(0)
    face_net, affect_net = FaceNet().eval(), build("base").eval()
    stills, boxes = frames["stills"], frames["boxes"].round().astype(int).clip(0)
    index = cycle(range(len(stills)))
    height, width = stills.shape[1:3]
    small = (height * 320 // width, 320)

    @torch.inference_mode()
    def detect():
        image = torch.from_numpy(stills[next(index)]).permute(2, 0, 1)[None].float()
        image = functional.interpolate(image, small, mode="bilinear", antialias=True) / 255
        image = functional.pad(image, (0, 0, 0, -small[0] % 32))
        return face_net(image)

    @torch.inference_mode()
    def expression():
        i = next(index)
        x0, y0, x1, y1 = boxes[i]
        crop = torch.from_numpy(stills[i][y0:y1, x0:x1]).permute(2, 0, 1).float()
        gray = crop[0] * 0.114 + crop[1] * 0.587 + crop[2] * 0.299
        x = functional.interpolate(gray[None, None], (48, 48), mode="bilinear", antialias=True)
        return affect_net((x / 255 - 0.5) / 0.25).softmax(1)

    return {"detect_320": detect, "expression": expression}, {"versions": {"torch": torch.__version__}}
