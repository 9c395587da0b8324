"""Models of the bundled ones' shape with random weights, for machines without the model files.

Same layers, same cost, nothing learnt. One channel of the detector is wired by hand to answer to
`frames.MARKER_BGR`, so that synthetic frames give the wanted number of faces. Whoever measures with these says so.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..circumplex import EMOTIONS
from ..models import FLOAT_DEFAULTS
from ..models.spec import Alignment, DetectorSpec, ImageInput, ModelSpec, OutputSpec
from .onnx_writer import Graph

SEED = 0
# export/zoo/face_net.py; a test compares the layers.
_WIDTH = 64
# Stem, widths and blocks: the networks in export/zoo/affect_net.py; a test compares these too.
VARIANTS = {
    "nano": (16, (16, 32, 64), (1, 2, 1)),
    "small": (32, (64, 112, 144), (1, 1, 2)),
    "base": (32, (64, 128, 192), (1, 1, 2)),
}
_STRIDES = (8, 16, 32)
_BEACON_STRIDE = 16
AFFECT_SIZE = 48
_TEMPLATE = ((15.0, 18.0), (33.0, 18.0), (24.0, 28.0), (17.0, 36.0), (31.0, 36.0))

Weight = NDArray[np.float32]


class _Network:
    """Convolutions with folded batch normalisation. With `beacon`, channel 0 carries the marker through every layer."""

    def __init__(self, name: str, *, beacon: bool = False) -> None:
        self.graph = Graph(name)
        self._rng = np.random.default_rng(SEED)
        self._beacon = beacon

    def conv(
        self,
        x: str,
        inputs: int,
        outputs: int,
        kernel: int = 3,
        stride: int = 1,
        groups: int = 1,
        *,
        keep: float = 0.0,
        relu: bool = True,
    ) -> str:
        """Random convolution; with the beacon, output 0 sees `keep` times the middle of input 0 and nothing else."""
        fan = inputs // groups * kernel * kernel
        weight = self._rng.normal(0, (2 / fan) ** 0.5, (outputs, inputs // groups, kernel, kernel)).astype(np.float32)
        bias = np.zeros(outputs, np.float32)
        if self._beacon:
            weight[0] = 0
            weight[0, 0, kernel // 2, kernel // 2] = keep
        return self.apply(x, weight, bias, stride, groups, relu=relu)

    def apply(
        self, x: str, weight: Weight, bias: Weight, stride: int = 1, groups: int = 1, *, relu: bool = True
    ) -> str:
        g, k = self.graph, weight.shape[2]
        y = g.node("Conv", [x, g.constant(weight), g.constant(bias)], kernel_shape=[k, k], strides=[stride, stride],
                   pads=[k // 2] * 4, group=groups)  # fmt: skip
        return g.node("Relu", [y]) if relu else y

    def pair(self, x: str, inputs: int, outputs: int, *, keep: float = 0.0) -> str:
        """Pointwise, then depthwise 3x3 convolution."""
        x = self.conv(x, inputs, outputs, 1, keep=keep, relu=False)
        return self.conv(x, outputs, outputs, groups=outputs, keep=keep)

    def halved(self, x: str) -> str:
        return self.graph.node("MaxPool", [x], kernel_shape=[2, 2], strides=[2, 2])


def detector() -> bytes:
    """The face detector's graph as a serialised ONNX model."""
    net = _Network("face-detector", beacon=True)
    g = net.graph
    x = g.input("image", [1, 3, "height", "width"])
    stem = np.random.default_rng(SEED).normal(0, 0.27, (16, 3, 3, 3)).astype(np.float32)
    stem[0] = 0
    stem[0, :, 1, 1] = (1, -2, 1)  # blue + red - 2 green: 2 on the marker, about 0 on skin and on gray
    bias = np.zeros(16, np.float32)
    bias[0] = -1
    x = net.halved(net.pair(net.apply(x, stem, bias, 2), 16, 16, keep=1.0))
    for inputs, outputs in pairwise((16, 16, _WIDTH, _WIDTH, _WIDTH)):
        x = net.pair(x, inputs, outputs, keep=1.0)
    maps = []
    for stride in _STRIDES:
        keep = float(stride <= _BEACON_STRIDE)
        x = net.halved(x)
        for _ in range(2):
            x = net.pair(x, _WIDTH, _WIDTH, keep=keep)
        maps.append(x)
    above = ""
    for level in (2, 1, 0):
        beacon = _STRIDES[level] == _BEACON_STRIDE
        x = maps[level]
        if above:
            scales = g.constant(np.array([1, 1, 2, 2], np.float32))
            up = g.node("Resize", [above, "", scales], mode="nearest", coordinate_transformation_mode="asymmetric",
                        nearest_mode="floor")  # fmt: skip
            x = g.node("Add", [x, up])
        above = net.pair(x, _WIDTH, _WIDTH, keep=float(beacon))
        _head(net, net.pair(above, _WIDTH, _WIDTH, keep=1.0), _STRIDES[level], beacon)
    return g.to_bytes()


def _head(net: _Network, x: str, stride: int, beacon: bool) -> None:
    g = net.graph
    weight, last = np.zeros((15, _WIDTH, 1, 1), np.float32), np.zeros((15, 1, 3, 3), np.float32)
    weight[0, 0] = 12.0 if beacon else 0.0
    last[:, :, 1, 1] = 1
    bias = np.zeros(15, np.float32)
    bias[0] = -6
    bias[3:5] = np.log(3.5)  # seven cells wide, so that boxes of cells that see one marker overlap enough for NMS
    bias[5:] = (-0.8, -0.7, 0.8, -0.7, 0, 0.1, -0.6, 0.9, 0.6, 0.9)  # eyes, nose, mouth about the centre
    raw = net.apply(x, weight, np.zeros(15, np.float32), relu=False)
    raw = net.apply(raw, last, bias, groups=15, relu=False)
    score, shift, side, points = (
        g.node("Slice", [raw, *(g.constant(np.array([v], np.int64)) for v in (first, end, 1))])
        for first, end in pairwise((0, 1, 3, 5, 15))
    )
    half = g.node("Exp", [g.node("Clip", [side, "", g.constant(np.array(4, np.float32))])])
    parts = [score, g.node("Sub", [half, shift]), g.node("Add", [half, shift]), points]
    name = g.node("Concat", parts, f"stride{stride}", axis=1)
    g.output(name, [1, 15, f"rows{stride}", f"columns{stride}"])


def default_variant() -> str:
    """That of the default expression model, where it is one of ours; else the largest."""
    name = FLOAT_DEFAULTS["affect"].removeprefix("affect-")
    return name if name in VARIANTS else "base"


def affect(variant: str | None = None) -> bytes:
    """The graph of an expression model of `VARIANTS` (None: the default) as a serialised ONNX model."""
    stem, widths, blocks_of = VARIANTS[variant or default_variant()]
    net = _Network("affect")
    g = net.graph
    x = g.input("image", ["batch", 1, AFFECT_SIZE, AFFECT_SIZE])
    x = net.conv(x, 1, stem, 5, 2)
    channels = stem
    for stage, (width, blocks) in enumerate(zip(widths, blocks_of, strict=True)):
        for block in range(blocks):
            stride = 2 if block == 0 and stage > 0 else 1
            shortcut = x
            if stride == 2:
                shortcut = g.node("AveragePool", [x], kernel_shape=[2, 2], strides=[2, 2])
            if stride == 2 or channels != width:
                shortcut = net.conv(shortcut, channels, width, 1, relu=False)
            y = net.conv(net.conv(x, channels, width, 3, stride), width, width, relu=False)
            x = g.node("Relu", [g.node("Add", [y, shortcut])])
            channels = width
    g.node("Identity", [x], "features")
    side = AFFECT_SIZE // 8
    flat = g.node("Flatten", [g.node("GlobalAveragePool", [x])], axis=1)
    rng = np.random.default_rng(SEED + 1)
    for name, columns, activation in (
        ("probabilities", 8, "Softmax"), ("votes", 8, "Softmax"), ("vad", 6, "Sigmoid"), ("quality", 1, "Sigmoid"),
    ):  # fmt: skip
        weight = g.constant(rng.normal(0, 0.05, (channels, columns)).astype(np.float32))
        g.node(activation, [g.node("MatMul", [flat, weight])], name)
        g.output(name, ["batch", columns])
    g.output("features", ["batch", channels, side, side])
    return g.to_bytes()


def marker_side(size: tuple[int, int], max_side: int) -> float:
    """Side of the marker in frame pixels that covers one cell of the detector's grid, whatever its position."""
    longest = max(size)
    # A fifth more than a cell: the softened rim of the scaled patch does not answer.
    return 1.2 * _BEACON_STRIDE * max(1.0, longest / max_side if max_side else 1.0)


def write(folder: Path) -> dict[str, Path]:
    """Write both models into `folder`.

    Returns:
        task -> path, for `DetectOptions.model` and `AffectOptions.model`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = {"face-detector": folder / "random-face-detector.onnx", "affect": folder / "random-affect.onnx"}
    paths["face-detector"].write_bytes(detector())
    paths["affect"].write_bytes(affect())
    for task, path in paths.items():
        _spec(task).write_to(path)
    return paths


def _spec(task: str) -> ModelSpec:
    recipe = f"edgeaffect.bench.random_models, seed {SEED}: random weights, for timing only"
    if task == "face-detector":
        outputs = tuple(OutputSpec(f"stride{s}", "detector_stride") for s in _STRIDES)
        return ModelSpec(
            name="random-face-detector", version="1", task=task, inputs=(ImageInput("image", (0, 0), "bgr"),),
            outputs=outputs, alignment=Alignment(kind="whole"), detector=DetectorSpec(_STRIDES, 32), recipe=recipe,
            licence="apache-2.0",
        )  # fmt: skip
    outputs = (
        OutputSpec("probabilities", "probabilities", labels=EMOTIONS),
        OutputSpec("votes", "votes", labels=EMOTIONS),
        OutputSpec("vad", "vad_mean", (0, 3)),
        OutputSpec("vad", "vad_std", (3, 6)),
        OutputSpec("quality", "quality"),
        OutputSpec("features", "features"),
    )
    return ModelSpec(
        name="random-affect", version="1", task=task,
        inputs=(ImageInput("image", (AFFECT_SIZE, AFFECT_SIZE), "gray", mean=(0.5,), std=(0.25,)),), outputs=outputs,
        alignment=Alignment(kind="landmarks5", template=_TEMPLATE), recipe=recipe, licence="apache-2.0",
    )  # fmt: skip
