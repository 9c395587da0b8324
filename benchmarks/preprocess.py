"""Fused preprocessing beside OpenCV + NumPy: faces of 220 px, rolled by 10 degrees, from 1080p frames.

    python -m benchmarks.preprocess [--json FILE] [--seconds 1]

One thread each, the calls interleaved in one process, garbage collector off; every figure is the median of single
calls, in CPU time of the calling thread (what other programs take does not count, but they do share caches and cores:
the last three columns are of the least readings of the same run). Two chains stand beside
`crop_normalize`, which averages n x n bilinear taps per output pixel (n = the scale, rounded up) so that nothing
aliases:
  * one tap:   cvtColor (NV12); warpAffine straight to the output size; / 255, mean, std; transpose; stack. Aliases.
  * same taps: the same, but warpAffine to n times the output size and resize by INTER_AREA: the same filter.
The floor is what the memory system needs for the same data: source pixels under the faces read once, output
written once, at the bandwidth that a large numpy copy reaches (bytes read + bytes written) here and now.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edgeaffect import native
from edgeaffect.bench.codec import to_dict
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles
from edgeaffect.bench.stats.timing import collector_off

FRAME = (1920, 1080)
FACE = 220.0  # pixels
ROLL = math.radians(10)
SIZES = (48, 112, 224)
COUNTS = (1, 8)
BYTES_PER_PIXEL = {"bgr": 3.0, "nv12": 1.5}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
COPY_BYTES = 64 << 20  # beyond any cache

Image = NDArray[np.uint8]


def frame(color: str) -> Image:
    """A 1080p frame with detail at every scale."""
    rng = np.random.default_rng(0)
    width, height = FRAME
    rows = height if color == "bgr" else height * 3 // 2
    noise = rng.integers(0, 256, (rows, width, 3) if color == "bgr" else (rows, width), dtype=np.uint8)
    return np.asarray(cv2.GaussianBlur(noise, (0, 0), 1.5), np.uint8)


def matrices(count: int, size: int) -> NDArray[np.float64]:
    """Output-to-frame maps of `count` faces spread over the frame, at sub-pixel places."""
    c, s = (f(ROLL) * FACE / size for f in (math.cos, math.sin))
    result = []
    for i in range(count):
        x, y = 240 + i % 4 * 470 + 0.37 * i, 270 + i // 4 * 520 + 0.61 * i
        result.append([[c, -s, x - (c - s) * size / 2], [s, c, y - (s + c) * size / 2]])
    return np.array(result)


def chain(image: Image, color: str, maps: NDArray[np.float64], size: int, taps: int) -> NDArray[np.float32]:
    """OpenCV + NumPy; `taps` > 1 warps to taps times the size and averages."""
    bgr = cv2.cvtColor(image, cv2.COLOR_YUV2BGR_NV12) if color == "nv12" else image
    crops = []
    for m in maps:
        # OpenCV's pixel centres are integers: shift by half a pixel on both sides of the map.
        m = np.array([[*(m[0, :2] / taps), m[0, 2]], [*(m[1, :2] / taps), m[1, 2]]])
        m[:, 2] += m[:, :2] @ (0.5, 0.5) - 0.5
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        crop = cv2.warpAffine(bgr, m, (size * taps, size * taps), flags=flags)
        if taps > 1:
            crop = cv2.resize(crop, (size, size), interpolation=cv2.INTER_AREA)
        crop = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)
        value = (crop.astype(np.float32) / np.float32(255) - np.asarray(MEAN, np.float32)) / np.asarray(STD, np.float32)
        crops.append(np.ascontiguousarray(value.transpose(2, 0, 1)))
    return np.stack(crops)


def readings(calls: Sequence[Callable[[], Any]], seconds: float) -> list[list[float]]:
    """CPU seconds of each call, every reading; the calls take turns until the time is over."""
    for call in calls:
        call()
    taken: list[list[float]] = [[] for _ in calls]
    with collector_off():
        end = time.perf_counter() + seconds
        while time.perf_counter() < end or len(taken[0]) < 5:
            for call, times in zip(calls, taken, strict=True):
                start = time.thread_time_ns()
                call()
                times.append((time.thread_time_ns() - start) * 1e-9)
    return taken


def interleaved(calls: Sequence[Callable[[], Any]], seconds: float) -> list[float]:
    """Median CPU seconds of each call."""
    return [statistics.median(times) for times in readings(calls, seconds)]


def copy_bandwidth() -> float:
    """Bytes per second that a copy larger than the caches reads and writes."""
    source = np.ones(COPY_BYTES, np.uint8)
    target = np.empty_like(source)
    (seconds,) = interleaved([lambda: np.copyto(target, source)], 0.3)
    return 2 * COPY_BYTES / seconds


def row(color: str, count: int, size: int, bandwidth: float, seconds: float) -> dict[str, Any]:
    image, maps = frame(color), matrices(count, size)
    out = np.empty((count, 3, size, size), np.float32)
    taps = max(1, math.ceil(FACE / size))

    def fused() -> None:
        native.crop_normalize(image, maps, (size, size), color=color, mean=MEAN, std=STD, out=out)

    taken = readings(
        [fused, lambda: chain(image, color, maps, size, 1), lambda: chain(image, color, maps, size, taps)], seconds
    )
    ours, one_tap, same_taps = (statistics.median(times) for times in taken)
    least, _, least_same = (min(times) for times in taken)
    floor = (count * FACE * FACE * BYTES_PER_PIXEL[color] + out.nbytes) / bandwidth
    return {
        "from": color,
        "faces": count,
        "to px": size,
        "taps": taps * taps,
        "crop_normalize us": round(ours * 1e6, 1),
        "one tap us": round(one_tap * 1e6, 1),
        "times faster": round(one_tap / ours, 1),
        "same taps us": round(same_taps * 1e6, 1),
        "times faster, same taps": round(same_taps / ours, 1),
        "times the memory floor": round(ours / floor, 1),
        "least us": round(least * 1e6, 1),
        "least: times faster, same taps": round(least_same / least, 1),
        "least: times the memory floor": round(least / floor, 1),
    }


def rows(seconds: float = 0.5) -> list[dict[str, Any]]:
    """One row per format, number of faces and output size."""
    cv2.setNumThreads(1)
    bandwidth = copy_bandwidth()
    return [
        row(color, count, size, bandwidth, seconds) for color in BYTES_PER_PIXEL for count in COUNTS for size in SIZES
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", metavar="FILE", help="also write the rows, the machine and the commit to FILE")
    parser.add_argument("--seconds", type=float, default=0.5, help="measuring time per row (default %(default)s)")
    options = parser.parse_args()
    table = rows(options.seconds)
    widths = {key: max(len(key), *(len(str(r[key])) for r in table)) for key in table[0]}
    print("  ".join(key.rjust(width) for key, width in widths.items()))
    for r in table:
        print("  ".join(str(r[key]).rjust(width) for key, width in widths.items()))
    bandwidth = copy_bandwidth()
    facts = {
        "commit": hardware.commit(),
        "machine": to_dict(hardware.identity(SystemFiles())),
        "opencv": cv2.__version__,
        "simd": native.simd(),
        "copy_bytes_per_second": bandwidth,
    }
    print(f"arithmetic {facts['simd']}, OpenCV {facts['opencv']}, copy {bandwidth / 1e9:.1f} GB/s")
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump({**facts, "rows": table}, file, indent=1)


if __name__ == "__main__":
    main()
