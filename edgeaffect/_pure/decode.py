"""decode_faces and nms in NumPy; the contract stands in csrc/detect/detect_decode.h."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .arguments import require

_CHANNELS = 15
# The limits of csrc/detect/detect_decode.h.
_MAX_CANDIDATES = 100_000
_MAX_STRIDE = 1 << 16
_MAX_MAP_CELLS = 1 << 26


def _check_share(value: float, name: str) -> None:
    require(0 <= value <= 1, f"{name} must be in 0..1; got {value:.6f}")


def _check_floats(array: NDArray[Any], name: str) -> None:
    if not isinstance(array, np.ndarray) or array.dtype != np.float32:
        raise TypeError(f"{name} must be a float32 array")


def _suppress(boxes: NDArray[np.float32], threshold: float, limit: int) -> list[int]:
    """Kept indices of boxes that come by falling score."""
    size = np.maximum(boxes[:, 2:] - boxes[:, :2], 0)
    area = size[:, 0] * size[:, 1]
    kept: list[int] = []
    for i in range(len(boxes)):
        if len(kept) == limit:
            break
        overlap = np.minimum(boxes[kept, 2:], boxes[i, 2:]) - np.maximum(boxes[kept, :2], boxes[i, :2])
        overlap = np.maximum(overlap, 0)
        both = overlap[:, 0] * overlap[:, 1]
        # both > 0 implies a union > 0
        union = np.where(both > 0, area[kept] + area[i] - both, 1)
        if not (both / union > np.float32(threshold)).any():
            kept.append(i)
    return kept


def _check_finite(ok: NDArray[np.bool_], what: str, cells: NDArray[np.int64], stride: int, width: int) -> None:
    if not ok.all():
        row, column = divmod(int(cells[np.argmin(ok)]), width)
        raise ValueError(f"{what} is not finite at stride {stride}, row {row}, column {column}")


def _candidates(outputs: NDArray[Any], stride: int, logit: np.float32) -> tuple[NDArray[Any], NDArray[Any]]:
    """Logits [n] and, per cell that is not below the threshold, box and landmarks [n, 14] in input pixels."""
    _, _, height, width = outputs.shape
    flat = outputs.reshape(_CHANNELS, height * width)
    cells = np.flatnonzero(~(flat[0] < logit))  # keeps NaN
    _check_finite(np.isfinite(flat[0, cells]), "the score logit", cells, stride, width)
    centre = np.stack([cells % width + np.float32(0.5), cells // width + np.float32(0.5)], axis=1).astype(np.float32)
    sign = np.array([-1, -1, 1, 1] + [1] * 10, np.float32)
    values = (np.tile(centre, 7) + flat[1:, cells].T * sign) * np.float32(stride)
    return flat[0, cells], np.concatenate([values, np.full((len(cells), 1), stride), cells[:, None]], axis=1)


def decode_faces(
    outputs: Sequence[NDArray[np.float32]],
    strides: Sequence[int],
    *,
    score_threshold: float,
    iou_threshold: float,
    top_k: int,
    max_faces: int,
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Boxes [n, 4], scores [n], landmarks [n, 5, 2], best first; see `edgeaffect._core.decode_faces`."""
    require(
        len(outputs) == len(strides),
        f"outputs and strides differ in length: {len(outputs)} maps, {len(strides)} strides",
    )
    require(
        0 < score_threshold < 1,
        f"score_threshold must be between 0 and 1, both excluded; got {score_threshold:.6f}",
    )
    _check_share(iou_threshold, "iou_threshold")
    require(1 <= top_k <= _MAX_CANDIDATES, f"top_k must be 1 to {_MAX_CANDIDATES}; got {top_k}")
    require(max_faces >= 1, f"max_faces must be at least 1; got {max_faces}")
    threshold = np.float32(score_threshold)
    with np.errstate(divide="ignore"):  # thresholds that are 0 or 1 as float32
        logit = np.log(threshold / (np.float32(1) - threshold))
    logits, rows = [np.empty(0, np.float32)], [np.empty((0, 16))]
    for i, (maps, stride) in enumerate(zip(outputs, strides, strict=True)):
        _check_floats(maps, f"outputs[{i}]")
        require(
            maps.ndim == 4 and maps.shape[:2] == (1, _CHANNELS),
            f"outputs[{i}] must have shape [1, 15, h, w]; got {list(maps.shape)}",
        )
        require(
            maps.size // _CHANNELS <= _MAX_MAP_CELLS,
            f"outputs[{i}] must have at most {_MAX_MAP_CELLS} cells; got shape {list(maps.shape)}",
        )
        require(1 <= stride <= _MAX_STRIDE, f"strides must be 1 to {_MAX_STRIDE}; got {stride}")
        found, values = _candidates(maps, stride, logit)
        logits.append(found)
        rows.append(values)
    all_logits, all_rows = np.concatenate(logits), np.concatenate(rows)
    order = np.argsort(-all_logits, kind="stable")[:top_k]
    all_logits, all_rows = all_logits[order], all_rows[order]
    values = all_rows[:, :14].astype(np.float32)
    for columns, what in ((slice(0, 4), "a box value"), (slice(4, 14), "a landmark value")):
        ok = np.isfinite(values[:, columns]).all(axis=1)
        if not ok.all():
            stride, cell = (int(v) for v in all_rows[np.argmin(ok), 14:])
            width = outputs[list(strides).index(stride)].shape[3]
            raise ValueError(f"{what} is not finite at stride {stride}, row {cell // width}, column {cell % width}")
    kept = _suppress(values[:, :4], iou_threshold, max_faces)
    scores = 1 / (1 + np.exp(-all_logits[kept]))
    return values[kept, :4], scores.astype(np.float32), values[kept, 4:].reshape(-1, 5, 2)


def nms(boxes: NDArray[np.float32], scores: NDArray[np.float32], iou: float) -> NDArray[np.int64]:
    """Kept indices by falling score; see `edgeaffect._core.nms`."""
    _check_floats(boxes, "boxes")
    _check_floats(scores, "scores")
    require(boxes.ndim == 2 and boxes.shape[1] == 4, f"boxes must have shape [n, 4]; got {list(boxes.shape)}")
    require(
        scores.shape == boxes.shape[:1],
        f"scores must have shape [n] with one score per box; got {list(scores.shape)} for boxes {list(boxes.shape)}",
    )
    require(len(boxes) <= _MAX_CANDIDATES, f"boxes must be at most {_MAX_CANDIDATES}; got {len(boxes)}")
    _check_share(iou, "iou")
    finite = np.isfinite(scores) & np.isfinite(boxes).all(axis=1)
    if not finite.all():
        raise ValueError(f"boxes and scores must be finite; entry {int(np.argmin(finite))} is not")
    order = np.argsort(-scores, kind="stable")
    return order[_suppress(boxes[order], iou, len(boxes))].astype(np.int64)
