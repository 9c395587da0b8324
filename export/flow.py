"""The export, step by step: load, convert, rewrite, lower the precision, compare, write, build."""

from __future__ import annotations

import json
import logging
import os
import platform
import tempfile
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import Any

import onnx
import torch

from edgeaffect._lazy import require
from edgeaffect._version import __version__
from edgeaffect.models.spec import ModelSpec

from . import inputs, parity, passes
from .defaults import ENGINE_FILE, MAX_DROP, MODEL_FILE, PRECISIONS, REPORT_FILE, TARGETS
from .load import Program, load
from .onnx_export import run_program, to_onnx

SCHEMA = "edgeaffect.export/1"
_RANDOM_PICTURES = 4

log = logging.getLogger("edgeaffect.export")


def export(
    model: str | os.PathLike[str] | Program,
    output: str | os.PathLike[str],
    *,
    arch: str | None = None,
    spec: ModelSpec | None = None,
    labels: tuple[str, ...] = (),
    to: Collection[str] = ("onnx",),
    precision: str = "fp32",
    calibrate: str | os.PathLike[str] | None = None,
    max_drop: float = MAX_DROP,
    trust_pickle: bool = False,
) -> dict[str, Any]:
    """Export a checkpoint, or a model in memory, into a folder.

    Writes `model.onnx` (with its `ModelSpec` inside), `report.json` and, for `tensorrt`, `model.engine`. Nothing is
    written unless ONNX Runtime computes what PyTorch computes, on random pictures and on real faces.

    Args:
        model: checkpoint file, `nn.Module` (in the state it is in; it is switched to evaluation), ScriptModule or
            ExportedProgram.
        output: folder; made if it does not exist.
        arch: architecture of a checkpoint that holds weights only, see `zoo.ARCHITECTURES`.
        spec: meaning of input and outputs; needed where `arch` is not given.
        labels: class order where it is not the published one.
        to: any of `TARGETS`.
        precision: `fp32`, `fp16` or `int8`.
        calibrate: folder of pictures or `.npz` of crops: the real faces for parity and calibration. None: views of
            one shipped face, which is enough to compare and too little to calibrate int8.
        max_drop: largest loss of label agreement at a lower precision, as a share of the real faces.
        trust_pickle: read pickled objects, without running them.

    Returns:
        The report (JSON-able; schema `edgeaffect.export/1`).

    Raises:
        CheckpointError: unreadable, unsafe, or of another architecture.
        GraphError: PyTorch or a graph pass cannot express the model.
        ParityError: the result differs; nothing was written.
        ValueError: an argument is out of range.
    """
    _check(to, precision, calibrate, max_drop)
    folder = Path(output)
    source = Path(calibrate) if calibrate is not None else None
    loaded = load(
        Path(model) if isinstance(model, (str, os.PathLike)) else model,
        arch=arch,
        spec=spec,
        labels=labels,
        trust_pickle=trust_pickle,
    )
    spec = replace(loaded.spec, recipe=loaded.spec.recipe or f"edgeaffect export {loaded.source}")
    log.info("%s: exporting to ONNX", loaded.source)
    graph = passes.for_tensorrt(to_onnx(loaded.program, spec))

    pictures = {"random": inputs.random_inputs(spec, _RANDOM_PICTURES), "real": inputs.real_inputs(spec, source)}
    expected = {name: run_program(loaded.program, spec, batch) for name, batch in pictures.items()}
    details: dict[str, Any] = {}
    if precision != "fp32":
        from . import precision as lower

        graph, details = lower.convert(graph, spec, precision, crops=pictures["real"], max_drop=max_drop)
    tolerance = parity.TOLERANCES[precision]
    if precision != "fp32":
        tolerance = replace(tolerance, label_agreement=1.0 - max_drop)
    content = graph.SerializeToString()
    sets = {name: (expected[name], parity.run_onnx(content, spec, batch)) for name, batch in pictures.items()}
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "source": loaded.source,
        "architecture": arch,
        "real_faces": str(source) if source is not None else "views of the shipped sample face",
        "precision": {"requested": precision, **details},
        "parity": parity.check(spec, tolerance, sets),
        "operators": _operators(graph),
        "opset": passes.OPSET,
        "spec": spec.to_dict(),
        "versions": _versions(),
    }
    path = _write_model(folder, content, spec)
    report["files"] = {MODEL_FILE: {"bytes": path.stat().st_size}}
    if "tensorrt" in to:
        report["engine"] = _build_engine(path, folder / ENGINE_FILE)
        report["files"][ENGINE_FILE] = {"bytes": (folder / ENGINE_FILE).stat().st_size}
    _replace(folder / REPORT_FILE, (json.dumps(report, indent=2, allow_nan=False) + "\n").encode())
    return report


def _check(to: Collection[str], precision: str, calibrate: object, max_drop: float) -> None:
    unknown = sorted(set(to) - set(TARGETS))
    if unknown or not to:
        raise ValueError(f"targets are {', '.join(TARGETS)}; got {', '.join(unknown) or 'none'}")
    if precision not in PRECISIONS:
        raise ValueError(f"precision is one of {', '.join(PRECISIONS)}; got {precision!r}")
    if not 0 <= max_drop < 1:
        raise ValueError(f"max_drop is a share in [0, 1); got {max_drop}")
    if precision == "int8" and calibrate is None:
        raise ValueError("int8 needs real faces to calibrate with: give a folder of pictures or an .npz of crops")


def _write_model(folder: Path, content: bytes, spec: ModelSpec) -> Path:
    """`model.onnx` with its spec, by an atomic rename: nobody sees a file without one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / MODEL_FILE
    temporary = folder / f".{MODEL_FILE}.partial"
    try:
        temporary.write_bytes(content)
        spec.write_to(temporary)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _replace(path: Path, content: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "wb") as stream:
        stream.write(content)
    os.chmod(temporary, 0o644)
    os.replace(temporary, path)


def _build_engine(model: Path, engine: Path) -> dict[str, Any]:
    from edgeaffect.engines.build import build_engine

    log.info("building the engine: this can take minutes")
    built = build_engine(model, engine)
    return built.header.to_dict()


def _operators(model: onnx.ModelProto) -> dict[str, int]:
    kinds = [node.op_type for node in model.graph.node]
    return {kind: kinds.count(kind) for kind in sorted(set(kinds))}


def _versions() -> dict[str, str]:
    return {
        "edgeaffect": __version__,
        "torch": str(torch.__version__),
        "onnx": str(onnx.__version__),
        "onnxruntime": str(require("onnxruntime").__version__),
        "python": platform.python_version(),
    }
