"""Checkpoint -> `face-cues.onnx`: deviations calibrated, all units inside the graph, weights stored in 8 bits."""

from __future__ import annotations

import argparse
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from training.cues.calibrate import Calibration, fit
from training.cues.loss import Weights, mean_points, shape_weights
from training.cues.network import GAZE_UNIT, LANDMARKS, POINT_UNIT, POSE_UNIT, SHAPES, CuesNet, split
from training.cues.prepare import read_template
from training.cues.train import load_network, read_faces
from training.cues.views import MEAN, STD, Batch, plain
from training.files import in_layout, open_on_one_thread
from training.graph import to_onnx
from training.provenance import commit
from training.storage import rounded, shorten_names, store_as_bytes

VERSION = "1.1.0"
METADATA_KEY = "edgeaffect.cues"
OUTPUTS = {
    "landmarks": 2 * LANDMARKS,
    "landmarks_std": LANDMARKS,
    "blendshapes": SHAPES,
    "blendshapes_std": SHAPES,
    "pose": 3,
    "pose_std": 3,
    "gaze": 2,
    "gaze_std": 2,
}
MEANINGS = {
    "landmarks": "x0, y0, x1, y1 ...: 68 points in iBUG order, pixels of the crop, centres at +0.5",
    "landmarks_std": "one standard deviation of x, and of y, of each point, pixels of the crop",
    "blendshapes": "0 to 1, in the order of `blendshapes` below",
    "blendshapes_std": "one standard deviation of each",
    "pose": "yaw, pitch, roll of the head relative to the crop, degrees; to the image's right, up, clockwise positive",
    "pose_std": "one standard deviation of each, degrees",
    "gaze": "yaw, pitch of the eyes relative to the head, degrees; to the image's right and up positive",
    "gaze_std": "one standard deviation of each, degrees",
}
TRAINING_DATA = [
    "YouTube Faces frames with 68 landmarks",
    "labels of MediaPipe Face Landmarker (Apache-2.0): blendshapes, and landmarks of the following pictures",
    "LFW, film and web face crops; Flickr, web, webcam and campus photographs; multi-face photographs of a welfare "
    "foundation",
    "webmorph portraits (CC BY 4.0)",
    "One Million Impressions faces (CC BY-NC-SA 4.0)",
    "FER2013 training images",
]
# Largest difference between file and network, as a share of the output's range.
TOLERANCE = 5e-3


class ExportedCues(nn.Module):
    """The network with its outputs in their units, see `MEANINGS`."""

    mean: torch.Tensor
    landmarks_factor: torch.Tensor
    shapes_factor: torch.Tensor
    pose_factor: torch.Tensor
    gaze_factor: torch.Tensor

    def __init__(self, net: CuesNet, calibration: Calibration, weights: Weights, mean: torch.Tensor) -> None:
        super().__init__()
        self.net = net
        side = net.config.side
        self.side = side
        self.register_buffer("mean", (mean * side).flatten().float())

        def factor(name: str, values: np.ndarray, unit: float | np.ndarray) -> None:
            self.register_buffer(name, torch.tensor(np.asarray(values * unit), dtype=torch.float32))

        factor("landmarks_factor", calibration.landmarks, POINT_UNIT * side)
        factor("shapes_factor", calibration.shapes, weights.scale.numpy())
        factor("pose_factor", calibration.pose, POSE_UNIT)
        factor("gaze_factor", calibration.gaze, GAZE_UNIT)

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, ...]:
        said = split(self.net(image))
        return (
            said["landmarks"] * (POINT_UNIT * self.side) + self.mean,
            said["landmarks_log"].clamp(-5, 4).exp() * self.landmarks_factor,
            said["shapes"].sigmoid(),
            said["shapes_log"].clamp(-5, 4).exp() * self.shapes_factor,
            said["pose"] * POSE_UNIT,
            said["pose_log"].clamp(-5, 4).exp() * self.pose_factor,
            said["gaze"] * GAZE_UNIT,
            said["gaze_log"].clamp(-5, 4).exp() * self.gaze_factor,
        )


def as_stored(net: CuesNet) -> CuesNet:
    """The network with its normalisations folded into the convolutions and the weights rounded as the file rounds."""
    net = net.eval()

    def fold(modules: list[tuple[nn.Conv2d, nn.Module]]) -> None:
        for convolution, norm in modules:
            if isinstance(norm, nn.BatchNorm2d):
                fused = torch.nn.utils.fuse_conv_bn_eval(convolution, norm)
                convolution.weight, convolution.bias = fused.weight, fused.bias
                norm.reset_running_stats()
                assert norm.running_var is not None
                norm.running_var.fill_(1 - norm.eps)
                nn.init.ones_(norm.weight)
                nn.init.zeros_(norm.bias)

    pairs: list[tuple[nn.Conv2d, nn.Module]] = []
    for module in net.modules():
        children = list(module.named_children())
        if isinstance(module, nn.Sequential):
            parts = [child for _, child in children]
            pairs += [(a, b) for a, b in pairwise(parts) if isinstance(a, nn.Conv2d)]
        named = dict(children)
        pairs += [(named[f"conv{i}"], named[f"norm{i}"]) for i in (1, 2) if f"conv{i}" in named]  # type: ignore[misc]
    fold(pairs)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, nn.Conv2d):
                module.weight.copy_(torch.from_numpy(rounded(module.weight.numpy())))
    return net


def facts(net: CuesNet, names: list[str], calibration: Calibration, extra: dict[str, Any]) -> dict[str, Any]:
    """What the file says about itself."""
    columns: dict[str, Any] = {name: {"width": width, "meaning": MEANINGS[name]} for name, width in OUTPUTS.items()}
    side = net.config.side
    return {
        "name": "face-cues",
        "version": VERSION,
        "task": "cues",
        "input": {
            "name": "image",
            "size": [side, side],
            "color": "gray" if net.config.channels == 1 else "rgb",
            "scale": 1 / 255,
            "mean": [MEAN] * net.config.channels,
            "std": [STD] * net.config.channels,
        },
        "framing": {
            "kind": "landmarks5",
            "template": (read_template() * side).round(4).tolist(),
            "border": "replicate",
        },
        "outputs": columns,
        "blendshapes": names,
        "calibration": {
            "fitted_on": f"{calibration.faces} crops of development faces, split by person or clip",
            "factors": {
                name: np.round(getattr(calibration, name), 4).tolist()
                for name in ("landmarks", "shapes", "pose", "gaze")
            },
        },
        "licence": "research-data",
        "training_data": TRAINING_DATA,
        **extra,
    }


def write_onnx(model: ExportedCues, probe: torch.Tensor, path: Path, record: dict[str, Any]) -> float:
    """Writes the file, checks it against the network on `probe` and returns the largest difference.

    Raises:
        ValueError: an output differs by more than `TOLERANCE` of its range.
    """
    import onnx

    model = in_layout(model.eval(), torch.contiguous_format)
    graph = to_onnx(model, probe[:1].contiguous(), {name: {0: "n"} for name in ("image", *OUTPUTS)})
    store_as_bytes(graph)
    shorten_names(graph)
    graph.metadata_props.add(key=METADATA_KEY, value=json.dumps(record))
    onnx.checker.check_model(graph)
    path.write_bytes(graph.SerializeToString())
    return check(path, model, probe)


def check(path: Path, model: ExportedCues, probe: torch.Tensor) -> float:
    """Largest difference between file and network on `probe`, as a share of each output's range."""
    session = open_on_one_thread(path)
    with torch.no_grad():
        expected = model(probe.contiguous())
    worst = 0.0
    for name, wanted, got in zip(OUTPUTS, expected, session.run(list(OUTPUTS), {"image": probe.numpy()}), strict=True):
        span = max(1e-3, float(wanted.max() - wanted.min()))
        difference = float(np.abs(wanted.numpy() - got).max()) / span
        if not difference <= TOLERANCE:
            raise ValueError(f"{name} of {path} differs from the network by {difference:.4f}, allowed {TOLERANCE}")
        worst = max(worst, difference)
    return worst


def development_batches(faces_file: Path, net: CuesNet) -> list[Batch]:
    """Crops of the development faces of natural pictures: as they are, and once more as smaller faces."""
    pools = ("points68", "web", "webmorph", "photos", "multi", "omi")
    faces = read_faces(faces_file, net.config.channels, ("dev",), pools)
    rows = np.arange(len(faces))
    return [plain(faces, rows, net.config.side)]


def export(checkpoint: Path, faces_file: Path, path: Path) -> ExportedCues:
    """Calibrates on the development part and writes `path`."""
    net = as_stored(load_network(checkpoint))
    state = torch.load(checkpoint, map_location="cpu", weights_only=True)
    recipe = (
        f"training.cues.make face-cues, commit {commit(Path(__file__).parent)}, seed {state['recipe']['seed']}, "
        f"step {state['step']}"
    )
    with np.load(faces_file) as file:
        names = file["names"].tolist()
    weights, mean = shape_weights(faces_file), mean_points()
    batches = development_batches(faces_file, net)
    calibration = fit(net, batches, weights, mean)
    model = ExportedCues(net, calibration, weights, mean)
    worst = write_onnx(model, batches[0].x[:64], path, facts(net, names, calibration, {"recipe": recipe}))
    print(f"{path}: {path.stat().st_size} bytes, largest difference to the network {worst:.1e} of the range")
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder with faces.npz and the checkpoint")
    parser.add_argument("--name", default="face-cues")
    parser.add_argument("--file", type=Path, help="ONNX file to write (default: OUT/NAME.onnx)")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    path = arguments.file or arguments.out / f"{arguments.name}.onnx"
    export(arguments.out / f"{arguments.name}.pt", arguments.out / "faces.npz", path)


if __name__ == "__main__":
    main()
