"""Runs on emulated aarch64: calls of `crop_normalize` and of OpenCV's same filter between two getppid() each.

neon_instructions.sh counts the instructions between them and prints the table.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np

from benchmarks import preprocess
from edgeaffect import native
from edgeaffect.bench import frames
from edgeaffect.bench.parts.preprocess import FORMATS, opencv_chain
from edgeaffect.face.alignment import letterbox_matrix


def counted(what: str, *calls: Callable[[], Any]) -> None:
    """The name of a row, then two counts per call, after one call to warm up."""
    print(f"# {what}", file=sys.stderr, flush=True)
    for call in calls:
        call()
        os.getppid()
        call()
        os.getppid()


def faces(color: str, size: int) -> None:
    """One face of benchmarks/preprocess.py."""
    image, maps = preprocess.frame(color), preprocess.matrices(1, size)
    out = np.empty((1, 3, size, size), np.float32)
    taps = max(1, math.ceil(preprocess.FACE / size))
    counted(
        f"{color} | 1 face to {size} px",
        lambda: native.crop_normalize(
            image, maps, (size, size), color=color, mean=preprocess.MEAN, std=preprocess.STD, out=out
        ),
        lambda: preprocess.chain(image, color, maps, size, taps),
    )


def letterbox(color: str) -> None:
    """640x480 to the detector's input."""
    pixels = frames.convert(frames.synthetic((640, 480), 1, 1)[0], color)
    out, matrix = np.empty((1, 3, 256, 320), np.float32), letterbox_matrix(0.5)[None]
    counted(
        f"{color} | 640x480 to 320x256",
        lambda: native.crop_normalize(pixels, matrix, (320, 256), color=color, to="bgr", scale=1.0, out=out),
        opencv_chain(pixels, color, "bgr", 0.5, (320, 256), 1.0, (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)),
    )


def main() -> None:
    cv2.setNumThreads(1)
    assert native.simd() == "neon", native.simd()
    counted("nothing", lambda: None, lambda: None)
    for color in FORMATS:
        letterbox(color)
    for color in preprocess.BYTES_PER_PIXEL:
        for size in preprocess.SIZES:
            faces(color, size)


if __name__ == "__main__":
    main()
