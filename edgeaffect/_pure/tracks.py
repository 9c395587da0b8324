"""Motion and association of tracked faces in NumPy. Contracts: csrc/track/track_motion.h, csrc/track/box_affinity.h."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from . import arguments as check

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]
Complexes = NDArray[np.complex128]

_NUMBERS = 14
_LEAST_SIDE = 1e-3
_LARGEST_SIDE = 4


def predict_tracks(
    state: Doubles, velocity: Doubles, time: Doubles, seen: Doubles, *, now: float, coast: float
) -> tuple[Doubles, Doubles]:
    """States at a moment, and their boxes; see `edgeaffect._core.predict_tracks`."""
    n = _rows("state", state)
    check.check_rows("velocity", velocity, (n, _NUMBERS))
    check.check_rows("time", time, (n,))
    check.check_rows("seen", seen, (n,))
    ahead = np.maximum(np.minimum(now, seen + coast) - time, 0)
    predicted: Doubles = state + velocity * ahead[:, None]
    return predicted, _boxes(predicted)


def correct_tracks(
    state: Doubles, velocity: Doubles, covariance: Doubles, time: Doubles, predicted: Doubles, measured: Doubles,
    chosen: Flags, *, now: float, process_noise: float, measurement_noise: float,
) -> None:  # fmt: skip
    """One Kalman step, in place; see `edgeaffect._core.correct_tracks`."""
    n = _rows("state", state)
    check.check_rows("velocity", velocity, (n, _NUMBERS))
    check.check_rows("covariance", covariance, (n, 3))
    check.check_rows("time", time, (n,))
    check.check_rows("predicted", predicted, (n, _NUMBERS))
    check.check_rows("measured", measured, (n, _NUMBERS))
    check.check_rows("chosen", chosen, (n,))
    q = process_noise**2
    dt = now - time[chosen]
    pp, pv, vv = covariance[chosen].T
    pp = pp + 2 * dt * pv + dt * dt * vv + q * dt**3 / 3
    pv = pv + dt * vv + q * dt * dt / 2
    vv = vv + q * dt
    total = pp + measurement_noise**2
    gain_p, gain_v = pp / total, pv / total
    residual = measured[chosen] - predicted[chosen]
    state[chosen] = predicted[chosen] + gain_p[:, None] * residual
    velocity[chosen] += gain_v[:, None] * residual
    covariance[chosen] = np.stack([(1 - gain_p) * pp, (1 - gain_p) * pv, vv - gain_v * pv], 1)
    time[chosen] = now


def move_tracks(state: Doubles, motions: Complexes) -> Doubles:
    """States under one similarity of the frame each (turn, shift: [n, 2]); for `follow_tracks`."""
    turn, shift = motions[:, :1], motions[:, 1:]
    center = turn * (state[:, :1] + 1j * state[:, 1:2]) + shift
    sides = np.exp(state[:, 2:4]) * np.abs(turn)
    points = _landmarks(state)
    apart = turn * (points[..., 0] + 1j * points[..., 1]) + shift - center
    relative = np.stack([apart.real, apart.imag], -1) / sides[:, None]
    return np.hstack([center.real, center.imag, np.log(sides), relative.reshape(-1, 10)])


def track_states(boxes: Floats, landmarks: Floats) -> Doubles:
    """Detections as states; see `edgeaffect._core.track_states`."""
    check.check_rows("boxes", boxes, (-1, 4))
    check.check_rows("landmarks", landmarks, (len(boxes), 5, 2))
    corners = boxes.astype(np.float64)
    center = (corners[:, :2] + corners[:, 2:]) / 2
    sides = np.maximum(corners[:, 2:] - corners[:, :2], 1e-3)
    relative = (landmarks - center[:, None]) / sides[:, None]
    return np.hstack([center, np.log(sides), relative.reshape(-1, 10)])


def sides_fit(predicted: Doubles, size: tuple[float, float]) -> Flags:
    """Whether the sides of states fit a frame of that size: `sides_fit` of the contract."""
    sides = predicted[:, 2:4]
    fit: Flags = ((sides >= np.log(_LEAST_SIDE) - 1) & (sides <= np.log(_LARGEST_SIDE * max(size)))).all(1)
    return fit


def report_tracks(
    state: Doubles, velocity: Doubles, time: Doubles, seen: Doubles, born: Doubles, missed: Flags, *, now: float,
    coast: float, patience: float, min_age: float, size: tuple[float, float],
) -> tuple[Flags, Flags, Floats, Floats]:  # fmt: skip
    """Which tracks stay and which are shown; see `edgeaffect._core.report_tracks`."""
    predicted, _ = predict_tracks(state, velocity, time, seen, now=now, coast=coast)
    check.check_rows("born", born, (len(state),))
    check.check_rows("missed", missed, (len(state),))
    center = predicted[:, :2]
    inside = ((center >= 0) & (center <= size)).all(1)
    kept: Flags = inside & sides_fit(predicted, size) & (now - seen <= patience)
    visible: Flags = kept & (~missed | (now - seen <= coast)) & (now - born >= min_age)
    boxes = np.clip(_boxes(predicted[visible]), 0, (*size, *size))
    return kept, visible, boxes.astype(np.float32), _landmarks(predicted[visible]).astype(np.float32)


def box_affinities(
    tracks: Doubles, detections: Floats, *, iou_threshold: float, max_distance: float, max_size_ratio: float
) -> Doubles:
    """How well tracks and detections fit; see `edgeaffect._core.box_affinities`."""
    check.check_rows("tracks", tracks, (-1, 4))
    check.check_rows("detections", detections, (-1, 4))
    a, b = tracks[:, None], detections[None].astype(np.float64)
    side_a, side_b = a[..., 2:] - a[..., :2], b[..., 2:] - b[..., :2]
    overlap = np.maximum(np.minimum(a[..., 2:], b[..., 2:]) - np.maximum(a[..., :2], b[..., :2]), 0).prod(-1)
    iou = overlap / np.maximum(side_a.prod(-1) + side_b.prod(-1) - overlap, 1e-9)
    length_a, length_b = np.sqrt(side_a.prod(-1)), np.sqrt(side_b.prod(-1))
    apart = np.linalg.norm((a[..., :2] + a[..., 2:] - b[..., :2] - b[..., 2:]) / 2, axis=-1)
    distance = apart / np.maximum((length_a + length_b) / 2, 1e-9)
    near = np.maximum(1 - distance / max(max_distance, 1e-9), 0) * iou_threshold
    ratio = np.maximum(length_a, length_b) / np.maximum(np.minimum(length_a, length_b), 1e-9)
    near[ratio > max_size_ratio] = 0
    affinity: Doubles = np.where(iou >= max(iou_threshold, 1e-9), iou, near)
    return affinity


def align_points(points: Doubles, target: Doubles, *, rotate: bool) -> Doubles:
    """Least-squares similarities; see `edgeaffect._core.align_points`."""
    check.check_rows("target", target, (-1, 2))
    check.require(len(target) >= 2, "target must have at least 2 points")
    check.check_rows("points", points, (-1, len(target), 2))
    center_t, center_p = target.mean(0), points.mean(1)
    t, p = target - center_t, points - center_p[:, None]
    norm = (t * t).sum()
    # For two dimensions the SVD has the closed form of a complex regression: a + ib = sum conj(t) p / sum |t|^2.
    a = (p * t).sum((1, 2)) / norm
    b = (p[:, :, 1] * t[:, 0] - p[:, :, 0] * t[:, 1]).sum(1) / norm if rotate else np.zeros(len(points))
    matrix = np.empty((len(points), 2, 3))
    matrix[:, 0, 0] = matrix[:, 1, 1] = a
    matrix[:, 0, 1], matrix[:, 1, 0] = -b, b
    matrix[:, :, 2] = center_p - np.einsum("nij,j->ni", matrix[:, :, :2], center_t)
    return matrix


def scene_pattern(plane: NDArray[np.uint8], *, rows: int, columns: int, taps: int) -> Floats:
    """Coarse brightness of a plane; see `edgeaffect._core.scene_pattern`."""
    check.require(plane.ndim == 2, f"plane must have shape [height, width]; got {list(plane.shape)}")
    check.require(min(rows, columns, taps) >= 1, "rows, columns and taps must be at least 1")
    step_y, step_x = plane.shape[0] // (rows * taps), plane.shape[1] // (columns * taps)
    check.require(
        step_y >= 1 and step_x >= 1,
        f"plane must have at least {rows * taps} rows and {columns * taps} columns; got {list(plane.shape)}",
    )
    picked = plane[::step_y, ::step_x][: rows * taps, : columns * taps]
    cells = picked.reshape(rows, taps, columns, taps).mean((1, 3), dtype=np.float32)
    pattern: Floats = cells - cells.mean()
    return pattern


def _rows(name: str, state: Doubles) -> int:
    check.check_rows(name, state, (-1, _NUMBERS))
    return len(state)


def _boxes(state: Doubles) -> Doubles:
    half = np.exp(state[:, 2:4]) / 2
    return np.hstack([state[:, :2] - half, state[:, :2] + half])


def _landmarks(state: Doubles) -> Doubles:
    points: Doubles = state[:, None, :2] + state[:, 4:].reshape(-1, 5, 2) * np.exp(state[:, None, 2:4])
    return points
