"""Checks of crop_normalize's arguments: the same limits and messages as csrc/bind/bind_crop_normalize.cpp."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

MAX_TAPS = 16384
MAX_FRAME_SIDE = 32768
MAX_ROW_SAMPLES = 1 << 22
MAX_SAMPLES = 1 << 31
MAX_FRAME_SPAN = 2147483647
_MAX_FLOAT32 = float(np.finfo(np.float32).max)
_LARGEST_SAMPLE = 2048.0
_SHAPES = {
    "bgr": ("[height, width, 3]", 3),
    "rgb": ("[height, width, 3]", 3),
    "bgra": ("[height, width, 4]", 4),
    "gray": ("[height, width]", 1),
    "nv12": ("[height * 3 / 2, width]", 1),
    "yuyv": ("[height, width, 2]", 2),
}


@dataclass(frozen=True)
class SampledPlane:
    """One plane [H, W, C] of a frame and the factors that turn the frame's matrix into its own."""

    pixels: NDArray[np.uint8]
    scale: tuple[float, float]
    is_chroma: bool = False


def require(condition: bool, message: str) -> None:
    if not condition:
        raise ValueError(message)


def choice(name: str, value: str, allowed: tuple[str, ...]) -> str:
    require(value in allowed, f"{name} must be one of {', '.join(allowed)}; got '{value}'")
    return value


def check_rows(name: str, array: NDArray[Any], wanted: tuple[int, ...]) -> None:
    """Refuse another shape than `wanted`, where -1 stands for any length."""
    same = array.ndim == len(wanted) and all(w < 0 or n == w for n, w in zip(array.shape, wanted, strict=True))
    text = ", ".join("n" if length < 0 else str(length) for length in wanted)
    require(same, f"{name} must have shape [{text}]; got {list(array.shape)}")


def check_float32(name: str, value: float) -> None:
    require(abs(value) <= _MAX_FLOAT32, f"{name} must be a finite float32 number; got {value:g}")


def check_positive_float32(name: str, value: float) -> None:
    check_float32(name, value)
    require(bool(np.float32(value) > 0), f"{name} must be positive; got {value:g}")


def check_factors(gain: NDArray[np.float64], bias: NDArray[np.float64]) -> None:
    """The normalisation of a channel: value = gain * pixel + bias."""
    largest = np.abs(gain) * _LARGEST_SAMPLE + np.abs(bias)
    require(bool((largest <= _MAX_FLOAT32).all()), "scale, mean, std and quant give values that float32 cannot hold")


def check_apart(out: NDArray[Any], frame: Any, matrices: NDArray[np.float64]) -> None:
    """The crops are written while the frame is still read."""
    parts = (*(frame if isinstance(frame, tuple) else (frame,)), matrices)
    apart = out.nbytes == 0 or not any(np.may_share_memory(out, part) for part in parts)
    require(apart, "out overlaps the memory of the frame or of the matrices; give it memory of its own")


def _check_span(stride: int, rows: int) -> None:
    fits = abs(stride) * rows <= MAX_FRAME_SPAN
    require(fits, "the frame spans 2 GiB or more from its first to its last row; copy it into fewer bytes")


def _check_bytes(array: Any, name: str) -> None:
    if not isinstance(array, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array of uint8; got {type(array).__name__}")
    if array.dtype != np.uint8:
        raise TypeError(f"{name} must be uint8; got {array.dtype}")


def _check_image(array: NDArray[Any], step: int, shape: str, color: str) -> None:
    packed = step == 1
    right = array.ndim == (2 if packed else 3) and (packed or array.shape[2] == step)
    require(right, f"a {color} frame must have shape {shape}; got {list(array.shape)}")
    require(array.size > 0, f"the frame is empty: shape {list(array.shape)}")
    contiguous = (array.shape[1] == 1 or array.strides[1] == step) and (packed or array.strides[2] == 1)
    require(contiguous, "the pixels of a row must be contiguous; use numpy.ascontiguousarray(frame)")
    _check_span(array.strides[0], array.shape[0])


def _check_even(width: int, height: int, color: str) -> None:
    both = color == "nv12"
    require(
        width % 2 == 0 and not (both and height % 2),
        f"a {color} frame has an even width{' and height' if both else ''}; got {width}x{height}",
    )


def _buffer_rows(
    frame: NDArray[Any], color: str, frame_size: tuple[int, int] | None, strides: tuple[int, ...] | None
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Rows [H, bytes] of the luma or packed plane, and of the chroma plane, of a 1-D buffer."""
    require(
        frame.strides[0] == 1 or frame.size <= 1, "a 1-D frame must be contiguous; use numpy.ascontiguousarray(frame)"
    )
    if frame_size is None:
        raise ValueError(f"a 1-D {color} frame needs frame_size=(width, height)")
    nv12 = color == "nv12"
    require(nv12 or color == "yuyv", f"only nv12 and yuyv frames may be 1-D buffers; got color '{color}'")
    width, height = frame_size
    require(width >= 1 and height >= 1, "frame_size must be positive")
    _check_even(width, height, color)
    row = width if nv12 else 2 * width
    names = "(y, uv)" if nv12 else "(yuyv,)"
    strides = strides or ((row, row) if nv12 else (row,))
    require(len(strides) == (2 if nv12 else 1), f"strides must be {names} in bytes for a {color} buffer")
    require(min(strides) >= row, f"strides must be at least {row} bytes for a width of {width}")
    for stride in strides:
        _check_span(stride, height)
    luma = strides[0] * height
    needed = luma + strides[1] * (height // 2 - 1) + row if nv12 else strides[0] * (height - 1) + row
    require(
        frame.size >= needed,
        f"the buffer holds {frame.size} bytes; a {color} frame of {width}x{height} needs {needed}",
    )
    as_rows = np.lib.stride_tricks.as_strided
    first = as_rows(frame, (height, row), (strides[0], 1))
    return first, as_rows(frame[luma:], (height // 2, row), (strides[1], 1)) if nv12 else None


def read_planes(
    frame: Any, color: str, frame_size: tuple[int, int] | None, strides: tuple[int, ...] | None
) -> list[SampledPlane]:
    """The planes of a frame in any of its forms, as views."""
    shape, step = _SHAPES[choice("color", color, tuple(_SHAPES))]
    uv: NDArray[Any] | None = None
    if color == "nv12" and isinstance(frame, tuple):
        require(len(frame) == 2, f"an nv12 pair is (y, uv); got {len(frame)} entries")
        y, uv = frame
        _check_bytes(y, "y")
        _check_bytes(uv, "uv")
        _check_image(y, 1, "[height, width]", "nv12 y")
        _check_image(uv, 2, "[height / 2, width / 2, 2]", "nv12 uv")
        _check_even(y.shape[1], y.shape[0], color)
        require(
            uv.shape[0] * 2 == y.shape[0] and uv.shape[1] * 2 == y.shape[1],
            f"uv must have half of y's height and width; got y {list(y.shape)}, uv {list(uv.shape)}",
        )
        return _yuv_planes(y[:, :, None], uv, (0.5, 0.5))
    _check_bytes(frame, "frame")
    if frame.ndim == 1:
        rows, uv = _buffer_rows(frame, color, frame_size, strides)
        if uv is not None:
            return _yuv_planes(rows[:, :, None], uv.reshape(len(uv), -1, 2), (0.5, 0.5))
        frame = rows.reshape(len(rows), -1, 2)
    else:
        require(
            frame_size is None and strides is None,
            f"frame_size and strides belong to 1-D buffers; this frame has shape {list(frame.shape)}",
        )
        _check_image(frame, step, shape, color)
    if color == "nv12":
        rows = frame.shape[0]
        require(rows % 3 == 0, f"an nv12 frame has height * 3 / 2 rows; {rows} is no multiple of 3")
        height, width = rows // 3 * 2, frame.shape[1]
        _check_even(width, height, color)
        return _yuv_planes(frame[:height, :, None], frame[height:].reshape(height // 2, -1, 2), (0.5, 0.5))
    if color == "yuyv":
        _check_even(frame.shape[1], frame.shape[0], color)
        chroma = frame.reshape(frame.shape[0], -1, 4)[:, :, 1::2]
        return _yuv_planes(frame[:, :, :1], chroma, (0.5, 1.0))
    if color == "gray":
        return [SampledPlane(frame[:, :, None], (1.0, 1.0))]
    return [SampledPlane(frame if color == "rgb" else frame[:, :, 2::-1], (1.0, 1.0))]


def _yuv_planes(luma: NDArray[Any], chroma: NDArray[Any], scale: tuple[float, float]) -> list[SampledPlane]:
    return [SampledPlane(luma, (1.0, 1.0)), SampledPlane(chroma, scale, is_chroma=True)]


def check_sides(width: int, height: int, what: str) -> None:
    require(
        1 <= width <= MAX_FRAME_SIDE and 1 <= height <= MAX_FRAME_SIDE,
        f"{what} is {width}x{height} pixels; each side must be 1..{MAX_FRAME_SIDE}",
    )


def read_matrices(matrices: Any, size: tuple[int, int]) -> NDArray[np.float64]:
    """Finite, invertible float64 [N, 2, 3] that ask for a bounded number of samples."""
    array = np.asarray(matrices)
    if array.dtype.kind != "f":
        raise TypeError("matrices must be a float32 or float64 array [N, 2, 3]")
    require(
        array.ndim == 3 and array.shape[1:] == (2, 3), f"matrices must have shape [N, 2, 3]; got {list(array.shape)}"
    )
    array = np.ascontiguousarray(array, np.float64)
    total = 0
    for n, m in enumerate(array):
        require(bool(np.isfinite(m).all()), f"matrix {n} holds NaN or infinity; every entry must be finite")
        columns = np.hypot(m[0, :2], m[1, :2])
        determinant = abs(m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0])
        require(
            bool(determinant > 1e-9 * columns[0] * columns[1]),
            f"matrix {n} is singular: it maps the output onto a line or a point of the frame",
        )
        require(
            bool(columns.max() <= MAX_TAPS),
            f"matrix {n} shrinks the frame by {columns.max():.6f}; at most {MAX_TAPS} is allowed",
        )
        row, column = (max(1, math.ceil(length)) * side for length, side in zip(columns, size, strict=True))
        require(
            row <= MAX_ROW_SAMPLES,
            f"matrix {n} asks for {row} samples per output row; at most {MAX_ROW_SAMPLES} are allowed: make it shrink "
            "less, or size narrower",
        )
        total += row * column
        require(
            total <= MAX_SAMPLES,
            f"matrices 0 to {n} ask for {total} samples; at most {MAX_SAMPLES} are allowed per call: make them shrink "
            "less, or size smaller",
        )
    return array


def per_channel(name: str, values: Any, count: int) -> NDArray[np.float64]:
    array = np.asarray(values, np.float64).reshape(-1)
    require(array.size in (1, count), f"{name} must hold 1 or {count} numbers; got {array.size}")
    for value in array:
        check_float32(name, float(value))
    return np.broadcast_to(array, (count,))
