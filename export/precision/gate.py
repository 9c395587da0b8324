"""How far a graph in lower precision is from the float32 one, on real inputs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray

from edgeaffect import native
from edgeaffect.errors import SpecError
from edgeaffect.models.spec import ModelSpec, OutputSpec

from ..cue_measure import CueDeviation, CueMeasure
from .crops import BATCH, Crops
from .ranges import session_of

Arrays = dict[str, NDArray[Any]]

_SAME_FACE_IOU = 0.5
_TINY = 1e-9


@dataclass(frozen=True)
class Deviation:
    """Against float32. `drop` is what the gate looks at."""

    drop: float
    """Points (per cent). Of classes: inputs whose label changed. Of valence and arousal alone: root mean square
    difference over the width of the scale, 2. Of a detector: 1 - F1 of its faces, matched at IoU 0.5. Of cues: the
    worst of `CueDeviation`, where 1 % of the box, 0.01 of a blendshape and 1 degree are a point each."""
    loss: float
    """Smooth measure for ranking layers: Kullback-Leibler divergence of classes, else relative square error."""
    va_rmse: float | None
    """Root mean square difference of valence and arousal."""
    cues: CueDeviation | None
    """Mean differences of landmarks, blendshapes and angles."""
    largest: float
    """Largest difference of any output over that output's largest magnitude."""
    count: int
    """Inputs compared."""


class Judge:
    """Compares models with one float32 model on the same inputs.

    Args:
        model: the float32 model.
        spec: what its outputs mean.
        crops: the inputs.
    """

    def __init__(self, model: onnx.ModelProto, spec: ModelSpec, crops: Crops) -> None:
        self._spec = spec
        self._crops = crops
        self._distribution = next((o for m in ("probabilities", "logits", "log_probs") if (o := spec.output(m))), None)
        self._va = [o for m in ("valence", "arousal", "vad_mean") if (o := spec.output(m))]
        self._cues = CueMeasure.of(spec)
        if self._distribution is None and not self._va and self._cues is None and spec.detector is None:
            raise SpecError(
                f"{spec.name}: no output with classes, valence, cues or faces, so there is nothing to judge by"
            )
        self._reference = self._run(model)

    def measure(self, model: onnx.ModelProto) -> Deviation:
        """Deviation of `model`; all NaN outputs count as all wrong."""
        outputs = self._run(model)
        pairs = list(zip(self._reference, outputs, strict=True))
        largest = max(_relative_difference(a, b, name) for a, b in pairs for name in a)
        va_rmse = self._va_rmse(pairs) if self._va else None
        cues = None if self._cues is None else self._cues.compare(*(_joined(side) for side in zip(*pairs, strict=True)))
        if self._distribution is not None:
            drop, loss = self._compare_classes(pairs, self._distribution)
        elif self._spec.detector is not None:
            drop, loss = self._compare_faces(pairs), _relative_square_error(pairs)
        elif cues is not None:
            drop, loss = cues.points, _relative_square_error(pairs)
        else:
            assert va_rmse is not None  # __init__ made sure of it
            drop, loss = 50 * va_rmse, _relative_square_error(pairs)
        return Deviation(drop, loss, va_rmse, cues, largest, len(self._crops))

    def _run(self, model: onnx.ModelProto) -> list[Arrays]:
        session = session_of(model)
        feed = session.get_inputs()[0]
        size = feed.shape[0] if isinstance(feed.shape[0], int) else BATCH
        names = [o.name for o in session.get_outputs()]
        rows = (session.run(names, {feed.name: batch}) for batch in self._crops.batches(size))
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _compare_classes(self, pairs: list[tuple[Arrays, Arrays]], output: OutputSpec) -> tuple[float, float]:
        p, q = (np.concatenate([_distribution(row, output) for row in side]) for side in zip(*pairs, strict=True))
        changed = (p.argmax(1) != q.argmax(1)) | ~np.isfinite(q).all(1)
        kl = (p * (np.log(p + _TINY) - np.log(q + _TINY))).sum(1)
        return 100 * float(changed.mean()), float(np.nan_to_num(kl, nan=1e3).mean())

    def _va_rmse(self, pairs: list[tuple[Arrays, Arrays]]) -> float:
        squares = []
        for output in self._va:
            a, b = (np.concatenate([_columns(row, output)[:, :2] for row in side]) for side in zip(*pairs, strict=True))
            squares.append(np.nan_to_num(a - b, nan=2.0) ** 2)
        return float(np.sqrt(np.concatenate([s.ravel() for s in squares]).mean()))

    def _compare_faces(self, pairs: list[tuple[Arrays, Arrays]]) -> float:
        matched = total = 0
        for a, b in pairs:
            for i in range(len(next(iter(a.values())))):
                first, second = self._faces(a, i), self._faces(b, i)
                matched += 2 * _count_matches(first, second)
                total += len(first) + len(second)
        return 100 * (1 - matched / total) if total else 0.0

    def _faces(self, outputs: Arrays, row: int) -> NDArray[np.float32]:
        detector = self._spec.detector
        assert detector is not None  # the caller's case
        names = [o.name for o in self._spec.outputs if o.meaning == "detector_stride"]
        maps = [np.ascontiguousarray(np.nan_to_num(outputs[n][row : row + 1], nan=-50.0)) for n in names]
        boxes, _, _ = native.decode_faces(
            maps, detector.strides, score_threshold=detector.nms.score_threshold,
            iou_threshold=detector.nms.iou, top_k=detector.nms.top_k, max_faces=100,
        )  # fmt: skip
        return boxes


def _joined(rows: tuple[Arrays, ...]) -> Arrays:
    return {name: np.concatenate([row[name] for row in rows]) for name in rows[0]}


def _columns(outputs: Arrays, output: OutputSpec) -> NDArray[np.float64]:
    values = np.asarray(outputs[output.name], np.float64)
    values = values[:, None] if values.ndim == 1 else values
    return values[:, slice(*output.slice)] if output.slice else values


def _distribution(outputs: Arrays, output: OutputSpec) -> NDArray[np.float64]:
    values = _columns(outputs, output)
    if output.meaning == "probabilities":
        return np.clip(values, 0, None)
    shifted = np.exp(values - values.max(1, keepdims=True))
    return shifted / shifted.sum(1, keepdims=True)


def _relative_difference(a: Arrays, b: Arrays, name: str) -> float:
    scale = max(float(np.abs(a[name]).max(initial=0.0)), _TINY)
    difference = np.abs(a[name].astype(np.float64) - b[name].astype(np.float64)).max(initial=0.0)
    return float(difference) / scale if np.isfinite(difference) else float("inf")


def _relative_square_error(pairs: list[tuple[Arrays, Arrays]]) -> float:
    errors = []
    for a, b in pairs:
        for name in a:
            difference = np.nan_to_num(a[name].astype(np.float64) - b[name], nan=1e3, posinf=1e3, neginf=-1e3)
            errors.append((difference**2).mean() / max(float((a[name].astype(np.float64) ** 2).mean()), _TINY))
    return float(np.mean(errors))


def _count_matches(first: NDArray[np.float32], second: NDArray[np.float32]) -> int:
    """Faces of `first` that have a face of their own in `second`, best overlap first."""
    if not len(first) or not len(second):
        return 0
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inner = np.clip(high - low, 0, None).prod(2)
    areas = [(b[:, 2:] - b[:, :2]).prod(1) for b in (first, second)]
    iou = inner / np.maximum(areas[0][:, None] + areas[1][None] - inner, _TINY)
    count = 0
    while iou.size and iou.max() >= _SAME_FACE_IOU:
        i, j = np.unravel_index(iou.argmax(), iou.shape)
        iou = np.delete(np.delete(iou, i, 0), j, 1)
        count += 1
    return count
