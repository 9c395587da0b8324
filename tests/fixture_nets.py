"""Small ONNX nets for the tests of engines, precision and backends, made with NumPy and the `onnx` helpers."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from edgeaffect.export.precision.crops import to_input
from onnx import TensorProto, helper, numpy_helper
from onnxruntime import InferenceSession

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.models.file import ModelFile
from edgeaffect.models.spec import DetectorSpec, ImageInput, ModelSpec, OutputSpec


def affect_spec(name: str = "tiny") -> ModelSpec:
    return ModelSpec(
        name, "1.0.0", "affect", (ImageInput("image", (16, 16), "gray", mean=(0.5,), std=(0.25,)),),
        (OutputSpec("probabilities", "probabilities", None, EMOTIONS),), licence="apache-2.0",
    )  # fmt: skip


def cues_spec(points: int = 4, shapes: tuple[str, ...] = ("jawOpen", "eyeBlinkLeft", "eyeBlinkRight")) -> ModelSpec:
    return ModelSpec(
        "tiny-cues", "1.0.0", "cues", (ImageInput("image", (16, 16), "gray", mean=(0.5,), std=(0.25,)),),
        (
            OutputSpec("landmarks", "landmarks", (0, 2 * points)),
            OutputSpec("blendshapes", "blendshapes", None, shapes),
            OutputSpec("pose", "head_pose"), OutputSpec("gaze", "gaze"),
        ), licence="apache-2.0",
    )  # fmt: skip


class NetBuilder:
    """A chain of nodes with weights from one seeded generator."""

    def __init__(self, seed: int = 0) -> None:
        self.random = np.random.RandomState(seed)
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []

    def constant(self, value: np.ndarray) -> str:
        name = f"w{len(self.initializers)}"
        self.initializers.append(numpy_helper.from_array(value, name))
        return name

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        output = attributes.pop("output", f"t{len(self.nodes)}")
        name = attributes.pop("name", f"{kind.lower()}{len(self.nodes)}")
        self.nodes.append(helper.make_node(kind, list(inputs), [output], name, **attributes))
        return str(output)

    def conv(self, x: str, inputs: int, outputs: int, *, groups: int = 1, stride: int = 1, name: str = "") -> str:
        scale = np.sqrt(2 / (9 * inputs / groups))
        weight = (self.random.randn(outputs, inputs // groups, 3, 3) * scale).astype(np.float32)
        bias = (self.random.randn(outputs) * 0.05).astype(np.float32)
        extra = {"name": name} if name else {}
        return self.node(
            "Conv", x, self.constant(weight), self.constant(bias), kernel_shape=[3, 3], pads=[1, 1, 1, 1],
            strides=[stride, stride], group=groups, **extra,
        )  # fmt: skip

    def model(self, input_shape: list[Any], outputs: dict[str, list[Any]]) -> onnx.ModelProto:
        graph = helper.make_graph(
            self.nodes, "net",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, input_shape)],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()],
            self.initializers,
        )  # fmt: skip
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model


def tiny_affect(path: Path, *, seed: int = 0, name: str = "tiny") -> ModelFile:
    """Convolutions, a depthwise one, a SiLU, a residual sum and a classifier, on gray crops."""
    net = NetBuilder(seed)
    x = net.node("Relu", net.conv("image", 1, 16))
    y = net.conv(x, 16, 16, groups=16)
    y = net.node("Mul", y, net.node("Sigmoid", y))
    y = net.conv(y, 16, 16)
    x = net.node("Relu", net.node("Add", x, y))
    x = net.node("Relu", net.conv(x, 16, 24, stride=2))
    separate(net, x, 24)
    return save(net.model(["N", 1, 16, 16], {"probabilities": ["N", 8]}), affect_spec(name), path)


def tiny_cues(path: Path) -> ModelFile:
    """Convolutions and one linear layer per output of `cues_spec`, whose biases are called `NAME_bias`."""
    net = NetBuilder(5)
    x = net.node("Relu", net.conv("image", 1, 16))
    x = net.node("Relu", net.conv(x, 16, 16, stride=2))
    pooled = net.node("Flatten", net.node("GlobalAveragePool", x))
    biases = {
        "landmarks": [2, 3, 13, 3, 2, 12, 13, 12], "blendshapes": [0.5] * 3, "pose": [0.0] * 3, "gaze": [0.0] * 2,
    }  # fmt: skip
    for name, bias in biases.items():
        net.initializers.append(numpy_helper.from_array(np.array(bias, np.float32), f"{name}_bias"))
        weight = net.constant((net.random.randn(16, len(bias)) * 0.2).astype(np.float32))
        net.node("Gemm", pooled, weight, f"{name}_bias", output=name)
    model = net.model(["N", 1, 16, 16], {name: ["N", len(bias)] for name, bias in biases.items()})
    return save(model, cues_spec(), path)


def outlier_affect(path: Path, *, gain: float, alive: bool) -> ModelFile:
    """A net whose layers each have one output channel that is `gain` times larger than the others.

    Nobody reads that channel, so float32 does not mind it. Not `alive`: a bias lets the ReLU hold it at 0, so the
    outlier is in the weights alone, where one scale per tensor rounds all other channels away and one per channel does
    not. `alive`: it is in the activations too, whose scale is per tensor in any case.
    """
    net = NetBuilder(3)
    x = "image"
    for inputs, outputs in itertools.pairwise([1, 16, 16, 16]):
        weight = (net.random.randn(outputs, inputs, 3, 3) * np.sqrt(2 / (9 * inputs))).astype(np.float32)
        weight[:, 0] *= inputs == 1
        bias = np.zeros(outputs, np.float32)
        weight[0] *= gain
        bias[0] = 0 if alive else -100 * gain
        x = net.node("Conv", x, net.constant(weight), net.constant(bias), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = net.node("Relu", x)
    separate(net, x, 16, blind=0)
    return save(net.model(["N", 1, 16, 16], {"probabilities": ["N", 8]}), affect_spec("outlier"), path)


def patterns(count: int, size: int = 20) -> np.ndarray:
    """Gray pictures of eight kinds in turn, uint8 [count, size, size]: three blobs each, a little moved about."""
    random = np.random.RandomState(7)
    kind = random.rand(8, 3, 4)[np.arange(count) % 8] + 0.05 * random.randn(count, 3, 4)
    cx, cy, width, gain = kind.transpose(2, 1, 0)[:, :, :, None, None]
    y, x = np.mgrid[0:size, 0:size] / size
    pictures = (np.abs(gain) * np.exp(-((x - cx) ** 2 + (y - cy) ** 2) / (0.02 + 0.1 * width**2))).sum(0)
    return (pictures / pictures.max((1, 2), keepdims=True) * 255).astype(np.uint8)


def separate(net: NetBuilder, x: str, channels: int, blind: int | None = None) -> None:
    """A classifier that tells the patterns apart with a margin: the nearest mean of their standardised features."""
    pooled = net.node("Flatten", net.node("GlobalAveragePool", x))
    model = net.model(["N", 1, 16, 16], {pooled: ["N", channels]})
    inputs = np.concatenate([to_input(p, "gray", affect_spec()) for p in patterns(400)])
    features = InferenceSession(model.SerializeToString()).run(None, {"image": inputs})[0].astype(np.float64)
    spread = features.std(0)
    read = [c for c in range(channels) if c != blind and spread[c] > 1e-6]
    mean = features[:, read].mean(0)
    means = np.stack([(features[k::8, read].mean(0) - mean) / spread[read] for k in range(8)])
    weight = np.zeros((8, channels))
    weight[:, read] = means / spread[read]
    bias = -(means**2).sum(1) / 2 - weight[:, read] @ mean
    weights = [net.constant(v.astype(np.float32)) for v in (weight, bias)]
    net.node("Softmax", net.node("Gemm", pooled, *weights, transB=1), output="probabilities", axis=-1)


def tiny_detector(path: Path) -> ModelFile:
    """One stride, free height and width."""
    net = NetBuilder(1)
    x = "image"
    for inputs, outputs in ((3, 8), (8, 8), (8, 8)):
        x = net.node("Relu", net.conv(x, inputs, outputs, stride=2))
    offset = np.full((1, 15, 1, 1), 1.0, np.float32)  # distances are positive
    offset[0, 0] = -0.2  # scores are not
    net.node("Add", net.node("Relu", net.conv(x, 8, 15)), net.constant(offset), output="stride8")
    spec = ModelSpec(
        "tiny-detector", "1", "face-detector", (ImageInput("image", (0, 0), "rgb"),),
        (OutputSpec("stride8", "detector_stride"),), detector=DetectorSpec((8,), 32), licence="apache-2.0",
    )  # fmt: skip
    return save(net.model([1, 3, "H", "W"], {"stride8": [1, 15, "h", "w"]}), spec, path)


def save(model: onnx.ModelProto, spec: ModelSpec, path: Path) -> ModelFile:
    onnx.save(model, str(path))
    spec.write_to(path)
    return ModelFile(path, spec)
