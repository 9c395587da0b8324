"""crop_normalize in Numba. Contract: csrc/crop/crop_normalize.h; positions and weights are float64 here."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edgeaffect._lazy import require
from edgeaffect.errors import DependencyError

from . import arguments as check

_LUMA = (0.299, 0.587, 0.114)
_CHROMA_BORDER = 128


def _compile(function: Callable[..., None]) -> Callable[..., None]:
    try:
        numba = require("numba")
    except DependencyError as error:
        raise DependencyError(
            f"this pure Python build of edgeaffect needs Numba: {error}, or install the wheel with the C++ core"
        ) from error
    compiled: Callable[..., None] = numba.njit(nogil=True, cache=True)(function)
    return compiled


@functools.cache
def _sampler() -> Callable[..., None]:
    def sample(
        plane: Any, m: Any, nx: int, ny: int, x: int, y: int, border: float, replicate: bool, to: Any
    ) -> None:  # pragma: no cover - compiled
        height, width, channels = plane.shape
        for c in range(channels):
            to[c] = 0.0
        for j in range(ny):
            column_y = y + (j + 0.5) / ny
            for i in range(nx):
                column_x = x + (i + 0.5) / nx
                u = m[0, 0] * column_x + m[0, 1] * column_y + m[0, 2] - 0.5
                v = m[1, 0] * column_x + m[1, 1] * column_y + m[1, 2] - 0.5
                # everything further out is border; the limit keeps the integers in range
                u, v = min(max(u, -1.0), float(width)), min(max(v, -1.0), float(height))
                x0, y0 = math.floor(u), math.floor(v)
                for k in range(4):
                    cx, cy = x0 + (k & 1), y0 + (k >> 1)
                    weight = (u - x0 if k & 1 else 1 - (u - x0)) * (v - y0 if k >> 1 else 1 - (v - y0))
                    outside = cx < 0 or cy < 0 or cx >= width or cy >= height
                    if outside:
                        cx, cy = min(max(cx, 0), width - 1), min(max(cy, 0), height - 1)
                    for c in range(channels):
                        to[c] += weight * (border if outside and not replicate else plane[cy, cx, c])
        for c in range(channels):
            to[c] /= nx * ny

    return _compile(sample)


@functools.cache
def _kernel() -> Callable[..., None]:
    """The compiled kernel; Numba is loaded at the first call."""
    sample = _sampler()

    def crop(
        first: Any,
        second: Any,
        planes: int,
        matrices: Any,
        taps: Any,
        borders: Any,
        replicate: bool,
        a: Any,
        b: Any,
        out: Any,
    ) -> None:  # pragma: no cover - compiled
        samples = np.zeros(first.shape[2] + second.shape[2])
        inputs = a.shape[1]
        for n in range(out.shape[0]):
            for y in range(out.shape[1]):
                for x in range(out.shape[2]):
                    nx, ny = taps[n, 0]
                    sample(first, matrices[n, 0], nx, ny, x, y, borders[0], replicate, samples)
                    if planes == 2:
                        nx, ny = taps[n, 1]
                        sample(second, matrices[n, 1], nx, ny, x, y, borders[1], replicate, samples[1:])
                    for c in range(out.shape[3]):
                        value = b[c]
                        for k in range(inputs):
                            value += a[c, k] * samples[k]
                        out[n, y, x, c] = value

    return _compile(crop)


def _yuv_rows(matrix: str, limited: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """RGB = rows @ (y, u, v) + offset."""
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}[matrix]
    kg = 1 - kr - kb
    luma, chroma = (255 / 219, 255 / 224) if limited else (1.0, 1.0)
    rows = np.array(
        [
            [luma, 0, 2 * (1 - kr) * chroma],
            [luma, -2 * kb * (1 - kb) / kg * chroma, -2 * kr * (1 - kr) / kg * chroma],
            [luma, 2 * (1 - kb) * chroma, 0],
        ]
    )
    return rows, -rows @ (16.0 if limited else 0.0, 128.0, 128.0)


def _color_map(color: str, to: str, yuv_matrix: str, limited: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Output channels (0..255) as an affine map of the samples."""
    if color in ("nv12", "yuyv"):
        rows, offset = _yuv_rows(yuv_matrix, limited)
        if to == "gray":
            luma = rows[0, 0]
            return np.array([[luma]]), np.array([-luma * (16.0 if limited else 0.0)])
    elif color == "gray":
        rows, offset = np.ones((1 if to == "gray" else 3, 1)), np.zeros(1 if to == "gray" else 3)
    elif to == "gray":
        rows, offset = np.array([_LUMA]), np.zeros(1)
    else:
        rows, offset = np.eye(3), np.zeros(3)
    return (rows[::-1].copy(), offset[::-1].copy()) if to == "bgr" else (rows, offset)


def _plane_borders(planes: Sequence[check.SampledPlane], value: int, limited: bool) -> tuple[float, float]:
    if len(planes) == 1 or not planes[1].is_chroma:
        return float(value), 0.0
    return float(math.floor(16 + value * 219 / 255 + 0.5) if limited else value), float(_CHROMA_BORDER)


def _target(out: Any, shape: tuple[int, ...], dtype: str) -> NDArray[Any]:
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError("out must be a NumPy array")
    check.require(
        out.shape == shape and out.dtype == dtype and out.flags.c_contiguous and out.flags.writeable,
        f"out must be a writeable C-contiguous {dtype} array of shape {shape}; got {out.dtype} {list(out.shape)}",
    )
    return out


def crop_normalize(
    frame: Any,
    matrices: Any,
    size: tuple[int, int],
    *,
    color: str = "bgr",
    to: str = "rgb",
    scale: float = 1 / 255,
    mean: Sequence[float] = (0.0,),
    std: Sequence[float] = (1.0,),
    layout: str = "nchw",
    dtype: str = "float32",
    quant: tuple[float, int] | None = None,
    border: str = "constant",
    border_value: int = 0,
    yuv_matrix: str = "bt601",
    yuv_range: str = "limited",
    frame_size: tuple[int, int] | None = None,
    strides: tuple[int, ...] | None = None,
    out: Any = None,
) -> NDArray[Any]:
    """N crops of one frame as a model input; see `edgeaffect._core.crop_normalize`."""
    planes = check.read_planes(frame, color, frame_size, strides)
    check.choice("yuv_matrix", yuv_matrix, ("bt601", "bt709"))
    limited = check.choice("yuv_range", yuv_range, ("limited", "full")) == "limited"
    channels = 1 if check.choice("to", to, ("rgb", "bgr", "gray")) == "gray" else 3
    check.choice("layout", layout, ("nchw", "nhwc"))
    check.choice("dtype", dtype, ("float32", "float16", "int8"))
    check.choice("border", border, ("constant", "replicate"))
    check.require(0 <= border_value <= 255, f"border_value must be in 0..255; got {border_value}")
    check.check_float32("scale", scale)
    means, stds = check.per_channel("mean", mean, channels), check.per_channel("std", std, channels)
    for value in stds:
        check.check_positive_float32("std", float(value))
    check.require(
        (quant is not None) == (dtype == "int8"), "quant=(scale, zero_point) belongs to dtype 'int8' and only to it"
    )
    if quant is not None:
        check.check_positive_float32("quant scale", quant[0])
    width, height = size
    check.check_sides(width, height, "size")
    check.check_sides(planes[0].pixels.shape[1], planes[0].pixels.shape[0], "the frame")
    m = check.read_matrices(matrices, size)

    shape = (len(m), channels, height, width) if layout == "nchw" else (len(m), height, width, channels)
    target = _target(out, shape, dtype)
    check.check_apart(target, frame, m)
    borders = _plane_borders(planes, border_value, limited)
    if to == "gray":
        planes = planes[:1]
    rows, offset = _color_map(color, to, yuv_matrix, limited)
    a = rows * (scale / stds)[:, None]
    b = (offset * scale - means) / stds
    gain, bias = scale / stds, -means / stds
    if quant is not None:
        a, b = a / quant[0], b / quant[0] + quant[1]
        gain, bias = gain / quant[0], bias / quant[0] + quant[1]
    check.check_factors(gain, bias)

    # [N, planes, 2, 3] and the taps [N, planes, 2]
    maps = np.stack([m * np.reshape(p.scale, (2, 1)) for p in planes], axis=1)
    taps = np.maximum(1, np.ceil(np.hypot(maps[:, :, 0, :2], maps[:, :, 1, :2]))).astype(np.int64)
    values = target if dtype == "float32" else np.empty(shape, np.float32)
    pixels_last = values.transpose(0, 2, 3, 1) if layout == "nchw" else values
    _kernel()(
        planes[0].pixels, planes[-1].pixels, len(planes), maps, taps, np.array(borders), border == "replicate",
        np.ascontiguousarray(a), b, pixels_last,
    )  # fmt: skip
    if dtype == "int8":
        values = np.clip(np.rint(values), -128, 127)
    if values is not target:
        target[...] = values
    return target
