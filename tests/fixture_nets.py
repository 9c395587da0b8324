"""Small ONNX nets for the tests of engines, precision and backends, made with NumPy and the `onnx` helpers."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from edgeaffect.circumplex import EMOTIONS
from edgeaffect.models.registry import ModelFile
from edgeaffect.models.spec import DetectorSpec, InputSpec, ModelSpec, OutputSpec


def affect_spec(name: str = "tiny", size: int = 16, color: str = "gray") -> ModelSpec:
    return ModelSpec(
        name, "1.0.0", "affect", InputSpec("image", (size, size), color, mean=(0.5,), std=(0.25,)),
        (OutputSpec("probabilities", "probabilities", None, EMOTIONS),), licence="apache-2.0",
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

    def classify(self, x: str, inputs: int, *, sharpness: float = 4.0) -> None:
        pooled = self.node("Flatten", self.node("GlobalAveragePool", x))
        weight = (self.random.randn(len(EMOTIONS), inputs) * sharpness / np.sqrt(inputs)).astype(np.float32)
        logits = self.node("Gemm", pooled, self.constant(weight), self.constant(np.zeros(8, np.float32)), transB=1)
        self.node("Softmax", logits, output="probabilities", axis=-1)

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


def tiny_affect(path: Path, *, seed: int = 0, name: str = "tiny", size: int = 16) -> ModelFile:
    """Convolutions, a depthwise one, a SiLU, a residual sum and a classifier, on gray crops."""
    net = NetBuilder(seed)
    x = net.node("Relu", net.conv("image", 1, 16))
    y = net.conv(x, 16, 16, groups=16)
    y = net.node("Mul", y, net.node("Sigmoid", y))
    y = net.conv(y, 16, 16)
    x = net.node("Relu", net.node("Add", x, y))
    x = net.node("Relu", net.conv(x, 16, 24, stride=2))
    net.classify(x, 24)
    return save(net.model(["N", 1, size, size], {"probabilities": ["N", 8]}), affect_spec(name, size), path)


def outlier_affect(path: Path, *, gain: float) -> ModelFile:
    """A net in which one channel of every layer's output is `gain` times larger than the others, and carries nothing.

    The classifier ignores that channel (its weights there are nearly 0), so float32 does not mind; a single scale per
    tensor rounds all other channels away. `gain` sits in the weights' rows: scales per channel undo it there.
    """
    net = NetBuilder(3)
    x = "image"
    channels = [1, 16, 16, 16]
    for inputs, outputs in itertools.pairwise(channels):
        weight = (net.random.randn(outputs, inputs, 3, 3) * np.sqrt(2 / (9 * inputs))).astype(np.float32)
        if inputs > 1:
            weight[:, 0] = 0  # nobody reads the outlier
        weight[0] *= gain
        bias = np.zeros(outputs, np.float32)
        x = net.node("Conv", x, net.constant(weight), net.constant(bias), kernel_shape=[3, 3], pads=[1, 1, 1, 1])
        x = net.node("Relu", x)
    pooled = net.node("Flatten", net.node("GlobalAveragePool", x))
    weight = (net.random.randn(8, 16) * 3).astype(np.float32)
    weight[:, 0] = 0
    logits = net.node("Gemm", pooled, net.constant(weight), net.constant(np.zeros(8, np.float32)), transB=1)
    net.node("Softmax", logits, output="probabilities", axis=-1)
    return save(net.model(["N", 1, 16, 16], {"probabilities": ["N", 8]}), affect_spec("outlier"), path)


def tiny_detector(path: Path) -> ModelFile:
    """One stride, free height and width."""
    net = NetBuilder(1)
    x = "image"
    for inputs, outputs in ((3, 8), (8, 8), (8, 8)):
        x = net.node("Relu", net.conv(x, inputs, outputs, stride=2))
    net.node("Identity", net.conv(x, 8, 15), output="stride8")
    spec = ModelSpec(
        "tiny-detector", "1", "face-detector", InputSpec("image", (0, 0), "rgb"),
        (OutputSpec("stride8", "detector_stride"),), detector=DetectorSpec((8,), 32), licence="apache-2.0",
    )  # fmt: skip
    return save(net.model([1, 3, "H", "W"], {"stride8": [1, 15, "h", "w"]}), spec, path)


def save(model: onnx.ModelProto, spec: ModelSpec, path: Path) -> ModelFile:
    onnx.save(model, str(path))
    spec.write_to(path)
    return ModelFile(path, spec)
