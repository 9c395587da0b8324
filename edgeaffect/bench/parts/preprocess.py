"""The fused preprocessing by itself, per camera format, beside the same steps in OpenCV and NumPy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ... import native
from ..._lazy import require
from ...face.alignment import letterbox_matrix
from ...models import find
from ..context import Bench
from ..frames import Frame, convert
from ..stats.measurement import Measurement, record
from ..stats.timing import TimingPlan, measure

FORMATS = ("bgr", "nv12", "yuyv")


def measurements(bench: Bench, plan: TimingPlan) -> list[Measurement]:
    """One frame to the detector's input, from each camera format."""
    spec = find(bench.models["face-detector"], "face-detector").spec.image
    frame = bench.clip(bench.settings.frame_size, bench.settings.faces, 1).frames[0]
    width, height = bench.settings.frame_size
    scale = min(1.0, 320 / max(width, height))
    size = (-(-round(width * scale) // 32) * 32, -(-round(height * scale) // 32) * 32)
    out = np.empty((1, spec.channels, size[1], size[0]), np.float32)
    matrix = letterbox_matrix(scale)[None]
    entries = []
    for color in FORMATS:
        pixels = convert(frame, color)

        def fused(pixels: Frame = pixels, color: str = color) -> None:
            native.crop_normalize(
                pixels, matrix, size, color=color, to=spec.color, scale=spec.scale, mean=spec.mean, std=spec.std,
                layout="nchw", out=out,
            )  # fmt: skip

        params = {"format": color, "size": f"{width}x{height}", "to": f"{size[0]}x{size[1]}"}
        entries.append(record("crop_normalize", "preprocess", measure(fused, plan), **params))
        chain = opencv_chain(pixels, color, spec.color, scale, size, spec.scale, spec.mean, spec.std)
        entries.append(record("opencv and numpy", "preprocess", measure(chain, plan), **params))
    return entries


def opencv_chain(
    pixels: Frame,
    color: str,
    to: str,
    factor: float,
    size: tuple[int, int],
    scale: float,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> Callable[[], NDArray[np.float32]]:
    """The usual steps: convert colour, resize by area, pad, to float, normalise, to planes. One thread."""
    cv2 = require("cv2")
    cv2.setNumThreads(1)
    codes = {"nv12": cv2.COLOR_YUV2BGR_NV12, "yuyv": cv2.COLOR_YUV2BGR_YUYV}
    m, s = np.asarray(mean, np.float32), np.asarray(std, np.float32)

    def chain() -> NDArray[np.float32]:
        bgr = cv2.cvtColor(pixels, codes[color]) if color in codes else pixels
        height, width = bgr.shape[:2]
        small = cv2.resize(bgr, (round(width * factor), round(height * factor)), interpolation=cv2.INTER_AREA)
        bottom, right = size[1] - small.shape[0], size[0] - small.shape[1]
        if bottom or right:
            small = cv2.copyMakeBorder(small, 0, bottom, 0, right, cv2.BORDER_CONSTANT)
        if to == "rgb":
            small = cv2.cvtColor(small, cv2.COLOR_BGR2RGB)
        x = (small.astype(np.float32) * np.float32(scale) - m) / s
        return np.ascontiguousarray(x.transpose(2, 0, 1)[None])

    return chain
