"""`PatchTracker`: where faces went, from their pixels.

Between two detections a face hardly changes but for shift, zoom and roll. Its patch at the detection is the template;
in a later frame the same template is found again by Lucas-Kanade alignment in its inverse compositional form (Baker &
Matthews 2004), where everything but the differences of pixels is computed once per template. A similarity without
reflection is a complex number each for zoom and roll (`zoom`) and for place (`place`): x + iy = zoom * v + place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..image import Image

Complex = NDArray[np.complex128]

_SIDE = 24
_ITERATIONS = 8
# Pixels of the patch: a step smaller than this changes nothing that matters.
_CONVERGED = 0.03
# Normalised correlation with the template under which the pixels show something else.
_LEAST_CORRELATION = 0.8
# A result further from the prediction than this (in face sizes; in ratio of sizes) is a wrong minimum.
_LARGEST_STEP, _LARGEST_ZOOM = 0.4, 1.25


@dataclass
class _Template:
    """A remembered face: its normalised patch, the linear map from differences to motion, and its pose."""

    patch: NDArray[np.float32]
    solve: NDArray[np.float32]
    zoom: complex
    place: complex


def _grid() -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """Coordinates from the patch's centre, and weights that fade towards its border, where the background is."""
    axis = np.arange(_SIDE, dtype=np.float32) + np.float32(0.5 - _SIDE / 2)
    x, y = np.meshgrid(axis, axis)
    return x, y, np.exp(-(x * x + y * y) / (2 * (_SIDE / 3.0) ** 2)).astype(np.float32)


_X, _Y, _WEIGHT = _grid()
_SHARE, _ROOT = _WEIGHT / _WEIGHT.sum(), np.sqrt(_WEIGHT)


class PatchTracker:
    """Remembers how faces looked at their last detection and finds them again. Keyed by track id."""

    def __init__(self) -> None:
        self._templates: dict[int, _Template] = {}
        self._buffer = np.empty((0, 1, _SIDE, _SIDE), np.float32)

    def remember(self, image: Image, ids: list[int], boxes: NDArray[np.float64]) -> None:
        """Take the faces at `boxes` [n, 4] as templates, and forget all others."""
        zoom, place = pose(boxes)
        patches = self._patches(image, zoom, place)
        self._templates = {
            track: _Template(patch, solve, complex(z), complex(p))
            for track, patch, solve, z, p in zip(ids, patches, _solvers(patches), zoom, place, strict=True)
        }

    def follow(
        self, image: Image, ids: list[int], boxes: NDArray[np.float64]
    ) -> tuple[NDArray[np.bool_], Complex, Complex]:
        """Find faces near their predicted `boxes` [n, 4].

        Returns:
            Mask [n] of the faces that were found; and for all of them the motion since their template was taken, as
            a map of frame coordinates: x + iy -> turn * (x + iy) + shift.
        """
        known = [self._templates.get(track) for track in ids]
        found = np.array([template is not None for template in known], bool)
        turn, shift = np.ones(len(ids), np.complex128), np.zeros(len(ids), np.complex128)
        rows = np.flatnonzero(found)
        if not len(rows):
            return found, turn, shift
        templates = [template for template in known if template is not None]
        first_zoom = np.array([template.zoom for template in templates])
        first_place = np.array([template.place for template in templates])
        expected_zoom, expected_place = pose(boxes[rows])
        zoom, place, correlation = self._align(image, templates, expected_zoom, expected_place)
        step = np.abs(place - expected_place) / (_SIDE * np.abs(expected_zoom))
        ratio = np.abs(zoom / expected_zoom)
        found[rows] = (
            (correlation >= _LEAST_CORRELATION)
            & (step <= _LARGEST_STEP)
            & (ratio <= _LARGEST_ZOOM)
            & (ratio >= 1 / _LARGEST_ZOOM)
        )
        turn[rows] = zoom / first_zoom
        shift[rows] = place - turn[rows] * first_place
        return found, turn, shift

    def reset(self) -> None:
        """Forget every face."""
        self._templates = {}

    def _align(
        self, image: Image, templates: list[_Template], zoom: Complex, place: Complex
    ) -> tuple[Complex, Complex, NDArray[np.float32]]:
        patch = np.stack([template.patch for template in templates])
        solve = np.stack([template.solve for template in templates])
        for _ in range(_ITERATIONS):
            now = self._patches(image, zoom, place)
            difference = (now - patch).reshape(len(patch), -1, 1)
            dx, dy, dzoom, droll = (solve @ difference)[..., 0].T.astype(np.float64)
            # Undo the step on the template's side: W(p) <- W(p) o W(dp)^-1.
            zoom = zoom / (1 + dzoom + 1j * droll)
            place = place - zoom * (dx + 1j * dy)
            # Zoom and roll move the rim of the patch by half its side.
            if max(np.abs(dx).max(), np.abs(dy).max(), np.abs(dzoom + 1j * droll).max() * _SIDE / 2) < _CONVERGED:
                break
        # The correlation is that of the place before the last step, which is as good: the step was small, or the search
        # failed.
        return zoom, place, (now * patch).sum((1, 2))

    def _patches(self, image: Image, zoom: Complex, place: Complex) -> NDArray[np.float32]:
        """Gray patches [n, side, side], weighted mean 0 and norm 1, so that exposure does not matter.

        Both sides carry the root of the weights: sums of products are then weighted by them.
        """
        n = len(zoom)
        if len(self._buffer) < n:
            self._buffer = np.empty((n, 1, _SIDE, _SIDE), np.float32)
        origin = place - zoom * (1 + 1j) * (_SIDE / 2)
        matrices = np.empty((n, 2, 3), np.float32)
        matrices[:, 0, 0] = matrices[:, 1, 1] = zoom.real
        matrices[:, 1, 0], matrices[:, 0, 1] = zoom.imag, -zoom.imag
        matrices[:, 0, 2], matrices[:, 1, 2] = origin.real, origin.imag
        out = self._buffer[:n]
        native.crop_normalize(
            image.pixels, matrices, (_SIDE, _SIDE), color=image.format, to="gray", border="replicate", out=out
        )
        values = out[:, 0]
        mean = (values * _SHARE).sum((1, 2), keepdims=True)
        centred = (values - mean) * _ROOT
        norm = np.sqrt((centred * centred).sum((1, 2), keepdims=True))
        patches: NDArray[np.float32] = centred / np.maximum(norm, 1e-6)
        return patches


def pose(boxes: NDArray[np.float64]) -> tuple[Complex, Complex]:
    """Zoom (frame pixels per patch pixel) and place (centre) of square patches around boxes [n, 4]."""
    sides = boxes[:, 2:] - boxes[:, :2]
    center = (boxes[:, :2] + boxes[:, 2:]) / 2
    return (np.sqrt(sides.prod(1)) / _SIDE).astype(np.complex128), center[:, 0] + 1j * center[:, 1]


def _solvers(patches: NDArray[np.float32]) -> NDArray[np.float32]:
    """[n, 4, pixels]: differences -> least-squares motion (shift x, shift y, zoom, roll) of each template."""
    plain = patches / _ROOT
    gx, gy = _slope(plain), _slope(plain.transpose(0, 2, 1)).transpose(0, 2, 1)
    steepest = np.stack([gx, gy, gx * _X + gy * _Y, gy * _X - gx * _Y], 1) * _ROOT
    steepest = steepest.reshape(len(patches), 4, _SIDE * _SIDE)
    hessian = (steepest @ steepest.transpose(0, 2, 1)).astype(np.float64)
    # A flat patch fixes nothing: keep the system solvable; the correlation will tell.
    hessian += np.eye(4) * (1e-6 + 1e-4 * hessian.trace(axis1=1, axis2=2))[:, None, None]
    solvers: NDArray[np.float32] = (np.linalg.inv(hessian) @ steepest).astype(np.float32)
    return solvers


def _slope(values: NDArray[Any]) -> NDArray[Any]:
    """Along the last axis, per pixel: to both neighbours, at the ends to the one there is."""
    slope = np.empty_like(values)
    np.subtract(values[..., 2:], values[..., :-2], out=slope[..., 1:-1])
    slope[..., 1:-1] *= 0.5
    slope[..., 0] = values[..., 1] - values[..., 0]
    slope[..., -1] = values[..., -1] - values[..., -2]
    return slope


def moved(turn: Any, shift: Any, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Points [n, k, 2] under the map of `follow`, one per face."""
    z = points[..., 0] + 1j * points[..., 1]
    z = turn[:, None] * z + shift[:, None]
    return np.stack([z.real, z.imag], -1)
