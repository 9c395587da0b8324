"""`face-cues.onnx` -> `face-cues-int8.onnx`: the same model in the integers of a CPU.

Weights have 7 bits and activations 8 (see Note [Seven bits for CPUs] of `export.precision.int8`); ranges are measured
on training crops. The last layer stays in float32: it is cheap, and a landmark is a sum of small numbers.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import onnx
from edgeaffect.export.precision.crops import Crops
from edgeaffect.export.precision.int8 import SCHEMES, quantisable_layers, quantise, quantised_tensors
from edgeaffect.export.precision.layers import load_float_graph
from edgeaffect.export.precision.ranges import measure_ranges

from training.cues.network import WIDTH
from training.cues.train import read_faces
from training.cues.views import Views
from training.files import open_on_one_thread
from training.storage import store_as_bytes

VIEWS = 512
SEED = 7


def calibration_crops(faces_file: Path, side: int, channels: int) -> Crops:
    """Normalised crops [1, C, S, S] of training faces, with a third of the training's damage."""
    faces = read_faces(faces_file, channels, ("train",))
    random = np.random.default_rng(SEED)
    views = Views(faces, side, random)
    views.damage = 0.33
    x = views.batch(random.permutation(len(faces))[:VIEWS]).x.contiguous().numpy()
    return Crops(tuple(x[:, None]), "training faces")


def to_integers(source: Path, target: Path, crops: Crops) -> None:
    """Writes `target`; the metadata of `source` goes with it."""
    graph = load_float_graph(source)
    layers = []
    for layer in quantisable_layers(graph):
        weight = graph.constant(layer.weight)
        if weight is None or WIDTH not in weight.shape:
            layers.append(layer)
    scheme = SCHEMES["onnxruntime"]
    ranges = measure_ranges(graph, quantised_tensors(graph, layers, scheme), crops, symmetric=scheme.symmetric)
    result = quantise(graph, layers, ranges, scheme).model
    store_as_bytes(result)
    onnx.checker.check_model(result)
    target.write_bytes(result.SerializeToString())


def deviation(first: Path, second: Path, x: np.ndarray) -> dict[str, float]:
    """Per output: root mean square of the difference over the deviation of the first file's output."""
    outputs = []
    for path in (first, second):
        session = open_on_one_thread(path)
        names = [o.name for o in session.get_outputs()]
        outputs.append(session.run(names, {"image": x}))
    return {
        name: float(np.sqrt(np.mean((a - b) ** 2)) / max(float((a - a.mean(0)).std()), 1e-6))
        for name, a, b in zip(names, *outputs, strict=True)
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=Path, help="folder with faces.npz")
    parser.add_argument("--file", required=True, type=Path, help="float32 file; the new one goes beside it")
    arguments = parser.parse_args()
    size = open_on_one_thread(arguments.file).get_inputs()[0].shape
    crops = calibration_crops(arguments.out / "faces.npz", size[2], size[1])
    target = arguments.file.with_name(f"{arguments.file.stem}-int8.onnx")
    to_integers(arguments.file, target, crops)
    print(
        f"{target}: {target.stat().st_size} bytes",
        deviation(arguments.file, target, np.concatenate(crops.inputs[:128])),
    )


if __name__ == "__main__":
    main()
