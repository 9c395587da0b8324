"""Writes the trained detector as ONNX: normalisation folded into the kernels, weights stored as fp16."""

from __future__ import annotations

import argparse
import logging
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.face_net import STRIDES, FaceNet
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edgeaffect.models.spec import ModelSpec
from training.face.checkpoint import load_average
from training.files import open_on_one_thread
from training.graph import to_onnx
from training.storage import shorten_names, store_as_half

LOG = logging.getLogger("training.face.export")
OUTPUTS = [f"stride{stride}" for stride in STRIDES]


def folded(module: nn.Module) -> nn.Module:
    """Merges every convolution with the normalisation that follows it; changes the module in place."""
    for child in module.modules():
        if isinstance(child, nn.Sequential):
            for index in range(len(child) - 1):
                conv, norm = child[index], child[index + 1]
                if isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                    child[index] = fuse_conv_bn_eval(conv, norm)
                    child[index + 1] = nn.Identity()
    return module


def spec(version: str, score_threshold: float, nms_iou: float, recipe: str) -> ModelSpec:
    """What the file says about itself."""
    labels = ["score_logit", "left", "top", "right", "bottom"]
    order = ["eye_left", "eye_right", "nose", "mouth_left", "mouth_right"]
    labels += [f"{point}_{axis}" for point in order for axis in "xy"]
    return ModelSpec.from_dict(
        {
            "schema": "edgeaffect.model/1",
            "name": "face-detector",
            "version": version,
            "task": "face-detector",
            "inputs": [
                {
                    "kind": "image",
                    "name": "image",
                    "size": [0, 0],
                    "color": "bgr",
                    "layout": "nchw",
                    "dtype": "float32",
                    "scale": 1 / 255,
                    "mean": [0.5, 0.5, 0.5],
                    "std": [64 / 255] * 3,
                    "quant": None,
                }
            ],
            "alignment": {
                "kind": "whole",
                "square": False,
                "expand": 1.0,
                "shift": [0.0, 0.0],
                "template": None,
                "rotate": False,
                "border": "constant",
            },
            "outputs": [
                {"name": name, "slice": [0, 15], "meaning": "detector_stride", "labels": labels} for name in OUTPUTS
            ],
            "detector": {
                "strides": list(STRIDES),
                "pad_multiple": 32,
                "decode": "ltrb",
                "nms": {"iou": nms_iou, "score_threshold": score_threshold, "top_k": 400},
            },
            "calibration": None,
            "va_source": None,
            "licence": "research-data",
            "training_data": [
                "YouTube Faces frames with 68 landmarks",
                "LFW, AFLW and web face crops with 5 landmarks",
                "multi-face photographs of a welfare foundation",
                "Flickr, web, webcam and campus photographs",
                "OASIS scenes",
                "soft labels and maps by YuNet-n",
                "weights of YuNet-n (Apache-2.0), trained on",
            ],
            "recipe": recipe,
            "sha256_source": None,
        }
    )


def export(net: FaceNet, path: Path, facts: ModelSpec) -> None:
    """Writes the file and checks it against the network it came from."""
    import onnx

    net = net.eval()
    probe = torch.randn(1, 3, 96, 160)
    with torch.no_grad():
        expected = net(probe)
    axes = {name: {0: "batch", 2: f"h_{name}", 3: f"w_{name}"} for name in ["image", *OUTPUTS]}
    model = to_onnx(folded(net), probe, axes)
    store_as_half(model)
    shorten_names(model)
    onnx.checker.check_model(model)
    path.write_bytes(model.SerializeToString())
    facts.write_to(path)
    session = open_on_one_thread(path)
    for name, wanted, got in zip(OUTPUTS, expected, session.run(None, {"image": probe.numpy()}), strict=True):
        difference = float(np.abs(wanted.numpy() - got).max())
        LOG.info("%s: largest difference to the fp32 network %.4f", name, difference)
        if difference > 0.15:
            raise ValueError(
                f"{name} of {path} differs from the network by {difference:.3f}; fp16 storage lost too much"
            )


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="work folder with the checkpoint")
    parser.add_argument("--checkpoint", default="pointed.pt", help="name of the checkpoint in the work folder")
    parser.add_argument("--file", type=Path, required=True, help="ONNX file to write")
    parser.add_argument("--version", default="0.0.0")
    parser.add_argument("--score-threshold", type=float, default=0.5)
    parser.add_argument("--nms-iou", type=float, default=0.4)
    parser.add_argument("--stages", default="", help="what trained the network, for the file's metadata")
    parser.add_argument("--commit", default="", help="commit of the recipe, for the file's metadata")
    args = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    net, _, step = load_average(args.out / args.checkpoint)
    recipe = " ".join(f"training/face {args.commit} {args.stages} step {step}".split())
    export(net, args.file, spec(args.version, args.score_threshold, args.nms_iou, recipe))
    LOG.info("%s: %d bytes", args.file, args.file.stat().st_size)


if __name__ == "__main__":
    main()
