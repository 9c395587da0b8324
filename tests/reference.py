"""Naive float64 implementations of the contracts in csrc/*.h: loops, no vectorisation, no shared code."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LUMA = (0.299, 0.587, 0.114)


def bilinear(plane: NDArray, u: float, v: float, border: float | None) -> NDArray:
    """Sample of `plane` [H, W, C] at integer-centre coordinates; border None replicates."""
    height, width, channels = plane.shape
    x, y = math.floor(u), math.floor(v)
    total = np.zeros(channels)
    for dy in (0, 1):
        for dx in (0, 1):
            weight = (u - x if dx else 1 - (u - x)) * (v - y if dy else 1 - (v - y))
            cx, cy = x + dx, y + dy
            if border is not None and not (0 <= cx < width and 0 <= cy < height):
                total += weight * border
            else:
                total += weight * plane[min(max(cy, 0), height - 1), min(max(cx, 0), width - 1)]
    return total


def sample_plane(plane: NDArray, matrix: NDArray, size: tuple[int, int], border: float | None) -> NDArray:
    """Multi-tap samples [h, w, C] of one plane."""
    (w, h), plane = size, plane.astype(np.float64)
    nx, ny = (max(1, math.ceil(math.hypot(*matrix[:, axis]))) for axis in (0, 1))
    result = np.zeros((h, w, plane.shape[2]))
    for y in range(h):
        for x in range(w):
            for j in range(ny):
                for i in range(nx):
                    u, v = matrix @ (x + (i + 0.5) / nx, y + (j + 0.5) / ny, 1.0)
                    result[y, x] += bilinear(plane, u - 0.5, v - 0.5, border) / (nx * ny)
    return result


def yuv_to_rgb(yuv: NDArray, matrix: str, limited: bool) -> NDArray:
    kr, kb = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722)}[matrix]
    kg = 1 - kr - kb
    y = (yuv[..., 0] - 16) * 255 / 219 if limited else yuv[..., 0]
    u, v = ((yuv[..., k] - 128) * (255 / 224 if limited else 1) for k in (1, 2))
    r, b = y + 2 * (1 - kr) * v, y + 2 * (1 - kb) * u
    return np.stack([r, (y - kr * r - kb * b) / kg, b], axis=-1)


def crop_normalize(
    frame: NDArray | tuple[NDArray, NDArray],
    matrices: NDArray,
    size: tuple[int, int],
    *,
    color: str = "bgr",
    to: str = "rgb",
    scale: float = 1 / 255,
    mean: Sequence[float] = (0.0,),
    std: Sequence[float] = (1.0,),
    layout: str = "nchw",
    quant: tuple[float, int] | None = None,
    border: str = "constant",
    border_value: int = 0,
    yuv_matrix: str = "bt601",
    yuv_range: str = "limited",
) -> NDArray:
    """The contract of crop_normalize in float64. With `quant` the value before rounding and saturation."""
    limited = yuv_range == "limited"
    constant = border == "constant"
    gray_level = float(border_value) if constant else None
    luma_level = float(round(16 + border_value * 219 / 255) if limited else border_value) if constant else None
    crops = []
    for matrix in np.asarray(matrices, np.float64):
        if color in ("nv12", "yuyv"):
            if color == "nv12":
                luma, chroma = frame
                half = np.array([[0.5], [0.5]])
            else:
                luma, chroma = frame[:, :, 0], frame[:, :, 1].reshape(frame.shape[0], -1, 2)
                half = np.array([[0.5], [1.0]])
            y = sample_plane(luma[:, :, None], matrix, size, luma_level)
            uv = sample_plane(chroma, matrix * half, size, 128.0 if constant else None)
            if to == "gray":
                rgb = (y - 16) * 255 / 219 if limited else y
            else:
                rgb = yuv_to_rgb(np.concatenate([y, uv], axis=-1), yuv_matrix, limited)
        else:
            plane = frame[:, :, None] if color == "gray" else frame
            rgb = sample_plane(plane, matrix, size, gray_level)
            if color in ("bgr", "bgra"):
                rgb = rgb[..., 2::-1]
        if to == "gray":
            rgb = rgb if rgb.shape[-1] == 1 else (rgb * LUMA).sum(-1, keepdims=True)
        else:
            rgb = np.repeat(rgb, 3, axis=-1) if rgb.shape[-1] == 1 else rgb
            rgb = rgb[..., ::-1] if to == "bgr" else rgb
        value = (rgb * scale - np.asarray(mean)) / np.asarray(std)
        if quant is not None:
            value = value / quant[0] + quant[1]
        crops.append(value if layout == "nhwc" else value.transpose(2, 0, 1))
    return np.stack(crops)


def iou(a: NDArray, b: NDArray) -> float:
    width = min(a[2], b[2]) - max(a[0], b[0])
    height = min(a[3], b[3]) - max(a[1], b[1])
    if width <= 0 or height <= 0:
        return 0.0
    both = width * height
    return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both)


def nms(boxes: NDArray, scores: NDArray, threshold: float) -> list[int]:
    kept: list[int] = []
    for i in sorted(range(len(scores)), key=lambda k: (-scores[k], k)):
        if all(iou(boxes[i], boxes[k]) <= threshold for k in kept):
            kept.append(i)
    return kept


def decode_faces(
    outputs: Sequence[NDArray],
    strides: Sequence[int],
    score_threshold: float,
    iou_threshold: float,
    top_k: int,
    max_faces: int,
) -> tuple[NDArray, NDArray, NDArray]:
    faces = []
    for m, stride in zip(outputs, strides, strict=True):
        for row in range(m.shape[2]):
            for column in range(m.shape[3]):
                cell = m[0, :, row, column].astype(np.float64)
                score = 1 / (1 + math.exp(-cell[0]))
                if score >= score_threshold:
                    centre = np.array([column + 0.5, row + 0.5]) * stride
                    box = np.concatenate([centre - cell[1:3] * stride, centre + cell[3:5] * stride])
                    faces.append((score, box, centre + cell[5:].reshape(5, 2) * stride))
    faces = sorted(faces, key=lambda f: -f[0])[:top_k]
    boxes = np.array([f[1] for f in faces]).reshape(-1, 4)
    scores = np.array([f[0] for f in faces])
    kept = nms(boxes, scores, iou_threshold)[:max_faces]
    return boxes[kept], scores[kept], np.array([f[2] for f in faces]).reshape(-1, 5, 2)[kept]
