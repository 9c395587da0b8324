"""CPU seconds per second of video, and what they cost in accuracy: `python -m benchmarks.low_power`.

A camera pans, zooms and rolls over a real portrait at walking pace (`benchmarks.tracking`), 640 x 480, 30 frames a
second, sensor noise of 4 grey values. Columns: milliseconds of a frame (least, median); CPU seconds of the process per
second of video; share of frames whose label is that of the defaults; mean difference of valence from theirs; mean
overlap of the box with the true one.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from benchmarks import tracking
from edgeaffect import FaceDetector, Pipeline, native
from edgeaffect.bench.host import hardware
from edgeaffect.bench.host.system_files import SystemFiles

_SECONDS = 5
SETTINGS: dict[str, dict[str, Any]] = {
    "defaults": {},
    "two threads": {"threads": 2},
    "low power": {"max_side": 256, "detect_interval": 0.2, "affect_interval": 0.2},
    "low power, 320": {"detect_interval": 0.2, "affect_interval": 0.2},
    "first look": {"first_look": "affect-nano"},
    "low power, first look": {
        "max_side": 256, "detect_interval": 0.2, "affect_interval": 0.2, "first_look": "affect-nano",
    },
    "too low": {"max_side": 256, "detect_interval": 0.5, "affect_interval": 0.2},
}  # fmt: skip


def main() -> None:
    """Print the table."""
    import cv2
    from skimage import data

    portrait = np.ascontiguousarray(data.astronaut()[..., ::-1])
    with FaceDetector(device="cpu", max_side=0) as detector:
        box = detector.detect(portrait).boxes[0].astype(np.float64)
    center = (box[:2] + box[2:]) / 2
    rng = np.random.default_rng(0)
    frames, truth = [], []
    for index in range(_SECONDS * tracking.FPS):
        matrix = tracking.camera(index / tracking.FPS, tracking.SPEEDS["walking"], center)
        frame = cv2.warpAffine(portrait, matrix, tracking.SIZE, borderMode=cv2.BORDER_REPLICATE)
        frames.append((frame + rng.normal(0, 4, frame.shape)).clip(0, 255).astype(np.uint8))
        at, zoom = tracking.moved(matrix, center[None])[0], float(np.hypot(*matrix[:, 0]))
        half = (box[2:] - box[:2]) / 2 * zoom
        truth.append(np.concatenate([at - half, at + half]))
    print(f"{hardware.cpu(SystemFiles()).name}, {native.VARIANT} {native.simd()}\n")
    print("| options | ms: least, median | CPU s per s | same label | valence differs by | overlap |")
    print("| --- | --- | --- | --- | --- | --- |")
    plain: list[Any] = []
    for name, options in SETTINGS.items():
        with Pipeline(device="cpu", **options) as pipeline:
            pipeline.warmup(tracking.SIZE)
            start = time.process_time()
            results = [pipeline.process(frame, index / tracking.FPS) for index, frame in enumerate(frames)]
            spent = (time.process_time() - start) / _SECONDS
        plain = plain or results
        pairs = [
            (a.faces[0].affect, b.faces[0].affect) for a, b in zip(results, plain, strict=True) if a.faces and b.faces
        ]
        read = [(a, b) for a, b in pairs if a is not None and b is not None]
        same = np.mean([a.label == b.label for a, b in read])
        apart = np.mean([abs(a.valence - b.valence) for a, b in read])
        overlaps = [
            tracking.overlap(r.faces[0].box, t) if r.faces else 0.0 for r, t in zip(results, truth, strict=True)
        ]
        totals = [result.timings_ms["total"] for result in results]
        print(
            f"| {name} | {min(totals):.2f}, {np.median(totals):.2f} | {spent:.3f} | {same:.3f} | {apart:.3f} "
            f"| {np.mean(overlaps):.3f} |"
        )


if __name__ == "__main__":
    main()
