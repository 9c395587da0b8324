"""YuNet-n with its own weights as a detector file of ours: the same answers, laid out as `csrc/detect` reads them.

YuNet-n (Wu, Peng and Yu 2023, Apache-2.0) gives, per cell, the chance of a face, the chance that its box is good, a box
and five points counted from the cell's corner. Its score is the root of the two chances. Our maps count from the cell's
centre and hold the score's logit. Its four heads per stride are laid side by side in one, which changes no number.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from training.storage import shorten_names, store_as_half

STRIDES = (8, 16, 32)
CHANNELS = 15
LARGEST_LOGIT = 40.0
"""Logits are cut here, so that the product of two exponentials stays finite in float32."""

Kernel = tuple[np.ndarray, np.ndarray]


def detector_model(path: Path) -> onnx.ModelProto:
    """The detector as a model.

    Picture [n, 3, h, w], BGR in 0..255, sides multiples of 32 -> `stride8`, `stride16`, `stride32` [n, 15, h/s, w/s].
    """
    source = onnx.load(path).graph
    weights = {tensor.name: numpy_helper.to_array(tensor) for tensor in source.initializer}
    convolutions = {node.output[0]: node for node in source.node if node.op_type == "Conv"}
    builder = _Builder(weights)
    heads = _heads(source, convolutions)
    trunk = [node for node in source.node if node.op_type in ("Conv", "Relu", "MaxPool", "Add", "Resize")]
    inside = {node.output[0] for pairs in heads.values() for pair in pairs for node in pair}
    for node in trunk:
        if node.output[0] not in inside:
            builder.take(node)
    for stride in STRIDES:
        builder.head(stride, heads[stride])
    return builder.model()


def _heads(source: onnx.GraphProto, convolutions: dict[str, onnx.NodeProto]) -> dict[int, list[list[onnx.NodeProto]]]:
    """The two convolutions (pointwise, depthwise) of each head: face, box quality, box, points, by stride."""
    producers = {output: node for node in source.node for output in node.output}

    def pair(name: str) -> list[onnx.NodeProto]:
        node = producers[name]
        while node.op_type != "Conv":
            node = producers[node.input[0]]
        return [convolutions[node.input[0]], node]

    return {stride: [pair(f"{head}_{stride}") for head in ("cls", "obj", "bbox", "kps")] for stride in STRIDES}


class _Builder:
    """Collects the nodes of the new graph."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.stored: dict[str, np.ndarray] = {}
        self.emit_constants()

    def emit_constants(self) -> None:
        """Numbers that all heads share."""
        self.store("half", np.float32(0.5))
        self.store("lowest", np.float32(-LARGEST_LOGIT))
        self.store("highest", np.float32(LARGEST_LOGIT))
        self.store("one", np.float32(1))
        self.store("doubled", np.array([1, 1, 2, 2], np.float32))
        self.store("parts", np.array([1, 1, 2, 2, 10]))

    def store(self, name: str, value: np.ndarray | np.float32) -> str:
        self.stored[name] = np.asarray(value)
        return name

    def emit(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def take(self, node: onnx.NodeProto) -> None:
        """A node of the source as it stands, with its weights; resizing as a plain doubling."""
        if node.op_type == "Resize":
            self.emit(
                "Resize", [node.input[0], "", "doubled"], node.output[0],
                mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
            )  # fmt: skip
            return
        for name in node.input:
            if name in self.weights:
                self.store(name, self.weights[name])
        copy = onnx.NodeProto()
        copy.CopyFrom(node)
        copy.input[:] = ["image" if name == "input" else name for name in node.input]
        self.nodes.append(copy)

    def head(self, stride: int, heads: list[list[onnx.NodeProto]]) -> None:
        """The four heads of a stride as one, then our layout."""
        x, s = heads[0][0].input[0], f"s{stride}"
        for layer, groups in ((0, 1), (1, 16)):
            kernels = [[self.weights[name] for name in head[layer].input[1:]] for head in heads]
            weight = self.store(f"{s}_w{layer}", np.concatenate([kernel[0] for kernel in kernels]))
            bias = self.store(f"{s}_b{layer}", np.concatenate([kernel[1] for kernel in kernels]))
            pad = layer  # 1x1, then 3x3
            x = self.emit("Conv", [x, weight, bias], f"{s}_{layer}", group=groups, pads=[pad] * 4)
        face, good, centre, side, points = (f"{s}_{name}" for name in ("face", "good", "centre", "side", "points"))
        self.nodes.append(helper.make_node("Split", [x, "parts"], [face, good, centre, side, points], axis=1))
        logit = self.logit(s, face, good)
        offset = self.emit("Sub", [centre, "half"], f"{s}_offset")
        reach = self.emit("Mul", [self.emit("Exp", [side], f"{s}_sides"), "half"], f"{s}_reach")
        near = self.emit("Sub", [reach, offset], f"{s}_near")
        far = self.emit("Add", [reach, offset], f"{s}_far")
        spots = self.emit("Sub", [points, "half"], f"{s}_spots")
        self.emit("Concat", [logit, near, far, spots], f"stride{stride}", axis=1)

    def logit(self, s: str, face: str, good: str) -> str:
        """Logit of the root of two chances that are given as logits a and b, without loss near 0 and 1.

        With u = exp(-a), v = exp(-b) the product of the chances is p = 1 / ((1 + u)(1 + v)), its root is r, and
        1 - p = (u + v + u v) p; so r / (1 - r) = r (1 + r) / (1 - p) = (1 + r) / ((u + v + u v) r).
        """
        names = []
        for key, logit in (("u", face), ("v", good)):
            cut = self.emit("Clip", [logit, "lowest", "highest"], f"{s}_{key}c")
            names.append(self.emit("Exp", [self.emit("Neg", [cut], f"{s}_{key}n")], f"{s}_{key}"))
        u, v = names
        mixed = self.emit("Add", [self.emit("Add", [u, v], f"{s}_uv"), self.emit("Mul", [u, v], f"{s}_u_v")], f"{s}_q")
        whole = self.emit("Add", [mixed, "one"], f"{s}_1q")  # 1 / p
        root = self.emit("Sqrt", [whole], f"{s}_1r")  # 1 / r
        # log((1 + r) / (q r)) = log((1 / r + 1) / q)
        top = self.emit("Log", [self.emit("Add", [root, "one"], f"{s}_t")], f"{s}_lt")
        return self.emit("Sub", [top, self.emit("Log", [mixed], f"{s}_lq")], f"{s}_logit")

    def model(self) -> onnx.ModelProto:
        """The checked model, weights as fp16."""
        image = helper.make_tensor_value_info("image", onnx.TensorProto.FLOAT, ["n", 3, "height", "width"])
        maps = [
            helper.make_tensor_value_info(f"stride{s}", onnx.TensorProto.FLOAT, ["n", CHANNELS, f"h{s}", f"w{s}"])
            for s in STRIDES
        ]
        stored = [numpy_helper.from_array(value, name) for name, value in self.stored.items()]
        graph = helper.make_graph(self.nodes, "yunet_n", [image], maps, stored)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        store_as_half(model)
        shorten_names(model)
        onnx.checker.check_model(model)
        return model
