"""Multiply-adds per second of convolutions in ONNX Runtime on one core: `python -m benchmarks.conv_shapes`.

Which shapes are worth building networks of differs by instruction set, so it is measured. Every row is the time that
layers of one kind add between a pointwise one and a strided one that keeps four places, least of interleaved runs, so
that the conversion of input and output and the machine's other work stay out of it. Layers are convolutions with ReLU;
int8 is what `edgeaffect.export.precision` makes for ONNX Runtime. `mean pooling` is 2x2, counted in elements that it
reads. `benchmarks/CONV_SHAPES.md` has a run and what follows from it.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from edgeaffect.export.graph import Graph
from edgeaffect.export.precision import int8
from edgeaffect.export.precision.crops import Crops
from edgeaffect.export.precision.ranges import measure_ranges
from onnx import TensorProto, helper, numpy_helper

from benchmarks import results
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from training.files import open_on_one_thread
from training.provenance import instruction_set

COPIES = 4
ROUNDS = 40
SEED = 3


@dataclass(frozen=True)
class Layer:
    """A convolution, or mean pooling where `kernel` is 0."""

    inputs: int
    outputs: int
    kernel: int = 3
    stride: int = 1
    groups: int = 1

    def multiply_adds(self, side: int) -> int:
        """For maps of `side` pixels; elements read where it is mean pooling."""
        if not self.kernel:
            return self.inputs * side * side
        places = (side // self.stride) ** 2
        return places * self.outputs * self.inputs // self.groups * self.kernel**2


@dataclass(frozen=True)
class Kind:
    """What one row measures: layers repeated `copies` times on maps of `side` pixels."""

    name: str
    side: int
    layers: tuple[Layer, ...]
    copies: int = COPIES

    @property
    def channels(self) -> int:
        """How many of the maps that come in."""
        return self.layers[0].inputs

    @property
    def multiply_adds(self) -> int:
        """Of one copy."""
        total, side = 0, self.side
        for layer in self.layers:
            total += layer.multiply_adds(side)
            side //= layer.stride
        return total


def kinds() -> list[Kind]:
    """The rows of the table."""
    rows: list[Kind] = []
    for side, widths in (
        (48, (16, 32)),
        (24, (16, 32, 48, 64)),
        (12, (48, 64, 112, 128)),
        (6, (80, 128, 144, 192, 256)),
    ):
        rows += [Kind("dense 3x3", side, (Layer(c, c),)) for c in widths]
    for side, c in ((24, 64), (12, 128), (6, 192)):
        rows += [
            Kind("dense 3x3, half inside", side, (Layer(c, c // 2), Layer(c // 2, c))),
            Kind("grouped 3x3, 4 groups", side, (Layer(c, c, groups=4),)),
            Kind("depthwise 3x3", side, (Layer(c, c, groups=c),)),
            Kind("pointwise", side, (Layer(c, c, 1),)),
            Kind("depthwise 3x3 + pointwise", side, (Layer(c, c, groups=c), Layer(c, c, 1))),
            Kind("dense 3x3, stride 2", side, (Layer(c, c, 3, 2),), 1),
            Kind("strided 2x2", side, (Layer(c, c, 2, 2),), 1),
            Kind("mean pooling 2x2", side, (Layer(c, c, 0, 2),), 1),
        ]
    return rows


def graph_of(kind: Kind, copies: int) -> Graph:
    """A pointwise convolution, `copies` of the layers, and four places of what they give; random weights."""
    random = np.random.default_rng(SEED)
    nodes: list[onnx.NodeProto] = []
    weights: list[onnx.TensorProto] = []
    name, side = "image", kind.side

    def add(layer: Layer) -> None:
        nonlocal name, side
        n, out = len(nodes), f"x{len(nodes)}"
        side //= layer.stride
        if not layer.kernel:
            nodes.append(helper.make_node("AveragePool", [name], [out], f"n{n}", kernel_shape=[2, 2], strides=[2, 2]))
            name = out
            return
        shape = (layer.outputs, layer.inputs // layer.groups, layer.kernel, layer.kernel)
        weight = random.normal(0, (2 / np.prod(shape[1:])) ** 0.5, shape).astype(np.float32)
        weights.append(numpy_helper.from_array(weight, f"w{n}"))
        weights.append(numpy_helper.from_array(np.zeros(layer.outputs, np.float32), f"b{n}"))
        pad = [layer.kernel // 2 if layer.kernel % 2 else 0] * 4
        nodes.append(
            helper.make_node(
                "Conv", [name, f"w{n}", f"b{n}"], [f"c{n}"], f"n{n}", kernel_shape=shape[2:],
                strides=[layer.stride] * 2, group=layer.groups, pads=pad,
            )
        )  # fmt: skip
        nodes.append(helper.make_node("Relu", [f"c{n}"], [out], f"r{n}"))
        name = out

    add(Layer(kind.channels, kind.channels, 1))
    for _ in range(copies):
        for layer in kind.layers:
            add(layer)
    add(Layer(kind.channels, kind.channels, 1, side // 2))
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, kind.channels, kind.side, kind.side])
    output = helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, kind.channels, side, side])
    graph = helper.make_graph(nodes, "layers", [image], [output], weights)
    return Graph(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9))


def quantised(graph: Graph, kind: Kind) -> Graph:
    """The same in 8-bit integers."""
    scheme = int8.SCHEMES["onnxruntime"]
    layers = int8.quantisable_layers(graph)
    shape = (4, 1, kind.channels, kind.side, kind.side)
    crops = Crops(tuple(np.random.default_rng(SEED).random(shape).astype(np.float32)), "noise")
    tensors = int8.quantised_tensors(graph, layers, scheme)
    # Ends stay in integers, as inside a network: pooling too.
    pools = [node.output[0] for node in graph.proto.node if node.op_type == "AveragePool"]
    tensors = list(dict.fromkeys([*tensors, *pools]))
    return int8.quantise(graph, layers, measure_ranges(graph, tensors, crops, symmetric=scheme.symmetric), scheme)


def least_times(models: Sequence[onnx.ModelProto], rounds: int) -> list[float]:
    """Seconds of one run of each, least of runs in turns."""
    sessions = [open_on_one_thread(model.SerializeToString()) for model in models]
    feeds = []
    for session in sessions:
        info = session.get_inputs()[0]
        feeds.append({info.name: np.random.default_rng(SEED).random(info.shape).astype(np.float32)})
        session.run(None, feeds[-1])
    best = [float("inf")] * len(sessions)
    for _ in range(rounds):
        for i, session in enumerate(sessions):
            for _ in range(3):
                started = time.perf_counter()
                session.run(None, feeds[i])
                best[i] = min(best[i], time.perf_counter() - started)
    return best


def measure(kind: Kind, rounds: int) -> tuple[float, float]:
    """Seconds of one copy of the layers in float32 and in int8."""
    graphs = [graph_of(kind, 0), graph_of(kind, kind.copies)]
    models = [graph.model for graph in graphs] + [quantised(graph, kind).model for graph in graphs]
    bare, full, bare8, full8 = least_times(models, rounds)
    return (full - bare) / kind.copies, (full8 - bare8) / kind.copies


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="of three runs each")
    arguments = parser.parse_args()
    files = SystemFiles()
    sets = ", ".join(instruction_set(files)) or "instruction set unknown"
    runtime = f"onnxruntime {hardware.packages()['onnxruntime']}"
    print(f"{hardware.cpu(files).name}, {sets}, one thread, {runtime}; commit {results.commit()[:7]}")
    names = ["layers", "side", "channels", "M multiply-adds", "float32 us", "int8 us", "float32 G/s", "int8 G/s"]
    print(f"\n| {' | '.join(names)} |\n|{' --- |' * len(names)}")
    for kind in kinds():
        plain, integers = measure(kind, arguments.rounds)
        count = kind.multiply_adds
        print(
            f"| {kind.name} | {kind.side} | {kind.channels} | {count / 1e6:.2f} | {plain * 1e6:.0f} | "
            f"{integers * 1e6:.0f} | {count / plain / 1e9:.1f} | {count / integers / 1e9:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
