"""fp32 ONNX -> fp16 or int8 ONNX, judged against the original before anything is written."""

from __future__ import annotations

import dataclasses
import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto

from edgeaffect._files import atomic_writer
from edgeaffect.errors import Error
from edgeaffect.models.precision import INTEGERS_KEY, PRECISION_KEY, graph_precision
from edgeaffect.models.spec import METADATA_KEY, ModelSpec

from ..defaults import MAX_DROP
from ..graph import Graph
from . import int8
from .crops import Crops
from .float16 import emulate_float16, half_layers, to_float16
from .gate import Deviation, Judge
from .layers import load_float_graph
from .pooling import pools_as_convolutions
from .ranges import measure_ranges
from .speed import Speed, compare_speed

log = logging.getLogger("edgeaffect.export")

BACKENDS = tuple(int8.SCHEMES)
_LEAST_CROPS = 50
_SEARCH_CROPS = 48
_NAMED = 5

UNVERIFIED = (
    "This lists what the graph asks for. Which kernels a device really runs is unverified until the engine inspector "
    "has run there: edgeaffect engines inspect FILE"
)


class PrecisionError(Error, RuntimeError):
    """The model loses more than allowed; nothing was written."""


@dataclass(frozen=True)
class PrecisionResult:
    """What was made and how far it is from float32."""

    path: Path
    precision: str
    backend: str
    deviation: Deviation
    max_drop: float
    kept: tuple[str, ...]
    """Layers left in float32, worst first."""
    sensitivity: tuple[tuple[str, float], ...]
    """Layer -> loss with this layer alone in lower precision, worst first; empty when no search was needed."""
    layers: tuple[tuple[str, str, str], ...]
    """Name, operator and precision of every node of the graph."""
    calibration: str
    speed: Speed | None
    """ONNX Runtime on this CPU; None for other backends."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "file": self.path.name,
            "precision": self.precision,
            "backend": self.backend,
            "deviation_from_float32": dataclasses.asdict(self.deviation),
            "max_drop": self.max_drop,
            "calibrated_on": self.calibration,
            "kept_in_float32": list(self.kept),
            "sensitivity": [{"layer": name, "loss": loss} for name, loss in self.sensitivity],
            "layers": [{"name": n, "operator": o, "precision": p} for n, o, p in self.layers],
            "speed_onnxruntime_cpu": None if self.speed is None else self.speed.to_dict(),
            "note": UNVERIFIED,
        }


def convert(
    source: str | os.PathLike[str],
    target: str | os.PathLike[str],
    precision: str,
    crops: Crops,
    *,
    backend: str = "tensorrt",
    max_drop: float = MAX_DROP,
    scheme: int8.Scheme | None = None,
) -> PrecisionResult:
    """Write a copy of a float32 model in lower precision.

    Half of the inputs calibrate, the other half judge. When all layers together lose more than `max_drop`, each is
    tried alone and the worst are left in float32, as few as suffice and at most half of them.

    Args:
        source: float32 ONNX file with a `ModelSpec`.
        target: where the new file goes.
        precision: `fp16` or `int8`.
        crops: real inputs, from `load_crops`.
        backend: whose rules int8 follows, `tensorrt` or `onnxruntime`. fp16 is for TensorRT alone: ONNX Runtime
            computes it in float32 on a CPU.
        max_drop: see `Deviation.drop`.
        scheme: None is the backend's own.

    Raises:
        PrecisionError: it loses more than `max_drop` however many layers are kept; the message names the worst.
        ValueError: an unknown precision or backend, too few crops, or a source that is not float32.
    """
    if precision not in ("fp16", "int8") or backend not in BACKENDS:
        allowed = f"precision must be fp16 or int8 and backend {' or '.join(BACKENDS)}"
        raise ValueError(f"{allowed}; got {precision!r} and {backend!r}")
    if len(crops) < _LEAST_CROPS:
        raise ValueError(
            f"{len(crops)} pictures are too few to calibrate and judge with: give at least {_LEAST_CROPS} (--calibrate)"
        )
    if (already := graph_precision(source)) != "fp32":
        raise ValueError(f"{source} is {already} already: convert the float32 file it was made from")
    spec = ModelSpec.from_onnx(source)
    graph = load_float_graph(Path(source))
    calibration, judging = crops.split()
    if precision == "fp16":
        candidates = _Candidates(half_layers(graph), lambda kept: emulate_float16(graph, kept))
    else:
        candidates = _int8_candidates(_prepared(graph, backend), calibration, scheme or int8.SCHEMES[backend])
    kept, deviation, sensitivity = _search(graph, spec, candidates, calibration, judging, max_drop)
    final = to_float16(graph, kept) if precision == "fp16" else candidates.make(kept)
    write(final, spec, precision, Path(target), backend)
    speed = None
    if (precision, backend) == ("int8", "onnxruntime"):
        speed = compare_speed(graph.model, final.model, judging)
        if not speed.is_worth_it:
            log.warning("int8 on ONNX Runtime is not worth it on this CPU: %s", speed)
    inputs = f"{crops.source}: {len(calibration)} inputs to calibrate, {len(judging)} to judge"
    return PrecisionResult(
        Path(target), precision, backend, deviation, max_drop, tuple(kept), tuple(sensitivity),
        layer_precisions(final), inputs, speed,
    )  # fmt: skip


@dataclass(frozen=True)
class _Candidates:
    """A family of graphs: lower precision everywhere but in some layers."""

    layers: Sequence[str]
    make: Callable[[Sequence[str]], Graph]
    """Names of the layers to keep -> the graph to judge."""


def _prepared(graph: Graph, backend: str) -> Graph:
    """The graph to quantise: the same function in operators whose integer kernels are fast."""
    if backend != "onnxruntime":
        return graph
    copy = graph.copy()
    pools_as_convolutions(copy)
    return copy


def _int8_candidates(graph: Graph, crops: Crops, scheme: int8.Scheme) -> _Candidates:
    layers = int8.chosen_layers(graph, scheme)
    if not layers:
        raise PrecisionError("the graph has no convolution or matrix product with constant weights to quantise")
    tensors = int8.quantised_tensors(graph, layers, scheme)
    ranges = measure_ranges(graph, tensors, crops, symmetric=scheme.symmetric)

    def make(kept: Sequence[str]) -> Graph:
        return int8.quantise(graph, [layer for layer in layers if layer.name not in kept], ranges, scheme)

    return _Candidates([layer.name for layer in layers], make)


def _search(
    graph: Graph, spec: ModelSpec, candidates: _Candidates, calibration: Crops, judging: Crops, max_drop: float
) -> tuple[list[str], Deviation, list[tuple[str, float]]]:
    """Layers to keep, the deviation that leaves, and each layer's loss alone (empty if none had to be kept)."""
    judge = Judge(graph.model, spec, judging)
    everything = judge.measure(candidates.make([]).model)
    if everything.drop <= max_drop:
        return [], everything, []
    log.warning(
        "all %d layers together cost %.2f points, %.2f are allowed: looking for the layers that hurt",
        len(candidates.layers), everything.drop, max_drop,
    )  # fmt: skip
    # Layers are chosen on calibration inputs, so that the judgement stays one on inputs that chose nothing.
    ranker = Judge(graph.model, spec, calibration.take(_SEARCH_CROPS))
    losses = []
    for name in candidates.layers:
        alone = [other for other in candidates.layers if other != name]
        losses.append((name, ranker.measure(candidates.make(alone).model).loss))
    losses.sort(key=lambda item: -item[1])
    worst = [name for name, _ in losses]
    most = len(worst) // 2
    found: tuple[int, Deviation] | None = None
    low, high = 1, most
    while low <= high:  # the drop falls with every layer that is kept, nearly enough for a bisection
        middle = (low + high) // 2
        deviation = judge.measure(candidates.make(worst[:middle]).model)
        if deviation.drop <= max_drop:
            found, high = (middle, deviation), middle - 1
        else:
            low = middle + 1
    if found is None:
        named = ", ".join(f"{name} ({loss:.3g})" for name, loss in losses[:_NAMED])
        raise PrecisionError(
            f"{spec.name} loses {everything.drop:.2f} points of agreement with float32 on {everything.count} inputs "
            f"({max_drop:.2f} allowed), and more than allowed even with the worst {most} of {len(worst)} layers in "
            f"float32. The layers that hurt most (loss alone): {named}. Calibrate with pictures like those it will "
            "see, raise --max-drop, or use a higher precision"
        )
    return worst[: found[0]], found[1], losses


def write(graph: Graph, spec: ModelSpec, precision: str, target: Path, backend: str = "tensorrt") -> None:
    """Write a graph with its spec (the name gets the precision as a suffix) by an atomic rename."""
    named = dataclasses.replace(spec, name=f"{spec.name}-{precision}")
    properties = {p.key: p.value for p in graph.model.metadata_props}
    properties |= {PRECISION_KEY: precision, METADATA_KEY: named.to_json()}
    if precision == "int8":
        properties[INTEGERS_KEY] = backend
    onnx.helper.set_model_props(graph.model, properties)
    onnx.checker.check_model(graph.model)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_writer(target) as stream:
        stream.write(graph.model.SerializeToString())


def layer_precisions(graph: Graph) -> tuple[tuple[str, str, str], ...]:
    """Name, operator and precision of every node: int8 where its weight comes quantised, else its output's type."""
    types = graph.element_types()
    rows = []
    for node in graph.proto.node:
        weight = graph.producers.get(node.input[1]) if len(node.input) > 1 else None
        if weight is not None and weight.op_type == "DequantizeLinear" and weight.input[0] in graph.initializers:
            kind = "int8"
        else:
            kind = TensorProto.DataType.Name(types[node.output[0]]).lower().replace("float16", "fp16")
            kind = "fp32" if kind == "float" else kind
        rows.append((node.name, node.op_type, kind))
    return tuple(rows)
