"""The export, step by step: load, convert, rewrite, lower the precision, compare, write, build."""

from __future__ import annotations

import json
import logging
import os
import platform
import shutil
import tempfile
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch

from edgeaffect._files import file_sha256
from edgeaffect._lazy import require
from edgeaffect._version import __version__
from edgeaffect.models.spec import ModelSpec
from edgeaffect.runtime.tensorrt.build import build_engine
from edgeaffect.runtime.tensorrt.builder import ProgressCallback
from edgeaffect.runtime.tensorrt.variants import find_variant

from . import inputs, parity, passes
from .defaults import ENGINE_FILE, MAX_DROP, MODEL_FILE, PRECISIONS, REPORT_FILE, TARGETS
from .load import Program, load
from .onnx_export import run_program, to_onnx
from .precision import Crops, convert, load_crops

SCHEMA = "edgeaffect.export/1"
_RANDOM_PICTURES = 4
_PARITY_FACES = 64

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
    progress: ProgressCallback | None = None,
) -> dict[str, Any]:
    """Export a checkpoint, or a model in memory, into a folder.

    Writes `model.onnx` (with its `ModelSpec` inside), `report.json` and, for `tensorrt`, `model.engine`. Nothing is
    written unless ONNX Runtime computes what PyTorch computes, on random pictures and on real faces.

    Args:
        model: checkpoint file, `nn.Module` or ScriptModule (a copy in evaluation mode is exported), or
            ExportedProgram.
        output: folder; made if it does not exist.
        arch: architecture of a checkpoint that holds weights only, see `zoo.ARCHITECTURES`.
        spec: meaning of input and outputs; needed where `arch` is not given.
        labels: class order where it is not the published one.
        to: any of `TARGETS`.
        precision: `fp32`, `fp16` or `int8`.
        calibrate: folder of pictures or `.npz` of crops (see `precision.load_crops`): the real faces for parity and
            calibration. None: views of one face that is shipped, or at lower precision scikit-image's sample.
        max_drop: largest loss at a lower precision, in points of label agreement or of cues (`precision.gate`).
        trust_pickle: read pickled objects, without running them.
        progress: called while an engine is built, see `engines.build_plan`.

    Returns:
        The report (JSON-able; schema `edgeaffect.export/1`).

    Raises:
        CheckpointError: unreadable, unsafe, or of another architecture.
        GraphError: PyTorch or a graph pass cannot express the model.
        ParityError: the result differs; nothing was written.
        DependencyError: no TensorRT is installed to build an engine with.
        PrecisionError: the lower precision costs more than `max_drop`; nothing was written.
        ValueError: an argument is out of range.
    """
    _check(to, precision, max_drop)
    loaded = load(
        Path(model) if isinstance(model, (str, os.PathLike)) else model,
        arch=arch,
        spec=spec,
        labels=labels,
        trust_pickle=trust_pickle,
    )
    if loaded.spec.task == "context" and (precision != "fp32" or calibrate is not None or "tensorrt" in to):
        raise ValueError(
            "a context model takes a body and a scene: it is exported to ONNX in fp32, checked on views of the face "
            f"that comes with edgeaffect; got precision {precision}, calibrate {calibrate}, to {', '.join(to)}"
        )
    spec = replace(loaded.spec, recipe=loaded.spec.recipe or f"edgeaffect export {loaded.source}")
    log.info("%s: converting to ONNX", loaded.source)
    graph = passes.for_tensorrt(to_onnx(loaded.program, spec))
    faces = _Faces.of(spec, calibrate, precision)
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "source": loaded.source,
        "architecture": arch,
        "real_faces": faces.source,
        "parity": _compare(loaded.program, spec, graph.SerializeToString(), faces.judging, "fp32"),
        "operators": _operators(graph),
        "opset": passes.OPSET,
        "versions": _versions(),
    }
    with tempfile.TemporaryDirectory() as work:
        verified = Path(work, MODEL_FILE)
        verified.write_bytes(graph.SerializeToString())
        spec.write_to(verified)
        if faces.crops is not None:
            log.info("%s: converting to %s", loaded.source, precision)
            lowered = Path(work, "lowered.onnx")
            backend = "tensorrt" if precision == "fp16" or "tensorrt" in to else "onnxruntime"
            result = convert(verified, lowered, precision, faces.crops, backend=backend, max_drop=max_drop)
            report["precision"] = result.to_dict()
            content = lowered.read_bytes()
            report["parity_lowered"] = _compare(loaded.program, spec, content, faces.judging, precision, max_drop)
            verified = lowered
        path = _place(verified, Path(output) / MODEL_FILE)
    report["spec"] = json.loads(ModelSpec.from_onnx(path).to_json())
    report["files"] = {MODEL_FILE: {"bytes": path.stat().st_size, "sha256": file_sha256(path)}}
    _write_report(report, path.parent)
    if "tensorrt" in to:
        log.info("building the engine: this can take minutes")
        engine = path.with_name(ENGINE_FILE)
        header = build_engine(path, engine, progress=progress).header
        report["engine"] = {
            "variant": header.variant, "version": header.version, "target": dict(header.target),
            "precision": header.precision, "profile": dict(header.profile),
        }  # fmt: skip
        report["files"][ENGINE_FILE] = {"bytes": engine.stat().st_size, "sha256": file_sha256(engine)}
        _write_report(report, path.parent)
    return report


@dataclass(frozen=True)
class _Faces:
    """The real faces of one export."""

    crops: Crops | None
    """For calibration and its gate; None in fp32."""
    judging: inputs.Given
    """What parity is measured on: nothing is calibrated with these."""
    source: str

    @classmethod
    def of(cls, spec: ModelSpec, calibrate: str | os.PathLike[str] | None, precision: str) -> _Faces:
        if precision == "fp32" and calibrate is None:
            return cls(None, inputs.sample_faces(spec), "views of the face that comes with edgeaffect")
        crops = load_crops(calibrate, spec)
        if precision == "fp32":
            return cls(None, np.concatenate(crops.take(_PARITY_FACES).inputs), crops.source)
        judging = crops.split()[1].inputs if len(crops) > 1 else crops.inputs
        return cls(crops, np.concatenate(judging), crops.source)


def _compare(
    program: Program, spec: ModelSpec, model: bytes, faces: inputs.Given, precision: str, max_drop: float = 0.0
) -> dict[str, Any]:
    """ONNX Runtime against PyTorch on noise and on real faces; raises `ParityError`."""
    tolerance = parity.TOLERANCES[precision]
    if precision != "fp32":
        tolerance = replace(tolerance, label_agreement=1.0 - max_drop / 100, cue_points=max_drop)
    sets = {
        name: (run_program(program, spec, batch), parity.run_onnx(model, spec, batch))
        for name, batch in {"random": inputs.random_inputs(spec, _RANDOM_PICTURES), "real": faces}.items()
    }
    return parity.check(spec, tolerance, sets)


def _check(to: Collection[str], precision: str, max_drop: float) -> None:
    unknown = sorted(set(to) - set(TARGETS))
    if unknown or not to:
        raise ValueError(f"targets are {', '.join(TARGETS)}; got {', '.join(unknown) or 'none'}")
    if precision not in PRECISIONS:
        raise ValueError(f"precision is one of {', '.join(PRECISIONS)}; got {precision!r}")
    if "tensorrt" in to:
        find_variant(None)  # a missing TensorRT is better known before the work than after it
    if not 0 <= max_drop < 100:
        raise ValueError(f"max_drop is in points, from 0 to below 100; got {max_drop}")


def _place(source: Path, target: Path) -> Path:
    """Copy a finished file to where it belongs, by an atomic rename."""
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    try:
        shutil.copyfile(source, partial)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    return target


def _write_report(report: dict[str, Any], folder: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        written = Path(work, REPORT_FILE)
        written.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", "utf-8")
        _place(written, folder / REPORT_FILE)


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
