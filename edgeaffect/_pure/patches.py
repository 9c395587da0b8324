"""take_patches and follow_patches in NumPy. Contract: csrc/track/patch_tracker.h."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import arguments as check
from .crop import crop_normalize

Doubles = NDArray[np.float64]

_SIDE, _PIXELS = 24, 576
_FINE, _WINDOW, _ITERATIONS = 2, 60, 8
_CONVERGED, _LEAST_CORRELATION, _LARGEST_STEP, _LARGEST_ZOOM = 0.03, 0.8, 0.4, 1.25


@functools.cache
def _grid() -> tuple[Doubles, Doubles, Doubles, Doubles]:
    """Coordinates of the patch's pixels from its centre, their weights (sum 1), and the roots of the plain weights."""
    axis = np.arange(_SIDE) + 0.5 - _SIDE / 2
    x, y = np.meshgrid(axis, axis)
    weight = np.exp(-(x * x + y * y) / (2 * (_SIDE / 3.0) ** 2))
    return x, y, weight / weight.sum(), np.sqrt(weight)


class _Window:
    """The frame around a pose; step 1 of the contract."""

    def __init__(self, frame: Any, color: str) -> None:
        self._frame, self._color = frame, color
        self._smooth: Doubles | None = None

    def take(self, zoom: complex, place: complex) -> None:
        scale = np.float32(abs(zoom) / _FINE)
        half = abs(zoom) / _FINE * _WINDOW / 2
        matrix = np.array([[[scale, 0, place.real - half], [0, scale, place.imag - half]]], np.float32)
        sharp = crop_normalize(
            self._frame, matrix, (_WINDOW, _WINDOW), color=self._color, to="gray", border="replicate"
        )[0, 0].astype(np.float64)
        self._smooth = (sharp[:-1, :-1] + sharp[:-1, 1:] + sharp[1:, :-1] + sharp[1:, 1:]) / 4
        self._scale, self._corner = float(scale), complex(matrix[0, 0, 2], matrix[0, 1, 2])

    def holds(self, zoom: complex, place: complex) -> bool:
        if self._smooth is None:
            return False
        far = (abs(zoom.real) + abs(zoom.imag)) * (_SIDE / 2 - 0.5) / self._scale
        at = (place - self._corner) / self._scale - (1 + 1j)
        last = _WINDOW - 2
        return min(at.real, at.imag) - far >= 0 and max(at.real, at.imag) + far < last

    def patch(self, zoom: complex, place: complex) -> Doubles:
        assert self._smooth is not None
        x, y, share, root = _grid()
        at = (zoom * (x + 1j * y) + place - self._corner) / self._scale - (1 + 1j)
        column = np.clip(at.real.astype(int), 0, _WINDOW - 3)
        row = np.clip(at.imag.astype(int), 0, _WINDOW - 3)
        fx, fy = at.real - column, at.imag - row
        s = self._smooth
        upper = s[row, column] + fx * (s[row, column + 1] - s[row, column])
        lower = s[row + 1, column] + fx * (s[row + 1, column + 1] - s[row + 1, column])
        values = upper + fy * (lower - upper)
        values = (values - (values * share).sum()) * root
        normal: Doubles = values / max(float(np.sqrt((values * values).sum())), 1e-6)
        return normal


def take_patches(
    frame: Any, boxes: NDArray[np.float64], *, color: str
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.complex128]]:
    """Templates of faces; see `edgeaffect._core.take_patches`."""
    _check_boxes(boxes)
    check.read_planes(frame, color, None, None)
    patches = np.empty((len(boxes), _SIDE, _SIDE), np.float32)
    solvers = np.empty((len(boxes), 4, _PIXELS), np.float32)
    poses = np.empty((len(boxes), 2), np.complex128)
    window = _Window(frame, color)
    for n, box in enumerate(boxes):
        zoom, place = _pose(box)
        window.take(zoom, place)
        patch = window.patch(zoom, place)
        patches[n], solvers[n], poses[n] = patch, _solver(patch), (zoom, place)
    return patches, solvers, poses


def follow_patches(
    frame: Any,
    patches: NDArray[np.float32],
    solvers: NDArray[np.float32],
    poses: NDArray[np.complex128],
    boxes: NDArray[np.float64],
    *,
    color: str,
) -> tuple[NDArray[np.bool_], NDArray[np.complex128]]:
    """Where the faces of templates went: found [n], turn and shift of the frame [n, 2]; for `follow_tracks`."""
    _check_boxes(boxes)
    check.read_planes(frame, color, None, None)
    found, motions = np.zeros(len(boxes), bool), np.empty((len(boxes), 2), np.complex128)
    window = _Window(frame, color)
    for i, box in enumerate(boxes):
        expected_zoom, expected_place = _pose(box)
        window.take(expected_zoom, expected_place)
        zoom, place, correlation = _align(window, patches[i], solvers[i], expected_zoom, expected_place)
        step = abs(place - expected_place) / (_SIDE * abs(expected_zoom))
        ratio = abs(zoom / expected_zoom)
        found[i] = (
            correlation >= _LEAST_CORRELATION and step <= _LARGEST_STEP and 1 / _LARGEST_ZOOM <= ratio <= _LARGEST_ZOOM
        )
        turn = zoom / poses[i, 0]
        motions[i] = turn, place - turn * poses[i, 1]
    return found, motions


def check_templates(patches: NDArray[np.float32], solvers: NDArray[np.float32], poses: NDArray[np.complex128]) -> None:
    """Refuse other shapes than those of `take_patches`."""
    check.check_rows("patches", patches, (-1, _SIDE, _SIDE))
    check.check_rows("solvers", solvers, (len(patches), 4, _PIXELS))
    check.check_rows("poses", poses, (len(patches), 2))


def _align(
    window: _Window, patch: NDArray[np.float32], solver: NDArray[np.float32], zoom: complex, place: complex
) -> tuple[complex, complex, float]:
    """Step 5: the pose, and the correlation before the last step."""
    correlation = 0.0
    for _ in range(_ITERATIONS):
        if not window.holds(zoom, place):
            window.take(zoom, place)
        now = window.patch(zoom, place)
        dx, dy, dzoom, droll = (solver.astype(np.float64) @ (now - patch).reshape(-1)).tolist()
        correlation = float((now * patch).sum())
        zoom = zoom / (1 + complex(dzoom, droll))
        place = place - zoom * complex(dx, dy)
        largest = max(abs(dx), abs(dy), abs(complex(dzoom, droll)) * _SIDE / 2)
        # A search that runs away ends here, before its poses leave what a frame can be asked for.
        if not largest < _SIDE:
            return zoom, place, -1.0
        if largest < _CONVERGED:
            break
    return zoom, place, correlation


def _pose(box: NDArray[np.float64]) -> tuple[complex, complex]:
    x0, y0, x1, y1 = box.tolist()
    return complex(float(np.sqrt((x1 - x0) * (y1 - y0))) / _SIDE), complex(x0 + x1, y0 + y1) / 2


def _check_boxes(boxes: NDArray[np.float64]) -> None:
    check.check_rows("boxes", boxes, (-1, 4))
    for n, (x0, y0, x1, y1) in enumerate(boxes.tolist()):
        check.require(x1 > x0 and y1 > y0, f"box {n} has no width or no height")


def _solver(patch: Doubles) -> Doubles:
    """Step 4."""
    x, y, _, root = _grid()
    gy, gx = np.gradient(patch / root)
    steepest = (np.stack([gx, gy, gx * x + gy * y, gy * x - gx * y]) * root).reshape(4, -1)
    hessian = steepest @ steepest.T
    # A flat patch fixes nothing: keep the system solvable; the correlation will tell.
    hessian += np.eye(4) * (1e-6 + 1e-4 * np.trace(hessian))
    solved: Doubles = np.linalg.solve(hessian, steepest)
    return solved
