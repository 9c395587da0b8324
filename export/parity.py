"""The parity gate: does the exported graph compute what the original computes?"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.models.spec import ModelSpec, OutputSpec

from .cue_measure import CUES, CueMeasure
from .errors import ParityError
from .inputs import Given, feeds_of, row_count
from .onnx_export import output_names

Outputs = Mapping[str, NDArray[np.float32]]

_DISTRIBUTIONS = ("logits", "log_probs", "probabilities", "votes")
_AFFECT = ("valence", "arousal", "dominance", "vad_mean")
_CHUNK = 8


@dataclass(frozen=True)
class Tolerance:
    """What may differ at one precision."""

    relative: float
    """Largest difference of a tensor over its largest magnitude."""
    cosine: float
    """Least cosine similarity of any picture's tensor."""
    label_agreement: float
    """Least share of real faces with the same label."""
    va_rmse: float
    """Largest root mean square difference of valence, arousal or dominance (clamped to [-1, 1]) on real faces."""
    cue_points: float
    """Largest `CueDeviation.points` on real faces."""


# fp32: other summation orders over some hundred layers; below 1e-5 on the whole zoo (tests/export/test_export.py).
# fp16 and int8: 11 and 8 significant bits; labels and affect on real faces decide, noise pictures are not held
# to them below fp16, where they fall outside the calibrated ranges. The cosine of an angle near 0 means nothing:
# cues are held to their own measure instead.
TOLERANCES: Mapping[str, Tolerance] = {
    "fp32": Tolerance(relative=1e-4, cosine=0.99999, label_agreement=1.0, va_rmse=1e-4, cue_points=1e-2),
    "fp16": Tolerance(relative=5e-2, cosine=0.999, label_agreement=0.99, va_rmse=1e-2, cue_points=1.0),
    "int8": Tolerance(relative=float("inf"), cosine=0.97, label_agreement=0.99, va_rmse=5e-2, cue_points=1.0),
}


def run_onnx(model: bytes, spec: ModelSpec, inputs: Given) -> dict[str, NDArray[np.float32]]:
    """Outputs of an ONNX model in ONNX Runtime on the CPU, by name; batches of several sizes are used."""
    ort = require("onnxruntime")
    options = ort.SessionOptions()
    options.log_severity_level = 3
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    names = output_names(spec)
    # The first picture alone: a batch axis that is baked in shows as an error or as other numbers.
    feeds, count = feeds_of(spec, inputs), row_count(inputs)
    bounds = [0, 1, *range(1 + _CHUNK, count, _CHUNK), count]
    try:
        parts = [
            session.run(names, {name: batch[a:b] for name, batch in feeds.items()})
            for a, b in itertools.pairwise(bounds)
            if b > a
        ]
    except Exception as error:  # ONNX Runtime's exceptions have no common public base
        raise ParityError(f"the exported graph does not run on batches of 1 and {_CHUNK}: {error}") from error
    return {n: np.concatenate([np.asarray(p[i], np.float32) for p in parts]) for i, n in enumerate(names)}


def compare(spec: ModelSpec, expected: Outputs, got: Outputs) -> dict[str, Any]:
    """Measures of agreement.

    Returns:
        `tensors`: name -> max_abs, max_relative, min_cosine, finite; `labels`: meaning -> agreement;
        `affect`: meaning -> RMSE; `cues`: a `CueDeviation` and its `points`, None where the model gives no cues.
    """
    tensors = {name: _compare_tensor(expected[name], got[name]) for name in expected}
    result: dict[str, Any] = {"pictures": len(next(iter(expected.values()))), "tensors": tensors}
    result["labels"] = {
        o.meaning: _label_agreement(_take(expected, o), _take(got, o))
        for o in spec.outputs
        if o.meaning in _DISTRIBUTIONS
    }
    result["affect"] = {
        o.meaning: _rmse(o.scaled(_take(expected, o)).clip(-1, 1), o.scaled(_take(got, o)).clip(-1, 1))
        for o in spec.outputs
        if o.meaning in _AFFECT
    }
    measure = CueMeasure.of(spec)
    result["cues"] = None
    if measure is not None:
        cues = measure.compare(expected, got)
        result["cues"] = {**asdict(cues), "points": cues.points}
    return result


def _compare_tensor(expected: NDArray[np.float32], got: NDArray[np.float32]) -> dict[str, Any]:
    if expected.shape != got.shape:
        hint = ": the batch size is baked into the graph" if expected.shape[1:] == got.shape[1:] else ""
        raise ParityError(f"an output has shape {list(got.shape)} instead of {list(expected.shape)}{hint}")
    a, b = expected.astype(np.float64).reshape(len(expected), -1), got.astype(np.float64).reshape(len(got), -1)
    finite = bool(np.isfinite(a).all() and np.isfinite(b).all())
    if not finite:
        return {"finite": False, "max_abs": None, "max_relative": None, "min_cosine": None}
    largest = float(np.abs(a - b).max())
    norms = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    # Two zero vectors agree.
    cosine = np.where(norms > 0, (a * b).sum(1) / np.where(norms > 0, norms, 1), (a == b).all(1))
    return {
        "finite": True,
        "max_abs": largest,
        "max_relative": largest / max(float(np.abs(a).max()), np.finfo(np.float32).tiny),
        "min_cosine": float(cosine.min()),
    }


def _take(outputs: Outputs, spec: OutputSpec) -> NDArray[np.float32]:
    values = outputs[spec.name]
    return values[:, slice(*spec.slice)] if spec.slice else values


def _label_agreement(expected: NDArray[np.float32], got: NDArray[np.float32]) -> float:
    """Share of pictures whose label is the original's, or one that the original puts level with it."""
    chosen = expected[np.arange(len(expected)), got.argmax(1)]
    level = 1e-4 * np.abs(expected).max()
    return float((chosen >= expected.max(1) - level).mean())


def _rmse(expected: NDArray[np.float32], got: NDArray[np.float32]) -> float:
    return float(np.sqrt(np.mean((expected.astype(np.float64) - got) ** 2)))


def failures(
    spec: ModelSpec, measured: Mapping[str, Any], tolerance: Tolerance, where: str, *, real: bool
) -> list[str]:
    """What is out of tolerance, one line each; labels, affect and cues count on real faces only."""
    cues = {output.name for output in spec.outputs if output.meaning in CUES}
    found = []
    for name, tensor in measured["tensors"].items():
        if not tensor["finite"]:
            found.append(f"{where}: {name} holds values that are not finite")
            continue
        if tensor["max_relative"] > tolerance.relative:
            found.append(f"{where}: {name} differs by {tensor['max_relative']:.2e} (allowed {tolerance.relative:.0e})")
        if real and name not in cues and tensor["min_cosine"] < tolerance.cosine:
            found.append(f"{where}: {name} has cosine {tensor['min_cosine']:.6f} (at least {tolerance.cosine})")
    if real:
        for meaning, share in measured["labels"].items():
            if share < tolerance.label_agreement:
                found.append(
                    f"{where}: labels by {meaning} agree on {share:.2%} (at least {tolerance.label_agreement:.2%})"
                )
        for meaning, error in measured["affect"].items():
            if error > tolerance.va_rmse:
                found.append(f"{where}: {meaning} has RMSE {error:.4f} (allowed {tolerance.va_rmse})")
        if measured["cues"] is not None and measured["cues"]["points"] > tolerance.cue_points:
            found.append(
                f"{where}: cues differ by {measured['cues']['points']:.2f} points (allowed {tolerance.cue_points})"
            )
    return found


def check(spec: ModelSpec, tolerance: Tolerance, sets: Mapping[str, tuple[Outputs, Outputs]]) -> dict[str, Any]:
    """Compare each set of (expected, got) outputs; the sets are called `random` and `real`.

    Returns:
        The report's `parity` section.

    Raises:
        ParityError: something is out of tolerance; the message lists every measure that is.
    """
    measured = {name: compare(spec, expected, got) for name, (expected, got) in sets.items()}
    found = [f for name, m in measured.items() for f in failures(spec, m, tolerance, name, real=name == "real")]
    if found:
        raise ParityError("the exported model differs from the original; nothing was written:\n  " + "\n  ".join(found))
    limits = {k: v if np.isfinite(v) else None for k, v in asdict(tolerance).items()}
    return {"tolerance": limits, **measured}
