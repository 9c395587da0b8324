"""Checkpoint -> calibrated ONNX file with its `ModelSpec`, weights stored in 8 bits.

`python -m training.affect.export --data DIR --checkpoint FILE --landmarks FILE.npz --file FILE.onnx [--version 1.0.0]`
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
from pathlib import Path

import numpy as np
import torch
from edgeaffect.export.zoo.affect_net import AffectNet, ResidualBlock
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from edgeaffect.circumplex import DIMENSIONS, EMOTIONS, anchor_covariances, anchor_means
from edgeaffect.models.spec import ModelSpec
from training import provenance
from training.affect.alignment import read_template
from training.affect.calibrate import Calibration, fit_calibration, with_doubt
from training.affect.guard_fit import fit_guard, look
from training.affect.narrow import projection
from training.affect.train import load_network, predict_logits
from training.affect.views import MEAN, STD, normalise
from training.data import DEVELOPMENT_SHARE, FACE_SIZE, SPLIT_SEED, FerPlus, data_folder, read_ferplus
from training.files import in_layout, open_on_one_thread
from training.graph import to_onnx
from training.storage import rounded, shorten_names, store_as_bytes

OUTPUTS = ("probabilities", "votes", "vad", "quality", "features")
# Largest difference of any output to the rounded network that storing biases and head as fp16 (11 bits) may make.
TOLERANCE = 0.01


@torch.no_grad()
def as_stored(net: AffectNet) -> AffectNet:
    """A copy with its norms folded into the convolutions and their weights rounded to the 8 bits of the file.

    Calibration and checks run on this copy, so that they speak of what is shipped.
    """
    net = copy.deepcopy(net).eval()
    conv, norm, activation = net.stem
    assert isinstance(conv, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d)
    net.stem = nn.Sequential(fuse_conv_bn_eval(conv, norm), activation)
    for block in net.stages:
        assert isinstance(block, ResidualBlock)
        block.conv1, block.norm1 = fuse_conv_bn_eval(block.conv1, block.norm1), nn.Identity()
        block.conv2, block.norm2 = fuse_conv_bn_eval(block.conv2, block.norm2), nn.Identity()
        if isinstance(block.shortcut, nn.Sequential):
            block.shortcut = nn.Sequential(block.shortcut[0], fuse_conv_bn_eval(*projection(block.shortcut)))
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            module.weight.copy_(torch.from_numpy(rounded(module.weight.numpy())))
    return net


class CalibratedAffect(nn.Module):
    """Network, temperatures and the anchor mixture as one graph; see the outputs in `OUTPUTS`."""

    anchor_mean: torch.Tensor
    anchor_square: torch.Tensor
    bias: torch.Tensor
    average: torch.Tensor

    def __init__(self, net: AffectNet, calibration: Calibration) -> None:
        super().__init__()
        self.net = net
        self.calibration = calibration
        means = anchor_means()
        squares = means**2 + np.stack([np.diag(covariance) for covariance in anchor_covariances()])
        self.register_buffer("anchor_mean", torch.tensor(means, dtype=torch.float32))
        self.register_buffer("anchor_square", torch.tensor(squares, dtype=torch.float32))
        self.register_buffer("bias", torch.tensor(calibration.bias, dtype=torch.float32))
        self.register_buffer("average", torch.tensor(calibration.average, dtype=torch.float32))

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        features = self.net.features(image)
        logits = self.net.classify(features)
        emotions = logits[:, : len(EMOTIONS)]
        votes = (emotions / self.calibration.votes).softmax(1)
        if not self.calibration.average:  # without a guard
            quality = (logits / self.calibration.quality).softmax(1)[:, : len(EMOTIONS)].sum(1, keepdim=True)
            probabilities = (emotions / self.calibration.label + self.bias).softmax(1)
        else:
            quality = self.net.judge(features, logits).sigmoid()
            temperature = self.calibration.label * (1 + self.calibration.doubt * (1 - quality))
            probabilities = (emotions / temperature + self.bias).softmax(1)
            votes = votes + self.calibration.average_share * (1 - quality) * (self.average - votes)
        # Mixture of the anchors: mean = sum p mu; variance = sum p (sigma^2 + mu^2) - mean^2.
        mean = votes @ self.anchor_mean
        std = (votes @ self.anchor_square - mean * mean).sqrt()
        return probabilities, votes, torch.cat([mean, std], 1), quality, features


def model_spec(name: str, version: str, calibration: Calibration, recipe: str) -> ModelSpec:
    """What the file says about itself."""
    temperature = {"probabilities": calibration.label, "votes": calibration.votes}
    if not calibration.average:  # without a guard
        temperature["quality"] = calibration.quality
    labels = list(EMOTIONS)
    fitted_on = f"FER+ train, development {DEVELOPMENT_SHARE:.0%} by image, seed {SPLIT_SEED}"
    outputs = [
        {"name": "probabilities", "slice": [0, 8], "meaning": "probabilities", "labels": labels},
        {"name": "votes", "slice": [0, 8], "meaning": "votes", "labels": labels},
        {"name": "vad", "slice": [0, 3], "meaning": "vad_mean", "labels": list(DIMENSIONS)},
        {"name": "vad", "slice": [3, 6], "meaning": "vad_std", "labels": list(DIMENSIONS)},
        {"name": "quality", "slice": [0, 1], "meaning": "quality", "labels": []},
        {"name": "features", "slice": None, "meaning": "features", "labels": []},
    ]
    return ModelSpec.from_dict(
        {
            "name": name,
            "version": version,
            "task": "affect",
            "inputs": [
                {
                    "kind": "image",
                    "name": "image",
                    "size": [FACE_SIZE, FACE_SIZE],
                    "color": "gray",
                    "scale": 1 / 255,
                    "mean": [MEAN],
                    "std": [STD],
                }
            ],
            "alignment": {"kind": "landmarks5", "template": read_template().tolist(), "border": "replicate"},
            "outputs": outputs,
            "calibration": {
                "temperature": {key: round(value, 4) for key, value in temperature.items()},
                "fitted_on": fitted_on,
            },
            "va_source": "derived",
            "licence": "research-data",
            "training_data": [
                "FER2013 images",
                "FER+ votes",
                "without labels: YouTube Faces frames, LFW, AFLW and web face crops, multi-face photographs of a "
                "welfare foundation, Flickr, web, webcam and campus photographs",
                "soft labels by two nets trained on FER+, and by a face recognition net of VGGFace2 trained on with it",
            ],
            "recipe": recipe,
        }
    )


def write_onnx(model: CalibratedAffect, faces: FerPlus, path: Path) -> None:
    """Writes the graph and checks it against the network on real faces; raises ValueError when they differ."""
    import onnx

    model = in_layout(model.eval(), torch.contiguous_format)
    probe = normalise(torch.from_numpy(faces.images[:64]).unsqueeze(1).float() / 255)
    graph = to_onnx(model, probe[:1], {name: {0: "n"} for name in ("image", *OUTPUTS)})
    store_as_bytes(graph)
    shorten_names(graph)
    onnx.checker.check_model(graph)
    path.write_bytes(graph.SerializeToString())

    session = open_on_one_thread(path)
    with torch.no_grad():
        expected = model(probe)
    for name, wanted, got in zip(OUTPUTS, expected, session.run(list(OUTPUTS), {"image": probe.numpy()}), strict=True):
        scale = max(1.0, float(wanted.abs().max()))
        difference = float(np.abs(wanted.numpy() - got).max()) / scale
        if not difference <= TOLERANCE:
            raise ValueError(f"{name} of {path} differs from the network by {difference:.4f}, allowed {TOLERANCE}")


def calibrate(net: AffectNet, faces: FerPlus, landmarks: np.ndarray) -> Calibration:
    """Fits the guard of `net`, if it has one, and everything else on the development part.

    Args:
        net: as it is stored.
        faces: FER+.
        landmarks: [len(faces), 5, 2] in their pixels, NaN where unknown.
    """
    part = faces.split == "development"
    development = faces.take(part)
    calibration = fit_calibration(predict_logits(net, development.images, exact=True), development.votes)
    if net.guard is None:
        return calibration
    seen = look(net, development, landmarks[part])
    fit_guard(net, seen)
    # As many damaged views as untouched faces.
    rows = torch.cat([seen.untouched.nonzero()[:, 0], torch.arange(len(development.images))])
    with torch.no_grad():
        quality = net.guard(seen.pooled[rows], seen.logits[rows])[:, 0].sigmoid()
    return with_doubt(calibration, seen.logits[rows], quality, development.votes[seen.face[rows].numpy()])


def export(checkpoint: Path, path: Path, version: str, faces: FerPlus, landmarks: np.ndarray, commit: str) -> ModelSpec:
    """Calibrates on the development part and writes `path`; the model is called after the file."""
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    net = as_stored(load_network(checkpoint))
    assert isinstance(net, AffectNet)
    calibration = calibrate(net, faces, landmarks)
    if "recipe" in state:
        made = f"seed {state['recipe']['seed']}, epoch {state['epoch']}"
    else:  # taken back from a shipped file, which says how it was made
        made = f"weights of {state['restored_from']} ({state['restored_recipe']})"
    recipe = f"training.affect.make {path.stem}, commit {commit}, {made}"
    spec = model_spec(path.stem, version, calibration, recipe)
    if data := state.get("restored_data"):  # older weights may have had other teachers
        spec = dataclasses.replace(spec, training_data=tuple(data))
    write_onnx(CalibratedAffect(net, calibration), faces.part("development"), path)
    spec.write_to(path)
    return spec


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", help="folder of the data sets (default: EDGEAFFECT_DATA, else ../shared/data)")
    parser.add_argument("--checkpoint", required=True, type=Path)
    parser.add_argument("--file", required=True, type=Path, help="ONNX file to write; its name names the model")
    parser.add_argument("--landmarks", required=True, type=Path, help="landmarks.npz of `training.affect.alignment`")
    parser.add_argument("--version", default="1.0.0")
    parser.add_argument("--commit", help="commit of the recipe that trained the checkpoint (default: HEAD)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    faces = read_ferplus(data_folder(arguments.data))
    commit = arguments.commit or provenance.commit(Path(__file__).parent)
    landmarks = np.load(arguments.landmarks)["landmarks"]
    spec = export(arguments.checkpoint, arguments.file, arguments.version, faces, landmarks, commit)
    print(spec.to_json(indent=1))


if __name__ == "__main__":
    main()
