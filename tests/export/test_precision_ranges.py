"""Ranges of tensors and rounding of weights, against naive references."""

# ruff: noqa: F811  (pytest hands a fixture over under the name it was imported by)
from __future__ import annotations

import dataclasses
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edgeaffect.models import find
from edgeaffect.models.file import ModelFile

pytest.importorskip("onnx")

from edgeaffect.export.precision import Crops, convert, load_crops
from edgeaffect.export.precision.int8 import SCHEMES, quantise_weight
from edgeaffect.export.precision.layers import load_float_graph
from edgeaffect.export.precision.ranges import best_range, measure_ranges
from precision_parts import SYMMETRIC, crops, model  # noqa: F401


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 1000), axis=st.sampled_from([0, 1]), per_channel=st.booleans(), peak=st.sampled_from([127, 64])
)
def test_weights_round_to_the_nearest_step(seed: int, axis: int, per_channel: bool, peak: int) -> None:
    random = np.random.RandomState(seed)
    weight = (random.randn(5, 3, 2, 2) * random.rand(5, 3, 1, 1) * 10).astype(np.float32)
    weight[2, 1] = 0
    if axis == 0:
        weight[2] = 0  # a dead channel must not divide by zero
    scheme = dataclasses.replace(SYMMETRIC, per_channel=per_channel, weight_peak=peak)
    quantised, scale = quantise_weight(weight, axis, scheme)
    for index in np.ndindex(*weight.shape):
        step = float(scale[index[axis]] if per_channel else scale)
        assert abs(float(quantised[index]) * step - float(weight[index])) <= step * 0.5001
    assert np.abs(quantised.astype(int)).max() == peak and scale.shape == ((weight.shape[axis],) if per_channel else ())


def test_integers_for_cpus_cannot_overflow_where_bytes_are_multiplied_in_pairs() -> None:
    scheme = SCHEMES["onnxruntime"]
    assert 2 * 255 * scheme.weight_peak <= np.iinfo(np.int16).max
    weight = np.random.RandomState(0).randn(6, 4, 3, 3).astype(np.float32)
    assert np.abs(quantise_weight(weight, 0, scheme)[0].astype(int)).max() == scheme.weight_peak


RUN_EVERY_FILE = """
import sys
import numpy, onnxruntime
inputs, outputs, *files = sys.argv[1:]
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
sessions = [onnxruntime.InferenceSession(f, options, providers=["CPUExecutionProvider"]) for f in files]
numpy.save(outputs, [s.run(["probabilities"], {"image": numpy.load(inputs)})[0] for s in sessions])
"""


def without_vnni() -> list[str]:
    """Command line of a Python whose processor has no VNNI: this one, or where the environment asks an emulated one."""
    flags = re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    if platform.machine() != "x86_64" or flags is None:
        pytest.skip("for x86-64 processors")
    if "avx2" in flags[1].split() and "vnni" not in flags[1]:
        return [sys.executable]
    if os.environ.get("EDGEAFFECT_TEST_EMULATION") != "1" or shutil.which("qemu-x86_64-static") is None:
        pytest.skip("this processor has VNNI; minutes of emulation: EDGEAFFECT_TEST_EMULATION=1, qemu-x86_64-static")
    return ["qemu-x86_64-static", "-cpu", "Haswell", os.path.realpath(sys.executable)]


def test_seven_bits_give_the_same_labels_on_a_processor_without_vnni(tmp_path: Path) -> None:
    """8 bits saturate there in silence."""
    pytest.importorskip("skimage")
    python = without_vnni()
    source = find(None, "affect", float32=True)
    crops = load_crops(None, source.spec)
    files = [source.path]
    for peak in (SCHEMES["onnxruntime"].weight_peak, 127):
        # In integers throughout: most of what overflows does so in the first layer, which ours would leave in float32.
        scheme = dataclasses.replace(SCHEMES["onnxruntime"], weight_peak=peak, least_inputs=1, least_product=1)
        files.append(tmp_path / f"{peak}.onnx")
        convert(source.path, files[-1], "int8", crops, backend="onnxruntime", max_drop=100, scheme=scheme)
    np.save(tmp_path / "inputs.npy", np.concatenate(crops.inputs[:64]))
    arguments = ["-c", RUN_EVERY_FILE, str(tmp_path / "inputs.npy"), str(tmp_path / "outputs.npy"), *map(str, files)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([*python, *arguments], check=True, capture_output=True, env=environment, timeout=900)
    floats, seven, eight = np.load(tmp_path / "outputs.npy")
    assert (seven.argmax(1) == floats.argmax(1)).all()
    assert np.abs(seven - floats).max() < 0.1 < np.abs(eight - floats).max()


def mean_square(values: np.ndarray, bounds: tuple[float, float], steps: int) -> float:
    """Naive: quantise every value in float64."""
    step = (bounds[1] - bounds[0]) / steps
    rounded = np.clip(np.rint(values / step) * step, *bounds)
    return float(((rounded - values) ** 2).mean())


@pytest.mark.parametrize("kind", ["normal", "laplace", "uniform", "outlier"])
def test_range_is_close_to_the_best_by_brute_force(kind: str) -> None:
    random = np.random.RandomState(0)
    values = {
        "normal": random.randn(20_000),
        "laplace": random.laplace(size=20_000),
        "uniform": random.rand(20_000) * 2 - 1,
        "outlier": np.append(random.randn(200_000), 12.0),
    }[kind]
    peak = float(np.abs(values).max())
    histogram = np.histogram(values, 2048, (-peak, peak))[0]
    chosen = best_range(histogram, (-peak, peak), 254)
    brute = min(mean_square(values, (-f * peak, f * peak), 254) for f in np.linspace(0.05, 1, 96))
    assert chosen[0] == -chosen[1]
    assert mean_square(values, chosen, 254) <= 1.1 * brute
    if kind == "uniform":
        assert chosen[1] > 0.95 * peak
    if kind == "outlier":  # MinMax lets one value in 200,000 decide
        assert mean_square(values, chosen, 254) < 0.5 * mean_square(values, (-peak, peak), 254)


def test_zeros_after_a_relu_do_not_shrink_the_range() -> None:
    values = np.random.RandomState(0).rand(1000)
    histogram = np.histogram(np.append(values, np.zeros(100_000)), 2048, (0, 1))[0]
    assert best_range(histogram, (0.0, 1.0), 255)[1] > 0.9


def test_constant_tensors_have_a_range() -> None:
    assert best_range(np.zeros(2048), (0.0, 0.0), 254) == (0.0, 0.0)


def test_ranges_are_those_of_the_tensors(model: ModelFile, crops: Crops) -> None:
    graph = load_float_graph(model.path)
    ranges = measure_ranges(graph, ["image", "t1"], crops, symmetric=False)
    low, high = min(x.min() for x in crops.inputs), max(x.max() for x in crops.inputs)
    assert low <= ranges["image"][0] < 0 and 0 < ranges["image"][1] <= high
    assert ranges["t1"][0] == 0.0  # after a ReLU
    both = measure_ranges(graph, ["image"], crops, symmetric=True)["image"]
    assert both[0] == -both[1]
