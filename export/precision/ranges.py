"""Ranges of activations, from real inputs.

Rule: the range that minimises the expected square of the quantisation error over the histogram of a tensor (rounding
inside, clipping outside). MinMax is its limit for tensors without a tail and is thrown off by a single outlier;
a fixed percentile needs a number per network; TensorRT's entropy rule assumes that the shape of the histogram is what
matters, which fails for signed tensors with few values. The square error asks for what is wanted and has no knob.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from edgeaffect._lazy import require

from ..graph import Graph
from .crops import Crops

_BATCH = 4  # inner tensors of a 224-pixel network take tens of megabytes per picture
_BINS = 2048
_SHRINK = np.linspace(1.0, 0.1, 91)
"""Shares of the full range that are tried."""

Range = tuple[float, float]


def measure_ranges(graph: Graph, tensors: Iterable[str], crops: Crops, *, symmetric: bool) -> dict[str, Range]:
    """Least and greatest value to represent, per tensor.

    Args:
        graph: in float32.
        tensors: names.
        symmetric: whether ranges are [-a, a] (255 levels), else any that holds 0 (256 levels).
    """
    names = list(dict.fromkeys(tensors))
    session = tapped_session(graph, names)
    extremes: dict[str, Range] = {}
    for values in _run(session, names, crops):
        for name, value in values.items():
            low, high = extremes.get(name, (0.0, 0.0))
            extremes[name] = (min(low, float(value.min())), max(high, float(value.max())))
    if symmetric:
        extremes = {n: (-max(-low, high), max(-low, high)) for n, (low, high) in extremes.items()}
    histograms = {name: np.zeros(_BINS) for name in names}
    for values in _run(session, names, crops):
        for name, value in values.items():
            low, high = extremes[name]
            if high > low:
                histograms[name] += np.histogram(value, _BINS, (low, high))[0]
    levels = 254 if symmetric else 255
    return {name: best_range(histograms[name], extremes[name], levels) for name in names}


def best_range(histogram: NDArray[Any], extremes: Range, steps: int) -> Range:
    """Range with the least expected square error.

    Args:
        histogram: counts over equal bins between `extremes`.
        extremes: least and greatest value; least <= 0 <= greatest.
        steps: steps between them once quantised.
    """
    low, high = extremes
    if not high > low or not histogram.sum():
        return extremes
    centers = low + (np.arange(len(histogram)) + 0.5) * (high - low) / len(histogram)
    share = histogram / histogram.sum()
    best, best_error = extremes, np.inf
    for factor in _SHRINK:
        a, b = low * factor, high * factor
        outside = np.maximum(centers - b, 0.0) + np.maximum(a - centers, 0.0)
        # Exact zeros (after ReLU, most values) are represented exactly and must not vote for a smaller step.
        rounding = ((b - a) / steps) ** 2 / 12 * float(share[np.abs(centers) > (high - low) / len(histogram)].sum())
        error = rounding + float((share * outside**2).sum())
        if error < best_error:
            best, best_error = (a, b), error
    return best


def tapped_session(graph: Graph, names: Iterable[str]) -> Any:
    """An ONNX Runtime session that gives inner tensors as outputs."""
    ort = require("onnxruntime")
    model = onnx.ModelProto()
    model.CopyFrom(graph.model)
    present = {v.name for v in (*model.graph.output, *model.graph.input)}
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names if name not in present)
    return session_of(model, ort)


def session_of(model: onnx.ModelProto | Path, ort: Any = None) -> Any:
    """A quiet ONNX Runtime session with one thread."""
    ort = ort or require("onnxruntime")
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source = str(model) if isinstance(model, Path) else model.SerializeToString()
    return ort.InferenceSession(source, options, providers=["CPUExecutionProvider"])


def _run(session: Any, names: list[str], crops: Crops) -> Iterable[dict[str, NDArray[Any]]]:
    feed = session.get_inputs()[0]
    size = feed.shape[0] if isinstance(feed.shape[0], int) else None
    outputs = {o.name for o in session.get_outputs()}
    wanted = [n for n in names if n in outputs]
    for batch in crops.batches(size or _BATCH):
        values = dict(zip(wanted, session.run(wanted, {feed.name: batch}), strict=True)) if wanted else {}
        if feed.name in names:
            values[feed.name] = batch
        yield values
